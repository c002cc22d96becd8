import type { ClientMessageType } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint, Received } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/clip.ts'
import { outcomeTypeOf, sampleOf } from '../scene/client-sample.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { relayedTypes } from '../scene/stream.ts'
import { tokenOf } from '../scene/token.ts'

/** Writes one message in a way of its own. */
export type Spelling = (message: Wire) => string

/** A way of writing messages, with its name. */
export interface NamedSpelling {
  readonly what: string
  readonly spell: Spelling
}

/** Every type, written in each of some ways, has its ordinary outcome. */
export async function acceptsSpelling(t: CheckContext, ways: readonly NamedSpelling[]): Promise<void> {
  await Promise.all(ways.map((way) => acceptsEveryType(t, way)))
}

async function acceptsEveryType(t: CheckContext, { what, spell }: NamedSpelling): Promise<void> {
  const token = t.target.needsAuth ? await tokenOf(t) : ''
  const a = await t.open()
  const room = t.room()
  const say = (type: ClientMessageType, to: string) => {
    const message = { ...sampleOf(type, { room, to, call: t.callId(), token }), id: a.nextId() }
    return expectOutcome(a, message, spell, what)
  }
  await say('hello', '')
  if (t.target.needsAuth) await say('auth', '')
  const b = await t.client()
  await t.join(room, b)
  await say('join', '')
  if (a.all('error', ({ code }) => code === 'rate-limited').length > 0)
    t.notObserved('The server refused a join for coming too often')
  await Promise.all((['ping', 'update', ...relayedTypes, 'leave'] as const).map((type) => say(type, b.peer)))
  await say('bye', '')
}

/** Sends a message in a spelling of its own, and waits for its ordinary outcome. */
export async function expectOutcome(
  a: Endpoint,
  message: Wire,
  spell: Spelling,
  what: string,
): Promise<void> {
  const type = message['type'] as ClientMessageType
  a.sendText(spell(message))
  const expected = outcomeTypeOf(type)
  if (expected === undefined) {
    await a.expectEnd(`the end of the connection after a bye ${what}`)
    return
  }
  const { message: answer } = await a.waitFor(
    ({ message: { ref, type: answered } }) =>
      ref === message['id'] || (answered === 'error' && ref === undefined),
    `${expected} for ${indefinite(type)} ${what}`,
  )
  if (answer['type'] === expected || answer['code'] === 'rate-limited') return
  const actual = answer['type'] === 'error' ? errorInWords(answer) : String(answer['type'])
  throw new CheckFailure(`${expected} for ${indefinite(type)} ${what}`, `the outcome was ${actual}`)
}

/** An error with the server's own words, which may name the member that it does not take. */
function errorInWords({ code, message }: Wire): string {
  const own = typeof message === 'string' && message !== '' ? `, ${clip(JSON.stringify(message), 200)}` : ''
  return `the error ${String(code)}${own}`
}

/** Some members of a message, as far as they have arrived: whether they do is for another check. */
export function pick(sent: Wire, { message }: Received, ...names: readonly string[]): Wire {
  return Object.fromEntries(
    Object.entries(sent).filter(([name]) => names.includes(name) && Object.hasOwn(message, name)),
  )
}

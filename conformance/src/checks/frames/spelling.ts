import type { ClientMessageType } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint, Received } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/clip.ts'
import { withMembers } from '../scene/carriage.ts'
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
  /** Members that it adds where the message has none of the name, each of which may be why it is refused. */
  readonly members?: Wire
}

/** Says more of a failure, with which the check ends: which of the members that were added is to blame. */
type Naming = Map<unknown, () => Promise<CheckFailure | undefined>>

/** Every type, written in each of some ways, has its ordinary outcome. */
export async function acceptsSpelling(t: CheckContext, ways: readonly NamedSpelling[]): Promise<void> {
  const naming: Naming = new Map()
  try {
    await Promise.all(ways.map((way) => acceptsEveryType(t, way, naming)))
  } catch (error) {
    throw (await naming.get(error)?.()) ?? error
  }
}

async function acceptsEveryType(t: CheckContext, way: NamedSpelling, naming: Naming): Promise<void> {
  const token = t.target.needsAuth ? await tokenOf(t) : ''
  const a = await t.open()
  const room = t.room()
  const say = async (type: ClientMessageType, to: string) => {
    const sample = () => sampleOf(type, { room, to, call: t.callId(), token })
    try {
      await expectOutcome(a, { ...sample(), id: a.nextId() }, way.spell, way.what)
    } catch (error) {
      // Of a connection a hello is the first message; failed authentications are counted.
      const sender = async () => {
        if (type === 'hello') return t.open()
        await a.request({ type: 'join', room })
        return a
      }
      if (type !== 'auth' && type !== 'bye')
        naming.set(error, () => namingMember(error, way, sample, sender).catch(() => undefined))
      throw error
    }
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

/** The failure with the first of the added members that is refused as all of them are; `undefined` where none is. */
async function namingMember(
  error: unknown,
  { members = {} }: NamedSpelling,
  sample: () => Wire,
  sender: () => Promise<Endpoint>,
): Promise<CheckFailure | undefined> {
  if (!(error instanceof CheckFailure)) return undefined
  for (const [name, value] of Object.entries(members)) {
    const message = sample()
    if (Object.hasOwn(message, name)) continue
    const a = await sender()
    const added = `${JSON.stringify(name)}:${JSON.stringify(value)}`
    const code = await refusalOf(a, { ...message, id: a.nextId() }, added)
    if (code !== undefined && error.actual.startsWith(refusedWith(code)))
      return error.inWords(error.expected, `${error.actual}; so it is with the member ${added} alone`)
  }
  return undefined
}

/** The code of the error that answers a message with a further member. */
async function refusalOf(a: Endpoint, message: Wire, added: string): Promise<string | undefined> {
  const since = a.log.length
  a.sendText(withMembers(message, added))
  const { message: answer } = await a.waitFor(answers(message), 'an answer', { since })
  return answer['type'] === 'error' ? String(answer['code']) : undefined
}

/** Whether a frame is the outcome of a message: an error counts with its `ref` or without. */
function answers({ id }: Wire): (frame: Received) => boolean {
  return ({ message: { ref, type } }) => ref === id || (type === 'error' && ref === undefined)
}

function refusedWith(code: string): string {
  return `the outcome was the error ${code}`
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
  const { message: answer } = await a.waitFor(answers(message), `${expected} for ${indefinite(type)} ${what}`)
  if (answer['type'] === expected || answer['code'] === 'rate-limited') return
  const actual = answer['type'] === 'error' ? refusal(answer) : `the outcome was ${String(answer['type'])}`
  throw new CheckFailure(`${expected} for ${indefinite(type)} ${what}`, actual)
}

/** An error with the server's own words, which may name what it does not take. */
function refusal({ code, message }: Wire): string {
  const own = typeof message === 'string' && message !== '' ? `, ${clip(JSON.stringify(message), 200)}` : ''
  return `${refusedWith(String(code))}${own}`
}

/** Some members of a message, as far as they have arrived: whether they do is for another check. */
export function pick(sent: Wire, { message }: Received, ...names: readonly string[]): Wire {
  return Object.fromEntries(
    Object.entries(sent).filter(([name]) => names.includes(name) && Object.hasOwn(message, name)),
  )
}

import { capabilityOf, type ClientMessageType } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint, Received, Sendable } from '../../endpoint/endpoint.ts'
import { stringOf, type Wire } from '../../endpoint/wire.ts'
import { isAnswer } from '../scene/answer.ts'
import { carry } from '../scene/carriage.ts'
import { clientTypes, formsOfSample, optionsFor, sampleOf } from '../scene/client-sample.ts'
import { missingFrom } from '../scene/json-value.ts'
import { relayedTypes } from '../scene/stream.ts'
import { tokenIfNeeded } from '../scene/token.ts'
import {
  integerPathsOf,
  integersAsWritten,
  membersAtBounds,
  type AsWritten,
  type AtBound,
} from './well-formed-member.ts'

/** Types of which a connection takes one only, or whose refusal may end it: each message gets a connection of its own. */
const alone: ReadonlySet<ClientMessageType> = new Set(['hello', 'auth', 'bye'])

/** A valid message with every member that its type may have. */
function baseOf(t: CheckContext, type: ClientMessageType, room: string, to: string, token = ''): Wire {
  const sample = sampleOf(type, { room, to, call: t.callId(), token })
  const base: Wire = { ...sample, ...inside(sample), id: 'x' }
  const invalid = t.judge.client(base)
  // A TypeError: where the server's own ids were not valid, it is to blame (judge-check.ts).
  if (invalid !== undefined) throw new TypeError(`The kit was about to vary an invalid ${type}: ${invalid}`)
  return base
}

function formsOf(...place: Parameters<typeof baseOf>): readonly AtBound[] {
  const [t, type] = place
  const seen = new Set<string>()
  return formsOfSample(baseOf(...place))
    .flatMap((form) => membersAtBounds(type, form, t.judge))
    .filter(({ what }) => !seen.has(what) && seen.add(what))
}

/** Values that are at no bound, for members of a sample that are: so that one member at a time is. */
function inside(sample: Sendable): Wire {
  return {
    ...('negotiation' in sample ? { negotiation: 3 } : {}),
    ...('candidate' in sample
      ? { candidate: { ...sample.candidate, sdpMLineIndex: 1, usernameFragment: 'Wk4v8sA2' } }
      : {}),
  }
}

/** A message that its schema accepts may fail for many reasons, but not for its shape. */
async function acceptsBounds(t: CheckContext, type: ClientMessageType): Promise<void> {
  if (type === 'auth' && !t.target.needsAuth) t.notApplicable('The server asks for no authentication')
  if (alone.has(type)) {
    const token = type === 'auth' ? await tokenIfNeeded(t) : ''
    const forms = formsOf(t, type, t.room(), t.strangerId(), token)
    await Promise.all(
      forms.map(async ({ what, message: sample }) => {
        // A token may be good for one message only.
        const isOurs = type === 'auth' && sample['token'] === token
        const message = isOurs ? { ...sample, token: await tokenIfNeeded(t) } : sample
        const form: AtBound = { what, message }
        const sender = await (type === 'hello' ? t.open() : t.client())
        await expectNoBadMessage(sender, type, [form])
      }),
    )
    return
  }
  const { room, a, b } = await t.pair()
  await expectNoBadMessage(a, type, formsOf(t, type, room, b.peer))
}

async function expectNoBadMessage(
  sender: Endpoint,
  type: ClientMessageType,
  forms: readonly AtBound[],
): Promise<void> {
  const since = sender.log.length
  const sent = forms.map(({ what, message }) => {
    const id = message['id'] === 'x' ? sender.nextId() : String(message['id'])
    sender.sendText(JSON.stringify({ ...message, id }))
    return { what, id }
  })
  const answered =
    type === 'bye'
      ? presupposing('connection.bye', sender.expectEnd('the end of the connection after a valid bye'))
      : presupposing(
          'outcomes.exactly-one',
          sender.waitFor(isAnswer, 'the outcome of each', { nth: forms.length, since }),
        )
  await expectNone(sender, since, sent, answered)
}

/** Once all has been answered, or nothing more comes: none of it was refused for its shape. */
async function expectNone(
  sender: Endpoint,
  since: number,
  sent: readonly { readonly what: string; readonly id: string }[],
  answered: Promise<unknown>,
): Promise<void> {
  const [settled] = await Promise.allSettled([answered])
  const refused = sender.log.slice(since).find(isBadMessage)
  if (refused) {
    const named = sent.find(({ id }) => id === stringOf(refused.message, 'ref')) ?? sent[0]
    const what = `no bad-message for ${named?.what ?? 'a valid message'}: its schema accepts it`
    throw new CheckFailure(what, 'the error was bad-message').shownBy(refused.text)
  }
  if (settled.status === 'rejected') throw settled.reason
}

/** An integer is one however JSON writes it. */
async function acceptsIntegersAsWritten(t: CheckContext, types: readonly ClientMessageType[]): Promise<void> {
  const { room, a, b } = await t.pair()
  for (const type of types) {
    const forms = integersAsWritten(type, baseOf(t, type, room, b.peer))
    if (alone.has(type)) await Promise.all(forms.map(async (form) => sendAsWritten(await t.open(), [form])))
    else await sendAsWritten(a, forms)
  }
}

async function sendAsWritten(sender: Endpoint, forms: readonly AsWritten[]): Promise<void> {
  const since = sender.log.length
  const sent = forms.map(({ what, textOf }) => {
    const id = sender.nextId()
    sender.sendText(textOf(id))
    return { id, what }
  })
  const answered = sender.waitFor(isAnswer, 'the outcome of each', { nth: sent.length, since })
  await expectNone(sender, since, sent, presupposing('outcomes.exactly-one', answered))
}

function isBadMessage({ message }: Received): boolean {
  return message['type'] === 'error' && message['code'] === 'bad-message'
}

/** What is at a bound of its schema is delivered like everything else. */
async function deliversBounds(t: CheckContext, type: (typeof relayedTypes)[number]): Promise<void> {
  const way = await t.pair()
  const forms = formsOf(t, type, way.room, way.b.peer).filter(({ message }) => message['id'] === 'x')
  const letters = forms.map(
    ({ message }) =>
      (call: string) =>
        JSON.stringify({ ...message, id: way.a.nextId(), call }),
  )
  for (const { sent, arrived } of await carry(t, way, letters, (place) => forms[place]?.what ?? type)) {
    const difference = missingFrom(sent, arrived.message)
    if (difference === undefined) continue
    // It was delivered: how, is what others look at.
    const failure = new CheckFailure(`${type} delivered as it was sent`, difference)
    throw Object.assign(failure, { presupposes: 'relay.members' } as const)
  }
}

const typesWithIntegers = clientTypes.filter((type) => integerPathsOf(type).length > 0)

/** Checks of what the schema of a message allows, at its bounds. */
export const boundChecks: readonly Check[] = [
  ...clientTypes.map((type) =>
    check(
      'frames.good-shape',
      `each member of ${type} at its bounds`,
      (t) => acceptsBounds(t, type),
      optionsFor(type),
    ),
  ),
  ...[...new Set(typesWithIntegers.map(capabilityOf))].map((capability) => {
    const types = typesWithIntegers.filter((type) => capabilityOf(type) === capability)
    return check(
      'frames.good-shape',
      `each integer of ${types.join(', ')} however JSON writes it`,
      (t) => acceptsIntegersAsWritten(t, types),
      capability === undefined ? { name: 'integers' } : { name: `integers-${capability}`, capability },
    )
  }),
  ...relayedTypes.map((type) =>
    check('relay.delivered', `each member of ${type} at its bounds`, (t) => deliversBounds(t, type), {
      name: `bounds-${type}`,
    }),
  ),
]

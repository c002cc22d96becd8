import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint, Received, Sendable } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { hear as hearCustom, saying } from '../custom/stage.ts'
import { cannotInvite, hear, inCall, mayRefuseAnybody } from '../calls/stage.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { differenceOf } from '../scene/json-value.ts'
import { fits } from '../scene/membership.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { expectAccepted } from '../scene/refusal.ts'
import { nested, shapes } from './nested-value.ts'

/** Name of the member that is nested. */
const deepName = 'com.example.deep'

/** Fails unless a member of a message has arrived as it was sent. */
function expectSame(name: string, sent: Wire, { message, text }: Received, what: string): void {
  const difference = name in message ? differenceOf(sent[name], message[name], name) : `${name} is missing`
  if (difference !== undefined)
    throw new CheckFailure(`${what} delivered as it was sent`, difference).shownBy(text)
}

/** Something that is said first with a flat value, then with nested ones: what fails with the flat one is no matter of nesting. */
interface Form {
  readonly value: unknown
  /** What the messages are like, in words. */
  readonly what: string
  /** A step of the flat form; `requirement` is what it is about there. */
  readonly step: <T>(requirement: ServerRequirementId, step: Promise<T>) => Promise<T>
}

const forms: readonly Form[] = [
  { value: 1, what: 'not nested', step: presupposing },
  ...shapes.map((shape): Form => ({
    value: JSON.parse(nested(15, shape)) as unknown,
    what: `nested 16 levels deep (${shape === 'both' ? 'objects in arrays' : `${shape}s`})`,
    step: (_requirement, step) => step,
  })),
]

/** Messages of an application: to one and to everybody. */
async function carriesCustom(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (const [place, { value, what: like, step }] of forms.entries())
    for (const to of [b.peer, undefined]) {
      const n = 2 * place + (to === undefined ? 1 : 0)
      const what = `a custom message to ${to === undefined ? 'everybody' : 'one member'}, ${like}`
      const deep = { [deepName]: value }
      const carried = async () => {
        await saying(a, { room, n, ...deep, ...(to === undefined ? {} : { to }) }, what)
        expectSame(deepName, deep, await hearCustom(b, n, `the delivery of ${what}`), what)
      }
      await step(to === undefined ? 'custom.all' : 'custom.one', carried())
    }
}

/** Sends one message of a call, which has to be accepted, and to arrive. */
async function carryOne(
  from: Endpoint,
  to: Endpoint,
  message: Sendable & Wire,
  { value, what: like }: Form,
): Promise<void> {
  const what = `${indefinite(message.type)} of a call, ${like}`
  const deep = { [deepName]: value }
  await expectAccepted(from.post({ ...message, ...deep }), 'ok', what)
  const arrived = await hear(to, message.type, String(message['call']), `the delivery of ${what}`)
  // What a server tells of a call is made by itself; only what a party says to the other is carried.
  if ('to' in message) expectSame(deepName, deep, arrived, what)
}

/** Data where it fits into `limits.dataBytes`, and otherwise a member that the server does not know. */
async function ringWith(t: CheckContext, a: Endpoint, b: Endpoint, form: Form): Promise<string> {
  const call = t.callId()
  const nestedIn = fits(t, form.value) ? 'data' : deepName
  const members = { [nestedIn]: form.value }
  const what = `an invite with ${nestedIn}, ${form.what}`
  const outcome = await a.request({ type: 'invite', call, callee: { peer: b.peer }, ...members })
  if (mayRefuseAnybody(outcome)) cannotInvite(t)
  if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${what}`)
  const told = await form.step('ring.invited', hear(b, 'invite', call, `the delivery of ${what}`))
  if (nestedIn === 'data') expectSame('data', members, told, what)
  return call
}

/** Every message of a call, from the invite to the hangup. */
async function carriesCalls(t: CheckContext): Promise<void> {
  const { a, b } = await t.pair()
  for (const form of forms) {
    const { step } = form
    const call = await step('ring.carried', ringWith(t, a, b, form))
    await step('ring.ringing', carryOne(b, a, { type: 'ringing', call }, form))
    await step('ring.accept', carryOne(b, a, { type: 'accept', call }, form))
    const place = { room: '', to: b.peer, call }
    for (const relayed of [offerTo(place), answerTo(place), candidateTo(place), hangupTo(place)])
      await step('talk.delivered', carryOne(a, b, inCall(relayed), form))
  }
}

/** Checks of spec/frames.md about nested values in messages of capabilities. */
export const nestedElsewhereChecks: readonly Check[] = [
  check('frames.nesting', 'messages of an application 16 levels deep', carriesCustom, {
    name: 'custom',
    capability: 'custom',
    hostile: true,
  }),
  check('frames.nesting', 'messages of a call 16 levels deep', carriesCalls, {
    name: 'calls',
    capability: 'calls',
    hostile: true,
  }),
]

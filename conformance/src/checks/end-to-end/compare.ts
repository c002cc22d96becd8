import { isDeepStrictEqual } from 'node:util'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import { clip } from '../../observer/frame-observer.ts'
import { amounts } from '../../peer/amounts.ts'
import type { CallMessage, DeliveredCallMessage } from '../../peer/call-message.ts'
import type { Participant } from './participant.ts'

/**
 * Fails where what a sender's calls have sent to a receiver is not what has arrived there; a marker sent later has.
 *
 * @param due - How many of the sender's messages were sent before the marker: what came after it may still be under way.
 */
export async function compare(
  t: CheckContext,
  sender: Participant,
  receiver: Participant,
  due: number,
): Promise<void> {
  const [sent, got] = lane(sender, receiver)
  const failed = differenceOf(sender, receiver, sent, got, sender.sent.slice(0, due))
  if (!failed) return
  const name = `${sender.endpoint.name} to ${receiver.endpoint.name}`
  t.evidence.push(`from ${name}: sent ${countOf(sent)}; arrived ${countOf(got)}`)
  const late = failed.missing && (await cameLate(sender, receiver, failed.missing))
  throw late ? new CheckFailure(failed.failure.expected, late) : failed.failure
}

/** What a sender's calls have sent to a receiver, and what of theirs has arrived there. */
function lane(
  sender: Participant,
  receiver: Participant,
): readonly [readonly CallMessage[], readonly DeliveredCallMessage[]] {
  const known = new Set(sender.sent.map(({ call }) => call))
  return [
    sender.sent.filter(({ to }) => to === receiver.address),
    receiver.received.filter(({ from, call }) => from === sender.address && known.has(call)),
  ]
}

/** What was overtaken by the marker has not been lost: it is waited for once more, to say which of the two it was. */
async function cameLate(
  sender: Participant,
  receiver: Participant,
  missing: CallMessage,
): Promise<string | undefined> {
  try {
    await receiver.endpoint.waitFor(
      ({ message }) =>
        isDeepStrictEqual({ ...message, from: sender.address }, { ...missing, from: sender.address }),
      describe(missing),
    )
    return 'it came only after a hangup that was sent later'
  } catch (error) {
    if (error instanceof CheckFailure || error instanceof Undecided) return undefined
    throw error
  }
}

interface Difference {
  readonly failure: CheckFailure
  /** The message that is not there. */
  readonly missing?: CallMessage
}

function differenceOf(
  sender: Participant,
  receiver: Participant,
  sent: readonly CallMessage[],
  got: readonly DeliveredCallMessage[],
  due: readonly CallMessage[],
): Difference | undefined {
  for (const [place, message] of sent.filter((each) => due.includes(each)).entries()) {
    const arrived = got[place]
    const nth = `message ${String(place + 1)} of ${String(sent.length)} from ${sender.endpoint.name} to ${receiver.endpoint.name}`
    const delivery = `the delivery of ${nth}, ${describe(message)}`
    if (!arrived) return { failure: new CheckFailure(delivery, 'it did not arrive'), missing: message }
    const { from: _from, ...rest } = arrived
    if (isDeepStrictEqual(rest, message)) continue
    if (got.some((other) => sameBut(other, message))) {
      const actual = `${describe(arrived)} came in its place`
      return { failure: new CheckFailure(`${nth} to be ${describe(message)}`, actual) }
    }
    if (sent.some((other) => sameBut(arrived, other))) {
      const actual = `it did not arrive; ${describe(arrived)} did`
      return { failure: new CheckFailure(delivery, actual), missing: message }
    }
    const unchanged = `${nth}, ${describe(message)}, with every member unchanged`
    return { failure: new CheckFailure(unchanged, difference(message, rest)) }
  }
  const extra = got[sent.length]
  if (!extra) return undefined
  const expected = `${String(sent.length)} messages from ${sender.endpoint.name}`
  return { failure: new CheckFailure(expected, `one more came: ${describe(extra)}`) }
}

function sameBut({ from: _from, ...rest }: DeliveredCallMessage, message: CallMessage): boolean {
  return isDeepStrictEqual(rest, message)
}

/** A message in a few words. */
export function describe(message: CallMessage | DeliveredCallMessage): string {
  if (message.type === 'hangup') return `a hangup (${message.reason})`
  if (message.type !== 'candidate') return `an ${message.type} (negotiation ${String(message.negotiation)})`
  const line = message.candidate.candidate === '' ? 'the end of candidates' : 'a candidate'
  return `${line} (negotiation ${String(message.negotiation)}, ${message.candidate.usernameFragment})`
}

function difference(sent: object, got: object): string {
  const before = sent as Readonly<Record<string, unknown>>
  const after = got as Readonly<Record<string, unknown>>
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]))
  return `changed on the way: ${changed.map((name) => `${name} (${change(before[name], after[name])})`).join(', ')}`
}

/** The first place at which two values differ, in words. */
function change(before: unknown, after: unknown): string {
  if (typeof before !== 'string' || typeof after !== 'string') {
    const text = (value: unknown) => (value === undefined ? 'nothing' : clip(JSON.stringify(value)))
    return `sent ${text(before)}, arrived ${text(after)}`
  }
  const [sent, got] = [before.split('\r\n'), after.split('\r\n')]
  const place = sent.findIndex((line, index) => line !== got[index])
  if (place === -1) return `${String(got.length - sent.length)} lines were added`
  const line = (text: string | undefined) => (text === undefined ? 'nothing' : clip(JSON.stringify(text)))
  return `line ${String(place + 1)}: sent ${line(sent[place])}, arrived ${line(got[place])}`
}

function countOf(messages: readonly (CallMessage | DeliveredCallMessage)[]): string {
  const kinds = messages.map((message) =>
    message.type === 'candidate' && message.candidate.candidate === '' ? 'end of candidates' : message.type,
  )
  return amounts(kinds, 'nothing')
}

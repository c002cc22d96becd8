import { isDeepStrictEqual } from 'node:util'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost, Undecided } from '../../engine/failure.ts'
import type { CallMessage, DeliveredCallMessage } from '../../peer/call-message.ts'
import { CallWaitError } from '../../peer/call-wait-error.ts'
import { PeerLibraryError } from '../../peer/peer-library-error.ts'
import { PeerOperationError } from '../../peer/peer-operation-error.ts'
import { SignalingError } from '../../peer/signaling-error.ts'
import type { Participant } from './participant.ts'

/**
 * Does something with real peers, and decides whose fault it is when that fails. What the calls sent and what arrived is compared in any
 * case: what is missing, changed, doubled or strange is the server's, everything else that breaks is the library's or the network's.
 */
export async function withPeers(
  t: CheckContext,
  participants: readonly Participant[],
  work: () => Promise<void>,
): Promise<void> {
  let over = false
  const working = work().finally(() => {
    over = true
  })
  // A message that the server has lost would be waited for much longer than its delivery is allowed to take.
  const watching = dueTime(t).then(async () => {
    if (!over) await audit(t, participants)
  })
  try {
    await Promise.race([working, watching.then(() => working)])
  } catch (error) {
    if (error instanceof CheckFailure || error instanceof Undecided || error instanceof PeerLibraryError)
      throw error
    await audit(t, participants)
    throw blameOf(error)
  }
  await audit(t, participants)
}

function dueTime(t: CheckContext): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, t.dueMs)
    timer.unref()
    t.defer(() => {
      clearTimeout(timer)
      resolve()
      return Promise.resolve()
    })
  })
}

/** Signaling is in order: what broke is the library, or the network between the peers. */
function blameOf(error: unknown): unknown {
  if (
    error instanceof CallWaitError ||
    error instanceof PeerOperationError ||
    error instanceof SignalingError
  ) {
    const words = `Signaling was complete and unchanged, but the peers did not get there: ${error.message}`
    return new Undecided('could-not-run', words)
  }
  return error
}

/** Compares what was sent with what has arrived, between all participants of each room. */
export async function audit(t: CheckContext, participants: readonly Participant[]): Promise<void> {
  for (const { endpoint, sent } of participants) {
    const [refused] = endpoint.all('error', ({ ref }) => ref === undefined)
    if (refused && sent.length > 0) {
      throw new CheckFailure(
        'acceptance of what the calls sent',
        `an error came: ${refused.code} (${refused.message})`,
      )
    }
    // The kit cuts no connection of a participant that is audited.
    if (endpoint.end) throw new ConnectionLost('a connection that lasts as long as the calls', 'it ended')
  }
  const lanes = participants.flatMap((sender) =>
    participants
      .filter((receiver) => receiver !== sender && receiver.room === sender.room)
      .map((receiver) => ({ sender, receiver })),
  )
  await Promise.all(
    lanes.map(async ({ sender, receiver }) => {
      await mark(t, sender, receiver)
      compare(sender, receiver)
    }),
  )
  for (const receiver of participants) refuseStrangers(receiver, participants)
}

/** Sends a marker behind everything that the sender has sent to the receiver, and waits for it. */
async function mark(t: CheckContext, sender: Participant, receiver: Participant): Promise<void> {
  // Not one that a sender knows: `compare` leaves out what no call of its has sent.
  const call = t.callId()
  sender.endpoint.send({ type: 'hangup', to: receiver.address, room: sender.room, call, reason: 'normal' })
  await receiver.endpoint.expect(
    'hangup',
    (message) => message.call === call,
    `the marker sent last (hangup of call ${call})`,
  )
}

function compare(sender: Participant, receiver: Participant): void {
  const known = new Set(sender.sent.map(({ call }) => call))
  const sent = sender.sent.filter(({ to }) => to === receiver.address)
  const got = receiver.received.filter(({ from, call }) => from === sender.address && known.has(call))
  for (const [place, message] of sent.entries()) {
    const arrived = got[place]
    const nth = `message ${String(place + 1)} of ${String(sent.length)} from ${sender.endpoint.name} to ${receiver.endpoint.name}`
    if (!arrived) throw new CheckFailure(`the delivery of ${nth}, ${describe(message)}`, 'it did not arrive')
    const { from: _from, ...rest } = arrived
    if (isDeepStrictEqual(rest, message)) continue
    if (got.some((other) => sameBut(other, message))) {
      throw new CheckFailure(`${nth} to be ${describe(message)}`, `${describe(arrived)} came in its place`)
    }
    if (sent.some((other) => sameBut(arrived, other))) {
      throw new CheckFailure(
        `the delivery of ${nth}, ${describe(message)}`,
        `it did not arrive; ${describe(arrived)} did`,
      )
    }
    throw new CheckFailure(
      `${nth}, ${describe(message)}, with every member unchanged`,
      difference(message, rest),
    )
  }
  const extra = got[sent.length]
  if (extra) {
    throw new CheckFailure(
      `${String(sent.length)} messages from ${sender.endpoint.name}`,
      `one more came: ${describe(extra)}`,
    )
  }
}

function sameBut({ from: _from, ...rest }: DeliveredCallMessage, message: CallMessage): boolean {
  return isDeepStrictEqual(rest, message)
}

/** What no participant of the room has sent must not arrive. */
function refuseStrangers(receiver: Participant, participants: readonly Participant[]): void {
  const senders = new Set(
    participants.filter(({ room }) => room === receiver.room).map(({ address }) => address),
  )
  const stranger = receiver.received.find(({ from }) => !senders.has(from))
  if (!stranger) return
  throw new CheckFailure(
    `only messages of the ${String(senders.size)} peers in the room`,
    `${describe(stranger)} came from somebody else`,
  )
}

function describe(message: CallMessage | DeliveredCallMessage): string {
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
  return `changed on the way: ${changed.join(', ')}`
}

import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost, Undecided } from '../../engine/failure.ts'
import { legs } from '../../engine/result.ts'
import { diagnoseCalls } from '../../peer/call-diagnosis.ts'
import { CallWaitError } from '../../peer/call-wait-error.ts'
import { PeerLibraryError } from '../../peer/peer-library-error.ts'
import { PeerOperationError } from '../../peer/peer-operation-error.ts'
import { SignalingError } from '../../peer/signaling-error.ts'
import { compare, describe } from './compare.ts'
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
  // A message that the server has lost would be waited for much longer than its delivery is allowed to take, or without end.
  const watch = async () => {
    for (;;) {
      await dueTime(t)
      if (over) return
      await audit(t, participants)
    }
  }
  const watching = watch()
  try {
    await Promise.race([working, watching.then(() => working)])
  } catch (error) {
    if (error instanceof CheckFailure || error instanceof Undecided || error instanceof PeerLibraryError)
      throw error
    await audit(t, participants)
    throw await blameOf(t, participants, error)
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
async function blameOf(
  t: CheckContext,
  participants: readonly Participant[],
  error: unknown,
): Promise<unknown> {
  if (
    error instanceof CallWaitError ||
    error instanceof PeerOperationError ||
    error instanceof SignalingError
  ) {
    const sides = participants.flatMap(({ endpoint, calls }) =>
      calls.history.map((call) => ({ endpoint: endpoint.name, call })),
    )
    const { leg, facts } = await diagnoseCalls(sides)
    t.evidence.push(...facts)
    const words = `Signaling was complete and unchanged, but ${legs[leg]}: ${error.message}`
    return new Undecided('could-not-run', words, leg)
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
      // What a call sends while the marker is under way may still be under way, too.
      const due = sender.sent.length
      await mark(t, sender, receiver)
      await compare(t, sender, receiver, due)
    }),
  )
  for (const receiver of participants) refuseStrangers(receiver, participants)
}

/** Sends a marker behind everything that the sender has sent to the receiver, and waits for it. */
async function mark(t: CheckContext, sender: Participant, receiver: Participant): Promise<void> {
  if (sender.mark) {
    await sender.mark(receiver)
    return
  }
  // Not one that a sender knows: `compare` leaves out what no call of its has sent.
  const call = t.callId()
  sender.endpoint.send({ type: 'hangup', to: receiver.address, room: sender.room, call, reason: 'normal' })
  await receiver.endpoint.expect(
    'hangup',
    (message) => message.call === call,
    `the marker sent last (hangup of call ${call})`,
  )
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

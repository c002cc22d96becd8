import { unexpected, type CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { stringOf, type Wire } from '../../endpoint/wire.ts'
import { isRelayed } from '../../observer/relayed.ts'
import { CallEndpoint } from '../../peer/call-endpoint.ts'
import type { CallMessage, DeliveredCallMessage } from '../../peer/call-message.ts'
import type { CallOptions } from '../../peer/call-options.ts'
import type { Participant } from '../end-to-end/participant.ts'
import { candidateTo } from '../scene/negotiation-message.ts'
import { inCall } from './stage.ts'

/** Somebody with real peers who rings, and is rung. */
export interface Party extends Participant {
  /** The next call of this party has this id: that of an invite. */
  nextCall(id: string): void
}

/** Stands for the room that a call made by `invite` has not: the kit's calls are told apart by one. */
const noRoom = 'calls'

/** Begins the text of a candidate that is a marker, and no candidate. */
const markPrefix = 'org.parley-test.mark-'

function isMark({ candidate }: Wire): boolean {
  return (stringOf((candidate ?? {}) as Wire, 'candidate') ?? '').startsWith(markPrefix)
}

/** Gives real peers to a client for whom `calls` is in force. */
export function partyWith(t: CheckContext, endpoint: Endpoint, options: CallOptions): Party {
  const sent: CallMessage[] = []
  const received: DeliveredCallMessage[] = []
  let drawn = ''
  const send = (message: CallMessage) => {
    sent.push(message)
    endpoint.send(inCall(message))
  }
  const calls = new CallEndpoint({
    room: noRoom,
    peers: t.peers,
    signaling: { send },
    incoming: () => options,
    drawCallId: () => drawn,
  })
  endpoint.onFrame(({ message }) => {
    if (!isRelayed(stringOf(message, 'type')) || 'room' in message || isMark(message)) return
    const delivered = { ...message, room: noRoom } as unknown as DeliveredCallMessage
    received.push(delivered)
    calls.receive(delivered)
  })
  t.defer(() => calls[Symbol.asyncDispose]())
  return {
    endpoint,
    address: endpoint.peer,
    room: noRoom,
    calls,
    sent,
    received,
    hold: () => undefined,
    release: () => undefined,
    mark: (receiver) => markCalls(t, { endpoint, sent }, receiver),
    nextCall: (id) => {
      drawn = id
    },
  }
}

/** Waits until all that a party has sent to another in its calls has had to arrive: a hangup ends a call, and a marker goes behind the rest. */
async function markCalls(
  t: CheckContext,
  { endpoint, sent }: Pick<Participant, 'endpoint' | 'sent'>,
  receiver: Participant,
): Promise<void> {
  const calls = new Set(sent.filter(({ to }) => to === receiver.address).map(({ call }) => call))
  for (const call of calls) {
    const hangsUp = ({ type, call: of }: CallMessage) => type === 'hangup' && of === call
    if (receiver.sent.some(hangsUp)) continue
    const candidate = `${markPrefix}${t.random.hex(12)}`
    const isOver = sent.some(hangsUp)
    if (!isOver) {
      const marker = inCall(candidateTo({ room: '', to: receiver.address, call }, { candidate }))
      const expected = `ok for what is sent last in the call ${call}`
      const outcome = await endpoint.post(marker).outcome(expected)
      // Either side may have hung up while it was under way.
      const hasEnded = sent.some(hangsUp) || receiver.sent.some(hangsUp)
      if (outcome.code === 'call-ended' && hasEnded) continue
      if (outcome.type !== 'ok') throw unexpected(outcome, expected)
    }
    await receiver.endpoint.waitFor(
      ({ message }) =>
        message['call'] === call &&
        (isOver
          ? message['type'] === 'hangup'
          : (message['candidate'] as Wire | undefined)?.['candidate'] === candidate),
      `what is sent last in the call ${call}`,
    )
  }
}

import { parleyDialect } from '../../dialect/parley.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { CallEndpoint } from '../../peer/call-endpoint.ts'
import type { CallMessage, DeliveredCallMessage } from '../../peer/call-message.ts'
import type { CallOptions } from '../../peer/call-options.ts'

/** Somebody with real peers in a room of the server under test. */
export interface Participant {
  readonly endpoint: Endpoint
  /** How others address it. */
  readonly address: string
  readonly room: string
  readonly calls: CallEndpoint
  /** What its calls have sent, in order. */
  readonly sent: CallMessage[]
  /** What has arrived for its calls, in order. */
  readonly received: DeliveredCallMessage[]
  /** Keeps what its calls send from now on, so that messages of both sides can cross. */
  hold(): void
  /** Sends what was kept, and everything at once from now on. */
  release(): void
  /** Waits until all that was sent to another one before has had to arrive; by a marker in their room where it is absent. */
  readonly mark?: (receiver: Participant) => Promise<void>
}

/** How a participant takes calls. */
export interface ParticipantOptions {
  /** Which of the kit's users. */
  readonly user?: number
  /** How incoming calls are taken. */
  readonly incoming?: CallOptions
  /** A connection that is there already, to enter a further room with. */
  readonly endpoint?: Endpoint
  /** Draws call ids where their order matters. */
  readonly drawCallId?: () => string
  /** Changes what a call sends: to add members, say. */
  readonly dress?: (message: CallMessage) => CallMessage
}

const dialect = parleyDialect

/** Lets somebody with real peers into a room. */
export async function enter(
  t: CheckContext,
  room: string,
  options: ParticipantOptions = {},
): Promise<Participant> {
  const endpoint =
    options.endpoint ?? (await dialect.connect(t, options.user === undefined ? {} : { user: options.user }))
  const sent: CallMessage[] = []
  const received: DeliveredCallMessage[] = []
  let held: CallMessage[] | undefined
  const send = (message: CallMessage) => {
    sent.push(message)
    dialect.negotiate(endpoint, message)
  }
  const calls = new CallEndpoint({
    room,
    peers: t.peers,
    signaling: {
      send: (message) => {
        const dressed = options.dress ? options.dress(message) : message
        if (held) held.push(dressed)
        else send(dressed)
      },
    },
    incoming: () => options.incoming ?? {},
    drawCallId: options.drawCallId ?? (() => t.callId()),
  })
  endpoint.onFrame(({ message }) => {
    const act = dialect.read(message, room)
    if (act?.act === 'leave') calls.peerLeft(act.peer, act.reason)
    if (act?.act !== 'negotiate') return
    received.push(act.message)
    calls.receive(act.message)
  })
  t.defer(() => calls[Symbol.asyncDispose]())
  await dialect.enter(endpoint, room)
  return {
    endpoint,
    address: dialect.addressOf(endpoint),
    room,
    calls,
    sent,
    received,
    hold: () => {
      held ??= []
    },
    release: () => {
      const waiting = held ?? []
      held = undefined
      for (const message of waiting) send(message)
    },
  }
}

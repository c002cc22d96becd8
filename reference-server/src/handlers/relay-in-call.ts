import { hangup, type CallRelay } from '@parley/schemas'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import { stampFrom } from '../frame.ts'
import { accept, refuse } from '../reply.ts'
import type { Services } from '../services.ts'
import { callRefusalText } from './call-event.ts'

/** Carries a message of the negotiation to the other party of a call. Looks at `call` and `to`, and at nothing else. */
export function relayInCall(
  message: CallRelay,
  client: Client,
  services: Services,
  frame: Buffer,
): Awaitable<void> {
  const { calls, router } = services
  const { call, to } = message
  return whenReady(calls.reach(call, client.peer, to), (reach) =>
    whenReady(reach === 'reachable' ? endedBy(message, client, services) : reach, (code) => {
      if (code !== undefined) {
        refuse(client, message, code, callRefusalText(message.type, code))
        return
      }
      const delivered = router.deliver(to, stampFrom(frame, client.stamp)) // talk.delivered, talk.as-in-a-room
      return whenReady(delivered, () => {
        accept(client, message)
      })
    }),
  )
}

/** talk.hangup: ends the call before it is delivered, so that nothing of it can follow. */
function endedBy({ type, call }: CallRelay, { peer: by }: Client, { calls }: Services) {
  if (type !== hangup.type) return undefined
  return whenReady(calls.act(call, { kind: 'hangup', by }), (result) =>
    result.kind === 'refused' ? result.code : undefined,
  )
}

import type { RelayedMessageType } from '@parley/schemas'
import type { Client } from '../client.ts'
import { whenReady } from '../directory.ts'
import { stampFrom } from '../frame.ts'
import type { Handler } from '../handler.ts'
import { refuseOutside } from '../membership-state.ts'
import { permits } from '../permission.ts'
import { accept, refuse } from '../reply.ts'

/**
 * Carries a message to another member of the room. Looks at `room` and `to`, and at nothing else: relay.no-call-state,
 * relay.unread.
 */
export const relay: Handler<RelayedMessageType> = (message, client, { directory, router }, frame) => {
  const { room, to } = message
  return whenReady(directory.reach(room, client.peer, to), (reach) => {
    if (reach === 'sender-absent') {
      refuseOutside(client, message, 'relay', `Cannot send in room "${room}": not a member`) // relay.not-in-room
      return
    }
    if (!maySend(client, room)) {
      refuse(client, message, 'forbidden', `Cannot send in room "${room}": no right to send`) // relay.forbidden
      return
    }
    if (reach === 'receiver-absent') {
      // relay.peer-not-found, relay.no-oracle: one answer, whoever the receiver is
      refuse(client, message, 'peer-not-found', `The receiver is not another member of room "${room}"`)
      return
    }
    const delivered = router.deliver(to, stampFrom(frame, client.stamp)) // relay.delivered, delivery.order
    return whenReady(delivered, () => {
      accept(client, message)
    })
  })
}

function maySend(client: Client, room: string): boolean {
  return permits(client.grants, 'send', room)
}

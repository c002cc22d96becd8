import type { RelayedMessageType } from '@parley/schemas'
import type { Connection } from '../connection.ts'
import { whenReady } from '../directory.ts'
import { stampFrom } from '../frame.ts'
import { permits } from '../permission.ts'
import { accept, refuse } from '../reply.ts'
import type { Handler } from './index.ts'

/**
 * Carries a message to another member of the room. Looks at `room` and `to`, and at nothing else: relay.no-call-state,
 * relay.unread.
 */
export const relay: Handler<RelayedMessageType> = (message, connection, { directory, router }, frame) => {
  const { room, to } = message
  return whenReady(directory.reach(room, connection.peer, to), (reach) => {
    if (reach === 'sender-absent') {
      refuse(connection, message, 'not-in-room', `Cannot send in room "${room}": not a member`) // relay.not-in-room
      return
    }
    if (!maySend(connection, room)) {
      refuse(connection, message, 'forbidden', `Cannot send in room "${room}": no right to send`) // relay.forbidden
      return
    }
    if (reach === 'receiver-absent') {
      // relay.peer-not-found, relay.no-oracle: one answer, whoever the receiver is
      refuse(connection, message, 'peer-not-found', `The receiver is not another member of room "${room}"`)
      return
    }
    const delivered = router.deliver(to, stampFrom(frame, connection.stamp)) // relay.delivered, delivery.order
    return whenReady(delivered, () => {
      accept(connection, message)
    })
  })
}

function maySend(connection: Connection, room: string): boolean {
  return permits(connection.grants, 'send', room)
}

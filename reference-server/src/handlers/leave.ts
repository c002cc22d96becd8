import { left } from '@parley/schemas'
import { whenReady } from '../directory.ts'
import type { Handler } from '../handler.ts'
import { refuseOutside } from '../membership-state.ts'
import { announceDeparture } from '../presence.ts'
import { refOf, writeMessage } from '../reply.ts'

/** Ends one membership. */
export const handleLeave: Handler<'leave'> = (message, client, { directory, router }) => {
  const { room } = message
  return whenReady(directory.leave(room, client.peer), (departure) => {
    if (departure === undefined) {
      const text = `Cannot leave room "${room}": not a member`
      refuseOutside(client, message, 'leave', text) // rooms.leave-not-in-room
      return
    }
    client.send(writeMessage(left.type, { ...refOf(message), room, reason: 'leave' })) // rooms.leave
    return announceDeparture(router, departure, client.peer, 'leave')
  })
}

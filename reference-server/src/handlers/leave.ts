import { left } from '@parley/schemas'
import { whenReady } from '../directory.ts'
import { announceDeparture } from '../presence.ts'
import { refOf, refuse, writeMessage } from '../reply.ts'
import type { Handler } from './index.ts'

/** Ends one membership. */
export const handleLeave: Handler<'leave'> = (message, connection, { directory, router }) => {
  const { room } = message
  return whenReady(directory.leave(room, connection.peer), (departure) => {
    if (departure === undefined) {
      const text = `Cannot leave room "${room}": not a member`
      refuse(connection, message, 'not-in-room', text) // rooms.leave-not-in-room
      return
    }
    connection.send(writeMessage(left.type, { ...refOf(message), room, reason: 'leave' })) // rooms.leave
    return announceDeparture(router, departure, connection.peer, 'leave')
  })
}

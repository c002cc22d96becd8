import { peerUpdated } from '@parley/schemas'
import { writeData } from '../application-data.ts'
import { whenReady } from '../directory.ts'
import { announce } from '../presence.ts'
import { accept, refuse } from '../reply.ts'
import type { Handler } from './index.ts'

/** Changes the data of a membership. */
export const handleUpdate: Handler<'update'> = (message, connection, { directory, router, options }) => {
  const { room } = message
  const data = writeData(message.data)
  if (!data.ok) {
    refuse(connection, message, 'bad-message', `/data: ${data.detail}`)
    return
  }
  if (data.bytes > options.dataBytes) {
    const text = `Cannot update data in room "${room}": it has ${data.bytes} bytes, the limit is ${options.dataBytes}`
    refuse(connection, message, 'too-large', text) // limits.data
    return
  }
  return whenReady(directory.update(room, connection.peer, data.text), (result) => {
    if (result === undefined) {
      const text = `Cannot update data in room "${room}": not a member`
      refuse(connection, message, 'not-in-room', text) // rooms.update-not-in-room
      return
    }
    accept(connection, message)
    return announce(router, peerUpdated.type, room, result.self, result.notices) // rooms.update
  })
}

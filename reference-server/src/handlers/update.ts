import { peerUpdated } from '@parley/schemas'
import { writeData } from '../application-data.ts'
import { whenReady } from '../directory.ts'
import type { Handler } from '../handler.ts'
import { refuseOutside } from '../membership-state.ts'
import { announce } from '../presence.ts'
import { accept, refuse } from '../reply.ts'

/** Changes the data of a membership. */
export const handleUpdate: Handler<'update'> = (message, client, { directory, router, options }, frame) => {
  const { room } = message
  const data = writeData(message.data, frame.toString())
  if (!data.ok) {
    refuse(client, message, 'bad-message', data.detail)
    return
  }
  if (data.bytes > options.dataBytes) {
    const text = `Cannot update data in room "${room}": it has ${data.bytes} bytes, the limit is ${options.dataBytes}`
    refuse(client, message, 'too-large', text) // limits.data
    return
  }
  return whenReady(directory.update(room, client.peer, data.text), (result) => {
    if (result === undefined) {
      const text = `Cannot update data in room "${room}": not a member`
      refuseOutside(client, message, 'update', text) // rooms.update-not-in-room
      return
    }
    accept(client, message)
    return announce(router, peerUpdated.type, room, result.self, result.notices) // rooms.update, rooms.equal-data, rooms.updated-in-order
  })
}

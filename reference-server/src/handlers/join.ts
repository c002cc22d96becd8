import { peerJoined, peerUpdated } from '@parley/schemas'
import { writeData } from '../application-data.ts'
import { whenReady } from '../directory.ts'
import { permits } from '../permission.ts'
import { announce, writeJoined } from '../presence.ts'
import { refOf, refuse } from '../reply.ts'
import type { RoomMember } from '../room.ts'
import type { Handler } from './index.ts'

/** Makes the peer a member of a room. */
export const handleJoin: Handler<'join'> = (message, connection, { directory, router, options }) => {
  const { room } = message
  const failed = `Cannot join room "${room}"`
  if (!permits(connection.grants, 'join', room)) {
    refuse(connection, message, 'forbidden', `${failed}: no right to join`) // rooms.forbidden: whether it exists or not
    return
  }
  const data = message.data === undefined ? undefined : writeData(message.data)
  if (data?.ok === false) {
    refuse(connection, message, 'bad-message', `/data: ${data.detail}`)
    return
  }
  if (data !== undefined && data.bytes > options.dataBytes) {
    const text = `${failed}: data has ${data.bytes} bytes, the limit is ${options.dataBytes}`
    refuse(connection, message, 'too-large', text) // limits.data
    return
  }
  const { peer, user } = connection
  const member: RoomMember = {
    peer,
    ...(user === undefined ? {} : { user }), // rooms.user
    ...(data === undefined ? {} : { data: data.text }),
  }
  return whenReady(directory.join(room, member), (result) => {
    if (result.kind === 'full') {
      const text = `${failed}: capacity is ${options.membersPerRoom} peers`
      refuse(connection, message, 'room-full', text) // rooms.full
      return
    }
    if (result.kind === 'too-many-rooms') {
      const text = `${failed}: a peer may be in ${options.roomsPerPeer} rooms`
      refuse(connection, message, 'forbidden', text) // limits.rooms
      return
    }
    connection.send(writeJoined(room, result, refOf(message))) // rooms.joined, rooms.joined-first
    // rooms.peer-joined, rooms.rejoin-data
    const type = result.kind === 'entered' ? peerJoined.type : peerUpdated.type
    return announce(router, type, room, result.self, result.notices)
  })
}

import { peerJoined, peerUpdated } from '@parley/schemas'
import { writeData } from '../application-data.ts'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable, type Directory } from '../directory.ts'
import type { Draining } from '../draining.ts'
import type { Handler } from '../handler.ts'
import { permits } from '../permission.ts'
import { announce, writeJoined } from '../presence.ts'
import { refOf, refuse } from '../reply.ts'
import type { RoomMember } from '../room.ts'

/** Makes the peer a member of a room. */
export const handleJoin: Handler<'join'> = (
  message,
  client,
  { directory, router, options, draining },
  frame,
) => {
  const { room } = message
  const failed = `Cannot join room "${room}"`
  if (!permits(client.grants, 'join', room)) {
    refuse(client, message, 'forbidden', `${failed}: no right to join`) // rooms.forbidden: whether it exists or not
    return
  }
  const data = message.data === undefined ? undefined : writeData(message.data, frame.toString())
  if (data?.ok === false) {
    refuse(client, message, 'bad-message', data.detail)
    return
  }
  if (data !== undefined && data.bytes > options.dataBytes) {
    const text = `${failed}: data has ${data.bytes} bytes, the limit is ${options.dataBytes}`
    refuse(client, message, 'too-large', text) // limits.data
    return
  }
  const { peer, user } = client
  const member: RoomMember = {
    peer,
    ...(user === undefined ? {} : { user }), // rooms.user
    ...(data === undefined ? {} : { data: data.text }),
    ...(client.inForce.has('custom') ? { custom: true } : {}),
  }
  return whenReady(mayEnter(room, client, directory, draining), (mayJoin) => {
    if (!mayJoin) {
      refuse(client, message, 'draining', `${failed}: this server is about to end`) // drain.joins
      return undefined
    }
    return whenReady(directory.join(room, member), (result) => {
      if (result.kind === 'full') {
        const text = `${failed}: capacity is ${options.membersPerRoom} peers`
        refuse(client, message, 'room-full', text) // rooms.full
        return
      }
      if (result.kind === 'too-many-rooms') {
        const text = `${failed}: a peer may be in ${options.roomsPerPeer} rooms`
        refuse(client, message, 'forbidden', text) // limits.rooms
        return
      }
      client.send(writeJoined(room, result, refOf(message))) // rooms.joined, rooms.joined-first
      // rooms.peer-joined, rooms.rejoin-data, rooms.equal-data
      const type = result.kind === 'entered' ? peerJoined.type : peerUpdated.type
      return announce(router, type, room, result.self, result.notices)
    })
  })
}

/** drain.joins: a member may join again. drain.untold: to a client that cannot be told to go elsewhere nothing changes. */
function mayEnter(
  room: string,
  { peer, inForce }: Client,
  directory: Directory,
  draining: Draining,
): Awaitable<boolean> {
  if (!draining.hasBegun || !inForce.has('drain')) return true
  return whenReady(directory.reach(room, peer, peer), (reach) => reach !== 'sender-absent')
}

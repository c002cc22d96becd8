import { joined, peerLeft, type LeaveReason, type RoomName, type ServerMessageType } from '@parley/schemas'
import type { Awaitable, Departure, Joining } from './directory.ts'
import type { Frame } from './frame.ts'
import { writeMessage } from './reply.ts'
import type { Notice, RoomMember } from './room.ts'
import type { Router } from './router.ts'

/** Writes `joined` for the peer that has joined. */
export function writeJoined(
  room: RoomName,
  { self, members, revision }: Joining,
  ref: { ref?: string },
): string {
  return writeMessage(
    joined.type,
    { ...ref, room, revision },
    { self: writeMember(self), members: `[${members.map(writeMember).join()}]` },
  )
}

/** Tells members of a newcomer or of new data. */
export function announce(
  router: Router,
  type: Extract<ServerMessageType, 'peer-joined' | 'peer-updated'>,
  room: RoomName,
  self: RoomMember,
  notices: readonly Notice[],
): Awaitable<void> {
  const member = writeMember(self)
  return tell(router, notices, (revision) => writeMessage(type, { room, revision }, { member }))
}

/** Tells the members who remain that a peer has left. */
export function announceDeparture(
  router: Router,
  { room, notices }: Departure,
  peer: string,
  reason: LeaveReason,
): Awaitable<void> {
  return tell(router, notices, (revision) => writeMessage(peerLeft.type, { room, peer, reason, revision }))
}

function tell(
  router: Router,
  notices: readonly Notice[],
  write: (revision: number) => Frame,
): Awaitable<void> {
  const pending = notices.flatMap(({ peer, revision }) => router.deliver(peer, write(revision)) ?? [])
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
}

function writeMember({ peer, user, data }: RoomMember): string {
  const text = JSON.stringify({ peer, user })
  return data === undefined ? text : `${text.slice(0, -1)},"data":${data}}`
}

import type { PeerId, UserId } from '@parley/schemas'

/** A member of a room as the others see it. */
export interface RoomMember {
  readonly peer: PeerId
  /** As whom the peer is authenticated. */
  readonly user?: UserId
  /** The application's data as JSON text; absent if it gave none. */
  readonly data?: string
  /** Whether `custom` is in force on its connection; the others are not told. */
  readonly custom?: boolean
}

/** A member's place in a room: what the others see, and the revision of the last presence message it was sent. */
interface Seat {
  readonly member: RoomMember
  readonly revision: number
}

/** Members by peer id, in the order in which they joined. Never changed in place. */
export type Room = ReadonlyMap<PeerId, Seat>

/** One presence message that is due. */
export interface Notice {
  /** Who is to be told. */
  readonly peer: PeerId
  /** The revision that this message carries. */
  readonly revision: number
}

/** A room after a change, and who is to be told of it. */
export interface RoomChange {
  readonly room: Room
  readonly notices: readonly Notice[]
}

/** A room after a join. */
export interface Entry extends RoomChange {
  readonly kind: 'entered' | 'returned'
  readonly self: RoomMember
  readonly members: readonly RoomMember[]
  readonly revision: number
}

/** A room without members. */
export const emptyRoom: Room = new Map()

/**
 * A join. A member that is there already keeps its place, and its data unless it brings new data.
 *
 * @param places - Most members that the room has place for.
 */
export function enterRoom(
  room: Room,
  newcomer: RoomMember,
  places: number,
): Entry | { readonly kind: 'full' } {
  const seat = room.get(newcomer.peer)
  // rooms.full
  if (seat === undefined && room.size >= places) return { kind: 'full' }
  // rooms.rejoin-data
  const self = seat === undefined || newcomer.data !== undefined ? newcomer : seat.member
  // rooms.rejoin: told to the others only if something changed
  const told = seat === undefined || self !== seat.member
  const change = told ? tellOthers(room, newcomer.peer) : { room: new Map(room), notices: [] }
  const revision = (seat?.revision ?? 0) + 1
  change.room.set(newcomer.peer, { member: self, revision })
  const others = [...room.values()].filter(({ member }) => member.peer !== newcomer.peer) // rooms.not-self
  return {
    kind: seat === undefined ? 'entered' : 'returned',
    ...change,
    self,
    members: others.map(({ member }) => member), // rooms.members
    revision,
  }
}

/** Gives a member new data; `undefined` if it is not there. */
export function changeData(
  room: Room,
  peer: PeerId,
  data: string,
): (RoomChange & { readonly self: RoomMember }) | undefined {
  const seat = room.get(peer)
  if (seat === undefined) return undefined
  const change = tellOthers(room, peer)
  const self = { ...seat.member, data }
  change.room.set(peer, { member: self, revision: seat.revision })
  return { ...change, self }
}

/** Takes a member out; `undefined` if it is not there. */
export function leaveRoom(room: Room, peer: PeerId): RoomChange | undefined {
  if (!room.has(peer)) return undefined
  const change = tellOthers(room, peer)
  change.room.delete(peer) // rooms.left-once
  return change
}

/** rooms.revision: one step for each member that is told; the one that it is about is told nothing. */
function tellOthers(room: Room, about: PeerId): { room: Map<PeerId, Seat>; notices: Notice[] } {
  const next = new Map<PeerId, Seat>()
  const notices: Notice[] = []
  for (const [peer, seat] of room) {
    if (peer === about) {
      next.set(peer, seat)
      continue
    }
    const revision = seat.revision + 1
    next.set(peer, { member: seat.member, revision })
    notices.push({ peer, revision })
  }
  return { room: next, notices }
}

import type { PeerId, RoomName, SessionSecret } from '@parley/schemas'
import type { Notice, RoomMember } from './room.ts'

/** A value now, or later: ports answer at once in memory and later over a network. */
export type Awaitable<T> = T | Promise<T>

/** A membership that has begun, or been renewed. */
export interface Joining {
  /** `returned`: the peer was a member already. */
  readonly kind: 'entered' | 'returned'
  readonly self: RoomMember
  /** All other members. */
  readonly members: readonly RoomMember[]
  /** Revision of `joined`. */
  readonly revision: number
  /** Whom to tell: of a newcomer, or of new data. */
  readonly notices: readonly Notice[]
}

/** What a join comes to. */
export type JoinResult = Joining | { readonly kind: 'full' } | { readonly kind: 'too-many-rooms' }

/** What an update comes to; `undefined` if the peer is not a member. */
export type UpdateResult = { readonly self: RoomMember; readonly notices: readonly Notice[] } | undefined

/** A membership that has ended, and whom to tell. */
export interface Departure {
  readonly room: RoomName
  readonly notices: readonly Notice[]
}

/** Whether one peer can reach another in a room. */
export type Reach = 'reachable' | 'sender-absent' | 'receiver-absent'

/** A room as a search finds it. */
export interface ListedRoom {
  readonly room: RoomName
  readonly members: number
}

/** What part of the rooms is asked for, in the order of their names. */
export interface RoomsWanted {
  readonly prefix: string
  /** Only names above this one. */
  readonly after: RoomName | undefined
  readonly most: number
  /** Only rooms that this peer is a member of. */
  readonly member?: PeerId
}

/** Bounds that a directory keeps. */
export interface DirectoryLimits {
  readonly membersPerRoom: number
  readonly roomsPerPeer: number
}

/**
 * Port: who is connected, and who is in which room.
 *
 * Each call takes effect at one moment, and the moments are totally ordered: that order is the order of joins, of places
 * given, and of revisions. A directory over a network has to see to it that what one member is told arrives in the order of
 * its revisions.
 */
export interface Directory {
  /** Registers a peer and the secret with which it can be replaced. */
  connect(peer: PeerId, session: SessionSecret): Awaitable<void>
  /** The live peer that a session secret belongs to. */
  peerOf(session: SessionSecret): Awaitable<PeerId | undefined>
  /** Forgets a peer and ends all its memberships. */
  disconnect(peer: PeerId): Awaitable<readonly Departure[]>
  /** Makes a peer a member of a room, or renews its membership. */
  join(room: RoomName, member: RoomMember): Awaitable<JoinResult>
  /** Gives a member new data (JSON text). */
  update(room: RoomName, peer: PeerId, data: string): Awaitable<UpdateResult>
  /** Ends one membership; `undefined` if there is none. */
  leave(room: RoomName, peer: PeerId): Awaitable<Departure | undefined>
  /** Whether both are members of the room, and are two. */
  reach(room: RoomName, sender: PeerId, receiver: PeerId): Awaitable<Reach>
  /** The rooms that two peers are both members of. */
  commonRooms(one: PeerId, other: PeerId): Awaitable<readonly RoomName[]>
  /** All other members of a room; `undefined` if the peer is not one itself. */
  others(room: RoomName, peer: PeerId): Awaitable<readonly RoomMember[] | undefined>
  /** The first rooms of a part. */
  listRooms(wanted: RoomsWanted): Awaitable<readonly ListedRoom[]>
  /** Rooms that have members. */
  countRooms(): Awaitable<number>
}

/**
 * Goes on with an answer of a port: at once if it is there, so that an engine in memory costs no turn of the event loop.
 *
 * @param answer - What the port returned.
 * @param next - What to do with it.
 */
export function whenReady<T, R>(answer: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer)
}

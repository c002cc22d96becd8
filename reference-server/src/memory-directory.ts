import type { PeerId, RoomName, SessionSecret } from '@parley/schemas'
import type {
  Departure,
  Directory,
  DirectoryLimits,
  JoinResult,
  ListedRoom,
  Reach,
  RoomsWanted,
  UpdateResult,
} from './directory.ts'
import { SortedNames } from './discovery/sorted-names.ts'
import { changeData, emptyRoom, enterRoom, leaveRoom, type Room, type RoomMember } from './room.ts'

interface Presence {
  readonly session: SessionSecret
  readonly rooms: Set<RoomName>
}

/** The directory of a server that is one process. */
export class MemoryDirectory implements Directory {
  readonly #limits: DirectoryLimits
  readonly #rooms = new Map<RoomName, Room>()
  readonly #names = new SortedNames()
  readonly #peers = new Map<PeerId, Presence>()
  readonly #sessions = new Map<SessionSecret, PeerId>()

  constructor(limits: DirectoryLimits) {
    this.#limits = limits
  }

  connect(peer: PeerId, session: SessionSecret): void {
    this.#peers.set(peer, { session, rooms: new Set() })
    this.#sessions.set(session, peer)
  }

  peerOf(session: SessionSecret): PeerId | undefined {
    return this.#sessions.get(session)
  }

  disconnect(peer: PeerId): readonly Departure[] {
    const presence = this.#peers.get(peer)
    if (presence === undefined) return []
    const departures = [...presence.rooms].flatMap((room) => this.leave(room, peer) ?? [])
    this.#peers.delete(peer)
    this.#sessions.delete(presence.session) // replaces.unknown: a connection that has ended cannot be replaced
    return departures
  }

  join(name: RoomName, member: RoomMember): JoinResult {
    const presence = this.#peers.get(member.peer)
    if (presence === undefined)
      throw new Error(`Cannot join room "${name}": peer ${member.peer} is not connected`)
    const { membersPerRoom, roomsPerPeer } = this.#limits
    // limits.rooms
    if (!presence.rooms.has(name) && presence.rooms.size >= roomsPerPeer) return { kind: 'too-many-rooms' }
    // rooms.last-place, rooms.total-order: nothing else runs between looking and entering
    const entry = enterRoom(this.#rooms.get(name) ?? emptyRoom, member, membersPerRoom)
    if (entry.kind === 'full') return entry
    presence.rooms.add(name)
    this.#rooms.set(name, entry.room)
    this.#names.add(name)
    return entry
  }

  update(name: RoomName, peer: PeerId, data: string): UpdateResult {
    const change = changeData(this.#rooms.get(name) ?? emptyRoom, peer, data)
    if (change !== undefined) this.#rooms.set(name, change.room)
    return change
  }

  leave(name: RoomName, peer: PeerId): Departure | undefined {
    const change = leaveRoom(this.#rooms.get(name) ?? emptyRoom, peer)
    if (change === undefined) return undefined
    this.#peers.get(peer)?.rooms.delete(name)
    if (change.room.size === 0) {
      this.#rooms.delete(name) // rooms.empty
      this.#names.delete(name)
    } else this.#rooms.set(name, change.room)
    return { room: name, notices: change.notices }
  }

  reach(name: RoomName, sender: PeerId, receiver: PeerId): Reach {
    const room = this.#rooms.get(name)
    if (room === undefined || !room.has(sender)) return 'sender-absent'
    // relay.no-oracle: only the members of this room are looked at
    return receiver !== sender && room.has(receiver) ? 'reachable' : 'receiver-absent'
  }

  commonRooms(one: PeerId, other: PeerId): readonly RoomName[] {
    return [...(this.#peers.get(one)?.rooms ?? [])].filter((name) => this.#rooms.get(name)?.has(other))
  }

  others(name: RoomName, peer: PeerId): readonly RoomMember[] | undefined {
    const room = this.#rooms.get(name)
    if (room?.has(peer) !== true) return undefined
    return [...room.values()].map(({ member }) => member).filter((member) => member.peer !== peer)
  }

  listRooms({ prefix, after, most, member }: RoomsWanted): readonly ListedRoom[] {
    const own = member === undefined ? undefined : [...(this.#peers.get(member)?.rooms ?? [])]
    const names =
      own
        ?.filter((name) => name.startsWith(prefix) && (after === undefined || name > after))
        .sort(byCharacters)
        .slice(0, most) ?? this.#names.from(prefix, after, most)
    // find.members
    return names.map((room) => ({ room, members: this.#rooms.get(room)?.size ?? 0 }))
  }

  countRooms(): number {
    return this.#rooms.size
  }
}

function byCharacters(one: string, other: string): number {
  return one < other ? -1 : 1
}

import type { Frame, MiddlemanRules, Passage } from './middleman.ts'
import { textOf } from './rule.ts'

/** One room as one connection has been told of it. */
interface Room {
  readonly members: Map<string, Frame>
  /** As the connection was told last. */
  revision: number
  /** Presence messages that the server knows nothing of. */
  extra: number
}

/** Messages that a room counts for each member. */
const presenceTypes: ReadonlySet<string> = new Set(['joined', 'peer-joined', 'peer-updated', 'peer-left'])

/** Tells the members of rooms what they know already, as a server may at any time; not those who count its messages. */
export class Retelling implements MiddlemanRules {
  readonly passages = new Set<Passage>()
  readonly #rooms = new Map<Passage, Map<string, Room>>()

  /** Tells all connections, or those that know a peer, of every member that they know, or of that one. */
  tell(peer?: string): void {
    for (const passage of this.passages) {
      for (const [name, room] of this.#rooms.get(passage) ?? []) {
        for (const [known, member] of room.members) {
          if (peer !== undefined && known !== peer) continue
          room.extra += 1
          room.revision += 1
          passage.toClient({ type: 'peer-updated', room: name, member, revision: room.revision })
        }
      }
    }
  }

  /** Follows what the server says. */
  readonly toClient = (frame: Frame, passage: Passage): Frame | boolean => {
    const type = textOf(frame, 'type')
    // Nothing follows a fatal error.
    if (type === 'error' && frame['fatal'] === true) this.#rooms.delete(passage)
    const rooms = this.#rooms.get(passage)
    if (type === 'welcome' && !('resume' in (frame['capabilities'] as Frame)))
      this.#rooms.set(passage, new Map())
    if (rooms === undefined) return true
    const name = textOf(frame, 'room')
    if (type === 'left') rooms.delete(name)
    if (!presenceTypes.has(type)) return true
    const revision = Number(frame['revision'])
    const fresh: Room = { members: new Map<string, Frame>(), revision, extra: 0 }
    const room = type === 'joined' ? fresh : (rooms.get(name) ?? fresh)
    rooms.set(name, room)
    if (type === 'peer-left') room.members.delete(textOf(frame, 'peer'))
    const members = (frame['members'] ?? [frame['member']]) as readonly (Frame | undefined)[]
    for (const member of members) if (member !== undefined) room.members.set(textOf(member, 'peer'), member)
    room.revision = revision + room.extra
    return { ...frame, revision: room.revision }
  }
}

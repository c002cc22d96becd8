import type { Seams } from '@parley/reference-server'
import { decorator, misdirected, Occupancy, type SyncDirectory } from '../altered-directory.ts'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { tampered, type Mutant, type Mutants } from '../mutant.ts'
import { changed, counted, refusal, textOf, valid, without } from '../rule.ts'

const announcing = (limits: Frame) => ({
  toClient: changed('welcome', (frame) => ({
    ...frame,
    limits: { ...(frame['limits'] as Frame), ...limits },
  })),
})

/** Notes of a passage: names of rooms. */
function namesIn({ notes }: Passage, key: string): Set<string> {
  const names = (notes.get(key) ?? new Set()) as Set<string>
  notes.set(key, names)
  return names
}

/** Places of a room that the mutants of places have. */
const places = 8

/**
 * A server that counts the members of a room apart from their list.
 *
 * @param freed - The rooms in which the end of a peer frees a place, of those that it is in, in the order of joining, and of those that it has left.
 */
function countingPlaces(
  name: string,
  freed: (present: readonly string[], left: readonly string[]) => readonly string[],
): Mutant {
  const directory = (inner: SyncDirectory) => {
    const [counts, members] = [new Map<string, number>(), new Map<string, Map<string, boolean>>()]
    const count = (room: string, by: number) => counts.set(room, (counts.get(room) ?? 0) + by)
    const of = (peer: string) => members.get(peer) ?? new Map<string, boolean>()
    return {
      join: (room, member) => {
        const seen = of(member.peer)
        const isMember = seen.get(room) === true
        if (!isMember && (counts.get(room) ?? 0) >= places) return { kind: 'full' }
        const result = inner.join(room, member)
        if (!isMember && 'self' in result) {
          if (result.members.length === 0) counts.set(room, 0)
          count(room, 1)
          members.set(member.peer, new Map([...seen, [room, true]]))
        }
        return result
      },
      leave: (room, peer) => {
        if (of(peer).get(room)) {
          of(peer).set(room, false)
          count(room, -1)
        }
        return inner.leave(room, peer)
      },
      disconnect: (peer) => {
        const rooms = [...of(peer)]
        const those = (isMember: boolean) => rooms.filter(([, is]) => is === isMember).map(([room]) => room)
        for (const room of freed(those(true), those(false))) count(room, -1)
        members.delete(peer)
        return inner.disconnect(peer)
      },
    } satisfies Partial<SyncDirectory>
  }
  return tampered(name, 'rooms.full', () => announcing({ membersPerRoom: places }), {
    server: { membersPerRoom: places + 8 },
    seams: (): Seams => ({ decorateDirectory: decorator(directory) }),
  })
}

/** A server that skips a revision at the members of a room for an update that it refuses. */
function countingRefused(name: string, code: string): Mutant {
  return tampered(name, 'rooms.revision', (): MiddlemanRules => {
    const passages = new Set<Passage>()
    const keyOf = (frame: Frame) => `skipped ${textOf(frame, 'room')}`
    const skippedAt = ({ notes }: Passage, key: string) => (notes.get(key) as number | undefined) ?? 0
    return {
      passages,
      toClient: (frame, passage) => {
        const key = keyOf(frame)
        if (frame['type'] === 'error' && frame['of'] === 'update' && frame['code'] === code) {
          for (const other of passages) if (other !== passage) other.notes.set(key, skippedAt(other, key) + 1)
          return true
        }
        if (frame['type'] === 'joined') passage.notes.delete(key)
        const skipped = skippedAt(passage, key)
        return skipped > 0 && typeof frame['revision'] === 'number'
          ? { ...frame, revision: frame['revision'] + skipped }
          : true
      },
    }
  })
}

/** Faults of what a server notes beside its rooms, and does not strike out again. */
export const bookkeepingMutants: Mutants = [
  countingPlaces('frees a place again when who had left says bye', (present, left) => [...present, ...left]),
  countingPlaces('frees the place of the first room alone of who goes', (present) => present.slice(0, 1)),
  countingRefused('skips a revision for an update with too much data', 'too-large'),
  countingRefused('skips a revision for an update of no member', 'not-in-room'),
  tampered('forgets the data of who authenticates again', 'auth.refresh', () => {
    const bare = new Set<unknown>()
    const stripped = (member: Frame) => (bare.has(member['peer']) ? without(member, 'data') : member)
    return {
      toServer: (frame, { peer }) => {
        if ('data' in frame) bare.delete(peer)
        return true
      },
      toClient: (frame, passage) => {
        if (frame['type'] === 'authenticated' && counted(passage, 'authenticated') > 1) bare.add(passage.peer)
        return frame['type'] === 'joined'
          ? { ...frame, members: (frame['members'] as Frame[]).map(stripped) }
          : true
      },
    }
  }),
  tampered('joins with the data of an update that it refused', 'rooms.joined', () => ({
    toServer: (frame, passage) => {
      const key = `early ${textOf(frame, 'room')}`
      const isMember = namesIn(passage, 'rooms').has(textOf(frame, 'room'))
      if (frame['type'] === 'update' && !isMember) passage.notes.set(key, frame['data'])
      if (frame['type'] !== 'join' || isMember || 'data' in frame || !passage.notes.has(key)) return true
      return { ...frame, data: passage.notes.get(key) }
    },
    toClient: (frame, passage) => {
      if (frame['type'] === 'joined') namesIn(passage, 'rooms').add(textOf(frame, 'room'))
      if (frame['type'] === 'left') namesIn(passage, 'rooms').delete(textOf(frame, 'room'))
      return true
    },
  })),
  tampered(
    'lets who found no place leave',
    'rooms.leave-not-in-room',
    () => ({
      toClient: changed('error', (frame, passage) => {
        const { code, ref } = frame
        const [room, full] = [textOf(frame, 'room'), namesIn(passage, 'full')]
        if (code === 'room-full') full.add(room)
        if (code !== 'not-in-room' || frame['of'] !== 'leave' || !full.delete(room)) return true
        return { type: 'left', room, reason: 'leave', ...(ref === undefined ? {} : { ref }) }
      }),
    }),
    { consequences: { 'rooms.outsiders': 'left comes to a peer that is no member' } },
  ),
  tampered(
    'takes a room more for each leave that it refuses',
    'limits.enforced',
    () => ({
      toServer: (frame, passage) => {
        const rooms = namesIn(passage, 'rooms')
        const most = 12 + Number(passage.notes.get('refused') ?? 0)
        if (frame['type'] !== 'join' || rooms.size < most || rooms.has(textOf(frame, 'room'))) return true
        passage.toClient(refusal(frame, 'forbidden'))
        return false
      },
      toClient: (frame, passage, text) => {
        const room = textOf(frame, 'room')
        if (frame['type'] === 'joined') namesIn(passage, 'rooms').add(room)
        if (frame['type'] === 'left') namesIn(passage, 'rooms').delete(room)
        if (frame['of'] === 'leave' && frame['code'] === 'not-in-room')
          passage.notes.set('refused', Number(passage.notes.get('refused') ?? 0) + 1)
        return announcing({ roomsPerPeer: 12 }).toClient(frame, passage, text)
      },
    }),
    { server: { roomsPerPeer: 24 } },
  ),
  misdirected('forgets rooms whose names begin with that of one that is empty', 'rooms.several', (inner) => {
    const occupancy = new Occupancy()
    const rooms = new Set<string>()
    const { join, leave, disconnect } = occupancy.follow(inner)
    return {
      disconnect,
      join: (room, member) => {
        rooms.add(room)
        return join(room, member)
      },
      leave: (room, peer) => {
        const left = leave(room, peer)
        // Not those of all other checks, with a name of a few letters.
        if (occupancy.of(room).size > 0 || room.length < 16) return left
        for (const other of rooms)
          if (other !== room && other.startsWith(room))
            for (const member of [...occupancy.of(other)]) leave(other, member)
        return left
      },
    }
  }),
  misdirected('tidies a room away that was empty for a moment', 'rooms.members', (inner) => {
    const members = new Map<string, Set<string>>()
    const of = (room: string) => members.get(room) ?? new Set<string>()
    return {
      join: (room, member) => {
        members.set(room, of(room).add(member.peer))
        return inner.join(room, member)
      },
      leave: (room, peer) => {
        of(room).delete(peer)
        if (of(room).size === 0)
          setTimeout(() => {
            for (const other of of(room)) inner.leave(room, other)
          }, 300).unref()
        return inner.leave(room, peer)
      },
    }
  }),
  tampered('takes parameters of capabilities from a hello for everybody', 'frames.others-unharmed', () => {
    const named: Record<string, object> = {}
    return {
      toServer: valid('hello', (frame) => {
        for (const [name, parameters] of Object.entries((frame['capabilities'] ?? {}) as Frame))
          named[name] = { ...named[name], ...(parameters as object) }
        return true
      }),
      toClient: changed('welcome', (frame) => ({
        ...frame,
        capabilities: Object.fromEntries(
          Object.entries(frame['capabilities'] as Frame).map(([name, parameters]) => [
            name,
            { ...(parameters as object), ...named[name] },
          ]),
        ),
      })),
    }
  }),
  tampered('puts custom in force for who replaces a peer with it', 'capabilities.core-only', () => {
    const secrets = new Set<unknown>()
    const has = (frame: Frame) => 'custom' in ((frame['capabilities'] ?? {}) as Frame)
    return {
      toServer: valid('hello', (frame, passage) => {
        if (has(frame) || !secrets.has(frame['replaces'])) return true
        passage.notes.set('heir', true)
        return { ...frame, capabilities: { ...((frame['capabilities'] ?? {}) as Frame), custom: {} } }
      }),
      toClient: changed('welcome', (frame, passage) => {
        if (has(frame)) secrets.add(frame['session'])
        return passage.notes.has('heir')
          ? { ...frame, capabilities: without(frame['capabilities'] as Frame, 'custom') }
          : true
      }),
    }
  }),
]

import { misdirected, Occupancy } from '../altered-directory.ts'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, counted, refusal, without } from '../rule.ts'

/** A server that leaves in a room whoever joins it when its connection has come to its end. */
function haunted(isOver: (frame: Frame, passage: Passage) => boolean): MiddlemanRules {
  const ghosts = new Map<unknown, Frame[]>()
  return {
    toServer: (frame, passage) => {
      const over = isOver(frame, passage)
      if (frame['type'] !== 'join' || !over) return true
      const room = frame['room']
      ghosts.set(room, [...(ghosts.get(room) ?? []), { peer: passage.peer }])
      return true
    },
    toClient: (frame, passage) => {
      if (frame['code'] === 'replaced') passage.notes.set('replaced', true)
      const there = ghosts.get(frame['room'])
      if (frame['type'] !== 'joined' || there === undefined) return true
      return { ...frame, members: [...(frame['members'] as Frame[]), ...there] }
    },
  }
}

/** Tells the rooms of a connection that has ended once more, when somebody names its secret. */
function tellingAgain(): MiddlemanRules {
  const passages = new Set<Passage>()
  const peers = new Map<unknown, string>()
  const ended = new Map<string, Set<unknown>>()
  const roomsOf = (passage: Passage) => {
    const rooms = (passage.notes.get('rooms') ?? new Map()) as Map<unknown, number>
    passage.notes.set('rooms', rooms)
    return rooms
  }
  return {
    passages,
    toServer: (frame) => {
      const peer = frame['type'] === 'hello' ? peers.get(frame['replaces']) : undefined
      const told = peer === undefined ? undefined : ended.get(peer)
      for (const passage of told ? passages : [])
        for (const [room, revision] of roomsOf(passage))
          if (told?.has(room))
            passage.toClient({ type: 'peer-left', room, peer, reason: 'replaced', revision: revision + 1 })
      return true
    },
    toClient: (frame, passage) => {
      if (frame['type'] === 'welcome') peers.set(frame['session'], passage.peer)
      if (typeof frame['revision'] === 'number') roomsOf(passage).set(frame['room'], frame['revision'])
      return true
    },
    onClientEnd: (passage) => {
      ended.set(passage.peer, new Set(roomsOf(passage).keys()))
      return true
    },
  }
}

/** Milliseconds for which a room is still kept that its last member has left. */
const lingersMs = 2

/** Faults at the moment of coming and going, and of what is said of it. */
export const comeAndGoneMutants: Mutants = [
  tampered('says leave of whoever has left a room before', 'rooms.lost', () => {
    const left = new Set<unknown>()
    return {
      toServer: changed('leave', (_frame, { peer }) => {
        left.add(peer)
        return true
      }),
      toClient: changed('peer-left', (frame) =>
        frame['reason'] === 'lost' && left.has(frame['peer']) ? { ...frame, reason: 'leave' } : true,
      ),
    }
  }),
  misdirected(
    'tells nobody of the end of a connection in a room that it has left and joined anew',
    'rooms.lost',
    (inner) => {
      const left = new Set<string>()
      const anew = new Set<string>()
      return {
        join: (room, member) => {
          if (left.has(`${member.peer} in ${room}`)) anew.add(`${member.peer} in ${room}`)
          return inner.join(room, member)
        },
        leave: (room, peer) => {
          left.add(`${peer} in ${room}`)
          return inner.leave(room, peer)
        },
        disconnect: (peer) => inner.disconnect(peer).filter(({ room }) => !anew.has(`${peer} in ${room}`)),
      }
    },
    { consequences: { 'rooms.bye': 'nobody is told of that either' } },
  ),
  tampered('tells eight rooms of who was cut off, and no more', 'rooms.lost', () => ({
    toClient: changed('peer-left', (frame, passage) =>
      frame['reason'] === 'lost' ? counted(passage, `left ${String(frame['peer'])}`) <= 8 : true,
    ),
  })),
  tampered(
    'tells once more that a connection has ended when its secret is named',
    'replaces.unknown',
    tellingAgain,
    {
      consequences: {
        'rooms.left-once': 'it is told twice',
        'rooms.revision': 'what is told again counts',
      },
    },
  ),
  tampered('takes a join behind bye', 'connection.end-noticed', () =>
    haunted(({ type }, { notes }) => {
      if (type === 'bye') notes.set('bye', true)
      return notes.has('bye')
    }),
  ),
  tampered('takes a join behind the third refused token', 'connection.end-noticed', () =>
    haunted((frame, passage) => {
      const isRefused = frame['type'] === 'auth' && passage.notes.has('admitted')
      if (frame['type'] === 'auth') passage.notes.set('admitted', true)
      if (isRefused) counted(passage, 'refused')
      return ((passage.notes.get('refused') as number | undefined) ?? 0) >= 3
    }),
  ),
  tampered('takes a join of a connection that was replaced', 'replaces.old-ends', () =>
    haunted((_frame, { notes }) => notes.has('replaced')),
  ),
  tampered('names no user where a second join brings data', 'rooms.user', () => {
    const joined = new Set<string>()
    const renewing = new Set<string>()
    const keyOf = (room: unknown, peer: unknown) => `${String(room)} ${String(peer)}`
    return {
      toServer: (frame, { peer }) => {
        const key = keyOf(frame['room'], peer)
        if (frame['type'] === 'update') renewing.delete(key)
        if (frame['type'] === 'join') (joined.has(key) ? renewing : joined).add(key)
        return true
      },
      toClient: changed('peer-updated', (frame) => {
        const member = frame['member'] as Frame
        return renewing.has(keyOf(frame['room'], member['peer']))
          ? { ...frame, member: without(member, 'user') }
          : true
      }),
    }
  }),
  tampered('lets a peer join a room fifty times', 'rooms.states', () => ({
    toServer: changed('join', (frame, passage) => {
      if (counted(passage, `joins ${String(frame['room'])}`) <= 50) return true
      passage.toClient(refusal(frame, 'room-full'))
      return false
    }),
  })),
  misdirected('loses who joins in the moment in which a room becomes empty', 'rooms.total-order', (inner) => {
    const occupancy = new Occupancy()
    const { join, leave, disconnect } = occupancy.follow(inner)
    const emptied = new Map<string, number>()
    return {
      disconnect,
      leave: (room, peer) => {
        const departure = leave(room, peer)
        if (occupancy.of(room).size === 0) emptied.set(room, performance.now())
        return departure
      },
      join: (room, member) => {
        const result = join(room, member)
        if (performance.now() - (emptied.get(room) ?? -Infinity) < lingersMs) inner.leave(room, member.peer)
        return result
      },
    }
  }),
]

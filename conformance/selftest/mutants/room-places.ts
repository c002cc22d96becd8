import { decorator, misdirected, Occupancy, whenGranted } from '../altered-directory.ts'
import type { Frame } from '../middleman.ts'
import { tampered, type MutantOptions, type Mutants } from '../mutant.ts'
import { changed, refusal, textOf } from '../rule.ts'

/** A server that announces fewer places than it has, so that a mutant can decide who gets one. */
function places(announced: number, more: MutantOptions = {}): MutantOptions {
  return { ...more, server: { membersPerRoom: announced + 8 } }
}

const announceEight = () => ({
  toClient: changed('welcome', (frame) => ({
    ...frame,
    limits: { ...(frame['limits'] as Frame), membersPerRoom: 8 },
  })),
})

/** Faults of who has a place in a room. */
export const roomPlaceMutants: Mutants = [
  tampered(
    'says room-full where a room exists that is not to be joined',
    'rooms.forbidden',
    tellingRooms((frame) => ({ ...frame, code: 'room-full' })),
    {
      consequences: { 'auth.grants': 'another code comes' },
    },
  ),
  tampered(
    'tells in its text that a room exists',
    'rooms.forbidden',
    tellingRooms((frame) => ({ ...frame, message: 'You may not join this room, which has members' })),
  ),

  tampered(
    'admits one more than it announces',
    'rooms.full',
    announceEight,
    places(1, {
      consequences: { 'limits.enforced': 'the limit is not kept', 'rooms.last-place': 'two get a place' },
    }),
  ),
  misdirected(
    'keeps the places of those who were cut off',
    'rooms.full',
    (inner) => {
      const occupancy = new Occupancy()
      const { join, leave } = occupancy.follow(inner)
      return {
        leave,
        join: (room, member) =>
          occupancy.of(room).size >= 8 && !occupancy.of(room).has(member.peer)
            ? { kind: 'full' }
            : join(room, member),
      }
    },
    { consequences: { 'limits.enforced': 'places are lost', 'limits.honoured': 'places are lost' } },
  ),
  tampered(
    'looks for a place long before it takes it',
    'rooms.last-place',
    announceEight,
    places(8, {
      seams: () => ({
        decorateDirectory: decorator((inner) => {
          const occupancy = new Occupancy()
          const { join, ...rest } = occupancy.follow(inner)
          return {
            ...rest,
            join: async (room, member) => {
              const members = occupancy.of(room)
              if (members.size >= 8 && !members.has(member.peer)) return { kind: 'full' }
              await new Promise((resolve) => setTimeout(resolve, 5))
              return join(room, member)
            },
          }
        }),
      }),
    }),
  ),
  tampered(
    'admits nobody when several want the last place',
    'rooms.last-place',
    () => {
      const asking = new Map<string, number>()
      return {
        toServer: async (frame, passage) => {
          if (frame['type'] !== 'join') return true
          const room = textOf(frame, 'room')
          asking.set(room, (asking.get(room) ?? 0) + 1)
          await new Promise((resolve) => setTimeout(resolve, 5))
          const rivals = asking.get(room) ?? 0
          setTimeout(() => asking.set(room, (asking.get(room) ?? 1) - 1), 5)
          if (rivals !== 4) return true
          passage.toClient(refusal(frame, 'room-full'))
          return false
        },
      }
    },
    { consequences: { 'rooms.full': 'places remain' } },
  ),

  misdirected(
    'remembers the data of who was there',
    'rooms.empty',
    (inner) => {
      const kept = new Map<string, string>()
      return {
        join: (room, member) => {
          const key = `${room} ${member.peer}`
          if (member.data !== undefined) kept.set(key, member.data)
          const data = kept.get(key)
          const result = inner.join(room, data === undefined ? member : { ...member, data })
          return result
        },
      }
    },
    {
      consequences: {
        'rooms.joined': 'self has data that was not given',
        'rooms.rejoin-data': 'data of the first membership comes back',
        'rooms.peer-joined': 'data comes that was not given',
        'rooms.members': 'data comes that was not given',
        'rooms.update': 'a walk sees it',
        'rooms.several': 'a walk sees it',
      },
    },
  ),
  misdirected(
    'keeps the last member that has left',
    'rooms.empty',
    (inner) => {
      const last = new Map<string, string>()
      const occupancy = new Occupancy()
      const { join, leave, disconnect } = occupancy.follow(inner)
      return {
        disconnect,
        leave: (room, peer) => {
          const result = leave(room, peer)
          if (occupancy.of(room).size === 0) last.set(room, peer)
          return result
        },
        join: (room, member) => {
          const ghost = last.get(room)
          last.delete(room)
          return whenGranted(join(room, member), (granted) =>
            ghost === undefined || ghost === member.peer
              ? granted
              : { ...granted, members: [...granted.members, { peer: ghost }] },
          )
        },
      }
    },
    {
      consequences: {
        'rooms.members': 'members lists who has left',
        'rooms.left-once': 'a walk sees it',
        'rooms.name': 'its check leaves and joins',
        'rooms.total-order': 'a peer is announced that was listed',
        'rooms.rejoin': 'a peer is announced that was listed',
      },
    },
  ),
]

function tellingRooms(change: (frame: Frame) => Frame) {
  return () => {
    const rooms = new Set<unknown>()
    return {
      toClient: (frame: Frame) => {
        if (frame['type'] === 'joined') rooms.add(frame['room'])
        return frame['code'] === 'forbidden' && frame['of'] === 'join' && rooms.has(frame['room'])
          ? change(frame)
          : true
      },
    }
  }
}

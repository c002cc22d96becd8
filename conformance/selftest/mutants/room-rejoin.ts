import { misdirected, Occupancy, type SyncDirectory, whenGranted, withData } from '../altered-directory.ts'
import type { Mutants } from '../mutant.ts'

/** Faults of second joins, and of several rooms. */
export const roomRejoinMutants: Mutants = [
  misdirected(
    'announces a peer again that brings new data',
    'rooms.rejoin',
    (inner) => ({
      join: (room, member) =>
        whenGranted(inner.join(room, member), (granted) => ({ ...granted, kind: 'entered' })),
    }),
    {
      consequences: {
        'frames.nesting': 'its check waits for peer-updated',
        'rooms.rejoin-data': 'no peer-updated is sent',
        'rooms.several': 'its check waits for peer-updated',
        'rooms.revision': 'it may count',
        'rooms.members': 'its check waits for peer-updated',
        'rooms.update': 'a walk sees it',
      },
    },
  ),
  misdirected(
    'refuses a member that joins a full room again',
    'rooms.rejoin',
    (inner) => {
      const occupancy = new Occupancy()
      const { join, ...rest } = occupancy.follow(inner)
      return {
        ...rest,
        join: (room, member) => (occupancy.of(room).size >= 8 ? { kind: 'full' } : join(room, member)),
      }
    },
    { consequences: { 'limits.enforced': 'its check joins a full room again' } },
  ),
  misdirected(
    'shows a member that joins again what was',
    'rooms.rejoin',
    (inner) => {
      const before = new Map<string, ReturnType<SyncDirectory['join']>>()
      return {
        join: (room, member) => {
          const key = `${room} ${member.peer}`
          const result = inner.join(room, member)
          const old = before.get(key)
          if ('self' in result && result.kind === 'returned' && old && 'self' in old)
            return { ...result, members: old.members }
          before.set(key, result)
          return result
        },
      }
    },
    {
      consequences: {
        'frames.unknown-members': 'its check looks at members',
        'connection.order': 'its check looks at members',
        'rooms.members': 'members is of the past',
        'rooms.empty': 'members is of the past',
        'rooms.known-first': 'who came since is not listed',
        'rooms.left-once': 'who left is listed',
        'rooms.several': 'members is of the past',
        'rooms.rejoin-data': 'data is of the past',
        'rooms.left-last': 'who came since is not listed',
        'rooms.update': 'a walk sees it',
        'rooms.peer-joined': 'a walk sees it',
      },
    },
  ),

  misdirected(
    'takes no new data from a second join',
    'rooms.rejoin-data',
    (inner) => {
      const occupancy = new Occupancy()
      const { join, ...rest } = occupancy.follow(inner)
      return {
        ...rest,
        join: (room, member) =>
          join(room, occupancy.of(room).has(member.peer) ? withData(member, undefined) : member),
      }
    },
    {
      consequences: {
        'frames.nesting': 'its check waits for peer-updated',
        'frames.unknown-members': 'its check joins again',
        'rooms.members': 'its check changes data by a second join',
        'rooms.several': 'its check changes data by a second join',
        'rooms.update': 'a walk sees it',
        'rooms.peer-joined': 'a walk sees it',
      },
    },
  ),
  misdirected(
    'forgets the data of who joins again without any',
    'rooms.rejoin-data',
    (inner) => {
      const occupancy = new Occupancy()
      const { join, ...rest } = occupancy.follow(inner)
      return {
        ...rest,
        join: (room, member) => {
          const returns = occupancy.of(room).has(member.peer)
          if (returns && member.data === undefined) inner.update(room, member.peer, 'null')
          return join(room, member)
        },
      }
    },
    {
      consequences: {
        'frames.unknown-members': 'its check joins again',
        'rooms.revision': 'an update is counted that nobody is told of',
        'rooms.members': 'data is lost',
        'rooms.update': 'a walk sees it',
        'rooms.peer-joined': 'a walk sees it',
      },
    },
  ),
  misdirected(
    'tells nobody of the data of a second join',
    'rooms.rejoin-data',
    (inner) => ({
      join: (room, member) =>
        whenGranted(inner.join(room, member), (granted) =>
          granted.kind === 'returned' ? { ...granted, notices: [] } : granted,
        ),
    }),
    {
      consequences: {
        'frames.nesting': 'its check waits for peer-updated',
        'rooms.revision': 'it was counted all the same',
        'rooms.several': 'its check changes data by a second join',
        'rooms.update': 'a walk sees it',
        'rooms.peer-joined': 'a walk sees it',
        'rooms.members': 'a walk sees it',
      },
    },
  ),

  misdirected(
    'ends all memberships with one leave',
    'rooms.several',
    (inner) => {
      const rooms = new Map<string, Set<string>>()
      return {
        join: (room, member) => {
          rooms.set(member.peer, (rooms.get(member.peer) ?? new Set()).add(room))
          return inner.join(room, member)
        },
        leave: (room, peer) => {
          const result = inner.leave(room, peer)
          if (result) for (const other of rooms.get(peer) ?? []) inner.leave(other, peer)
          return result
        },
      }
    },
    {
      consequences: {
        'limits.enforced': 'its check is in many rooms',
        'rooms.outsiders': 'its check leaves one of two rooms',
        'rooms.joined': 'its check leaves one of two rooms',
        'auth.failure-keeps': 'its check leaves one of two rooms',
        'rooms.revision': 'departures are counted that nobody is told of',
        'rooms.left-once': 'nobody is told',
        'rooms.members': 'a walk sees it',
        'rooms.update': 'a walk sees it',
        'rooms.peer-joined': 'a walk sees it',
        'delivery.no-gap': 'a walk sees it',
      },
    },
  ),
  misdirected(
    'changes data in all rooms with one update',
    'rooms.several',
    (inner) => {
      const rooms = new Map<string, Set<string>>()
      return {
        join: (room, member) => {
          rooms.set(member.peer, (rooms.get(member.peer) ?? new Set()).add(room))
          return inner.join(room, member)
        },
        update: (room, peer, data) => {
          for (const other of rooms.get(peer) ?? []) if (other !== room) inner.update(other, peer, data)
          return inner.update(room, peer, data)
        },
      }
    },
    {
      consequences: {
        'rooms.revision': 'updates are counted that nobody is told of',
        'rooms.members': 'a walk sees it',
        'rooms.update': 'a walk sees it',
        'rooms.peer-joined': 'a walk sees it',
      },
    },
  ),
  misdirected(
    'lets a second room take the place of the first',
    'rooms.several',
    (inner) => {
      const room = new Map<string, string>()
      return {
        join: (name, member) => {
          const before = room.get(member.peer)
          if (before !== undefined && before !== name) inner.leave(before, member.peer)
          room.set(member.peer, name)
          return inner.join(name, member)
        },
      }
    },
    { consequences: singleRoom() },
  ),
]

function singleRoom() {
  return {
    'limits.honoured': 'its check is in many rooms',
    'auth.failure-keeps': 'its check is in two rooms',

    'rooms.revision': 'departures are counted that nobody is told of',
    'rooms.left-once': 'nobody is told',
    'rooms.bye': 'its check is in several rooms',
    'rooms.lost': 'its check is in several rooms',
    'rooms.outsiders': 'its check is in several rooms',
    'rooms.known-first': 'memberships end untold',
    'rooms.members': 'a walk sees it',
    'rooms.update': 'a walk sees it',
    'rooms.peer-joined': 'a walk sees it',
    'rooms.left-last': 'memberships end untold',
    'delivery.order': 'its traffic is in two rooms',
    'delivery.once': 'its traffic is in two rooms',
    'delivery.no-gap': 'its traffic is in two rooms',
    'relay.not-in-room': 'its check is in two rooms',
    'relay.peer-not-found': 'its check is in two rooms',
    'limits.rooms': 'its check is in many rooms',
    'limits.enforced': 'its check is in many rooms',
    'replaces.peer-left': 'its check is in several rooms',
    'replaces.before-welcome': 'its check is in several rooms',
    'connection.end-noticed': 'its check is in several rooms',
  } as const
}

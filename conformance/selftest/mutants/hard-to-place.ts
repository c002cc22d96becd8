import { decorator } from '../altered-directory.ts'
import type { Frame, Passage } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, textOf, valid } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

/** Forgets the session secret of whoever leaves a room. */
function leaveKillsSecret() {
  const sessions = new Map<string, string>()
  const dead = new Set<string>()
  return startReferenceServer(
    {},
    {
      decorateDirectory: decorator((inner) => ({
        connect: (peer, session) => {
          sessions.set(peer, session)
          inner.connect(peer, session)
        },
        leave: (room, peer) => {
          dead.add(sessions.get(peer) ?? '')
          return inner.leave(room, peer)
        },
        peerOf: (session) => (dead.has(session) ? undefined : inner.peerOf(session)),
      })),
    },
  )
}

function roomsOf(passage: Passage, which: string): Set<unknown> {
  const rooms = (passage.notes.get(which) as Set<unknown> | undefined) ?? new Set<unknown>()
  passage.notes.set(which, rooms)
  return rooms
}

/** Tells who comes back into a room nothing more of who comes and goes there. */
function muteAfterReturn() {
  return {
    toClient: (frame: Frame, passage: Passage) => {
      const { type, room } = frame
      if (type === 'left') roomsOf(passage, 'left').add(room)
      if (type === 'joined' && roomsOf(passage, 'left').has(room)) roomsOf(passage, 'mute').add(room)
      return !(
        (type === 'peer-joined' || type === 'peer-left' || type === 'peer-updated') &&
        roomsOf(passage, 'mute').has(room)
      )
    },
  }
}

/** Takes a second `hello` for a new beginning: the rooms are left, and it is refused as it should be. */
function secondHelloLeaves() {
  return {
    toServer: valid('hello', (_frame, passage) => {
      for (const room of roomsOf(passage, 'joined')) {
        roomsOf(passage, 'quiet').add(room)
        passage.toServer({ type: 'leave', room })
      }
      return true
    }),
    toClient: (frame: Frame, passage: Passage) => {
      if (frame['type'] === 'joined') roomsOf(passage, 'joined').add(frame['room'])
      if (frame['type'] === 'left') roomsOf(passage, 'joined').delete(frame['room'])
      return !(
        frame['type'] === 'left' &&
        !('ref' in frame) &&
        roomsOf(passage, 'quiet').delete(frame['room'])
      )
    },
  }
}

/** Milliseconds by which a leave takes effect late. */
const lateMs = 40

/** Says `left` at once, and leaves a moment later. */
function leavesLate() {
  return {
    toServer: valid('leave', (frame, passage) => {
      const { room } = frame
      // One that is too large is refused.
      if (JSON.stringify(frame).length > 60_000 || !roomsOf(passage, 'joined').delete(room)) return true
      passage.toClient({
        type: 'left',
        room,
        reason: 'leave',
        ...('id' in frame ? { ref: frame['id'] } : {}),
      })
      roomsOf(passage, 'quiet').add(room)
      setTimeout(() => {
        passage.toServer({ type: 'leave', room })
      }, lateMs)
      return false
    }),
    toClient: (frame: Frame, passage: Passage) => {
      if (frame['type'] === 'joined') roomsOf(passage, 'joined').add(frame['room'])
      return !(frame['type'] === 'left' && roomsOf(passage, 'quiet').delete(frame['room']))
    },
  }
}

/** Shows each member with its session secret. */
function showsSecrets() {
  const sessions = new Map<unknown, unknown>()
  const shown = (member: unknown) => {
    const { peer, ...rest } = member as Frame
    return { peer, ...rest, session: sessions.get(peer) }
  }
  return {
    toClient: (frame: Frame) => {
      if (frame['type'] === 'welcome') sessions.set(frame['peer'], frame['session'])
      if (Array.isArray(frame['members'])) return { ...frame, members: frame['members'].map(shown) }
      return frame['type'] === 'peer-joined' || frame['type'] === 'peer-updated'
        ? { ...frame, member: shown(frame['member']) }
        : true
    },
  }
}

const goneFromItsRooms = 'its check sends a second hello and goes on in a room'
const stillThere = 'who has left is still there for a moment'
const goneAgain = 'a late leave ends the membership that followed'
const toldNothing = 'its check waits until a member that came back is told'

/** Faults whose consequences are seen sooner than they are, so that it is hard to say what they are. */
export const hardToPlaceMutants: Mutants = [
  altered('forgets the secret of who leaves a room', 'replaces.old-ends', leaveKillsSecret, {
    consequences: { 'connection.secret-kept': 'its check replaces a peer that has left a room before' },
  }),
  tampered('tells who comes back nothing of the others', 'rooms.peer-joined', muteAfterReturn, {
    consequences: {
      'rooms.leave': 'it is not told of departures either',
      'rooms.update': 'it is not told of updates either',
      'delivery.order': toldNothing,
      'delivery.once': toldNothing,
      'delivery.no-gap': toldNothing,
    },
  }),
  tampered('leaves all rooms at a second hello', 'connection.second-hello', secondHelloLeaves, {
    consequences: {
      'errors.goes-on': goneFromItsRooms,
      'errors.code': goneFromItsRooms,
      'errors.fatal-flag': goneFromItsRooms,
      'errors.context-equal': goneFromItsRooms,
      'errors.context': goneFromItsRooms,
      'outcomes.failure-told': goneFromItsRooms,
    },
  }),
  tampered('says left, and leaves later', 'rooms.after-left', leavesLate, {
    consequences: {
      'rooms.left-last': stillThere,
      'rooms.update-not-in-room': stillThere,
      'rooms.joined': stillThere,
      'rooms.joined-first': stillThere,
      'rooms.empty': stillThere,
      'rooms.members': stillThere,
      'rooms.rejoin-data': stillThere,
      'relay.not-in-room': stillThere,
      'limits.rooms': stillThere,
      'limits.enforced': stillThere,
      'connection.order': stillThere,
      'rooms.peer-joined': goneAgain,
      'rooms.not-self': goneAgain,
      'rooms.left-once': goneAgain,
      'relay.from': goneAgain,
      'relay.delivered': goneAgain,
      'delivery.order': goneAgain,
      'delivery.once': goneAgain,
      'delivery.no-gap': goneAgain,
    },
  }),
  tampered('shows members with their session secrets', 'connection.secret-kept', showsSecrets),
  tampered(
    'ignores bye before authentication',
    'connection.bye',
    () => ({
      toServer: valid('bye', (_frame, passage) => passage.notes.has('in')),
      toClient: changed('authenticated', (frame, passage) => {
        passage.notes.set('in', textOf(frame, 'user'))
        return true
      }),
    }),
    { consequences: { 'replaces.unknown': 'its check has an unauthenticated connection say bye' } },
  ),
]

import { decorator, misdirected, Occupancy } from '../altered-directory.ts'
import type { Frame, Passage } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, counted, holding, isRelayed, textOf } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

const isPresence = (frame: Frame) => textOf(frame, 'type').startsWith('peer-')

/** Shifts the revisions of one room at one passage: what counts is the difference. */
function shifted(shift: (frame: Frame, passage: Passage) => number) {
  return () => ({
    toClient: (frame: Frame, passage: Passage) => {
      if (!isPresence(frame)) return true
      return { ...frame, revision: Math.max(1, Number(frame['revision']) + shift(frame, passage)) }
    },
  })
}

/** Makes an additional presence message, and moves the revisions that follow. */
const afterLeave = 'its check sees what comes after left'

/** Faults of presence. */
export const roomPresenceMutants: Mutants = [
  tampered(
    'sends joined after what follows it',
    'rooms.joined-first',
    () => ({
      toClient: holding(
        (frame) => frame['type'] === 'joined',
        (held, next) => (next['room'] === held['room'] ? 'swap' : 'keep'),
      ),
    }),
    {
      provokedBy: 'rooms.members',
      consequences: {
        'rooms.known-first': 'members comes late',
        'rooms.revision': 'joined comes late',
        'outcomes.in-time': 'joined comes late',
        'rooms.peer-joined': 'a walk sees it',
        'rooms.left-once': 'a walk sees it',
        'rooms.members': 'a walk sees it',
        'rooms.update': 'a walk sees it',
        'rooms.several': 'a walk sees it',
        'ack.beyond': 'numbers come in another order',
      },
    },
  ),
  tampered(
    'delivers a message before its sender is announced',
    'rooms.known-first',
    () => ({
      toClient: holding(
        (frame) => frame['type'] === 'peer-joined',
        (held, next) =>
          isRelayed(next) && next['from'] === (held['member'] as Frame)['peer'] ? 'swap' : 'keep',
      ),
    }),
    {
      consequences: { 'rooms.left-last': 'who comes back is heard before it is announced' },
      // It holds an announcement for a moment only, which a busy machine lets pass.
      sometimes: ['rooms.known-first:newcomers', 'rooms.known-first:throughout'],
    },
  ),
  tampered(
    'forgets to announce every third newcomer',
    'rooms.known-first',
    () => ({
      toClient: changed('peer-joined', (_frame, passage) => counted(passage, 'newcomers') % 3 !== 0),
    }),
    {
      consequences: {
        ...Object.fromEntries(
          [
            'rooms.peer-joined',
            'rooms.revision',
            'rooms.total-order',
            'rooms.left-once',
            'rooms.left-last',
            'rooms.members',
            'rooms.update',
            'rooms.several',
            'rooms.after-left',
            'rooms.leave',
            'rooms.full',
            'rooms.rejoin',
            'rooms.not-self',
            'rooms.outsiders',
            'relay.delivered',
            'relay.not-in-room',
            'relay.peer-not-found',
            'delivery.order',
            'delivery.once',
            'delivery.no-gap',
            'delivery.addressee',
            'delivery.sender-gone',
            'rooms.leave-not-in-room',
            'relay.members',
            'connection.end-noticed',
            'replaces.peer-left',
            'replaces.before-welcome',
            'relay.from',
          ].map((id) => [id, 'who is not announced is not known']),
        ),
      },
    },
  ),

  tampered(
    'says that a peer has left before its last message',
    'rooms.left-last',
    () => ({
      toClient: holding(isRelayed, (held, next) =>
        next['type'] === 'peer-left' && next['peer'] === held['from'] ? 'swap' : 'keep',
      ),
    }),
    {
      provokedBy: 'delivery.sender-gone',
      consequences: {
        'delivery.sender-gone': 'its checks look at the order',
        'delivery.no-gap': 'its check looks at what has come',
      },
    },
  ),
  misdirected(
    'goes on telling a peer that has left',
    'rooms.after-left',
    (inner) => {
      const left = new Map<string, string>()
      return {
        leave: (room, peer) => {
          left.set(room, peer)
          return inner.leave(room, peer)
        },
        update: (room, peer, data) => {
          const result = inner.update(room, peer, data)
          const gone = left.get(room)
          if (
            !result ||
            gone === undefined ||
            result.notices.some((notice) => notice.peer === gone) ||
            gone === peer
          )
            return result
          return { ...result, notices: [...result.notices, { peer: gone, revision: 99 }] }
        },
      }
    },
    {
      consequences: {
        'rooms.several': afterLeave,
        'rooms.joined-first': 'the peer may be joining again',
        'rooms.outsiders': 'the peer is no member',
      },
    },
  ),
  misdirected(
    'tells one connected peer of every update',
    'rooms.outsiders',
    (inner) => {
      const connected = new Set<string>()
      const occupancy = new Occupancy()
      const follow = occupancy.follow(inner)
      return {
        ...follow,
        connect: (peer, session) => {
          connected.add(peer)
          inner.connect(peer, session)
        },
        disconnect: (peer) => {
          connected.delete(peer)
          return follow.disconnect(peer)
        },
        update: (room, peer, data) => {
          const result = inner.update(room, peer, data)
          const strangers = [...connected].filter((other) => !occupancy.of(room).has(other))
          return (
            result && {
              ...result,
              notices: [...result.notices, ...strangers.map((other) => ({ peer: other, revision: 1 }))],
            }
          )
        },
      }
    },
    {
      consequences: {
        'limits.refuse-size': 'its check counts what comes',
        'rooms.after-left': 'outsiders may have left',
        'rooms.joined-first': 'outsiders may be joining',
        'connection.welcome': 'outsiders may be opening',
        'rooms.several': afterLeave,
      },
    },
  ),
  misdirected(
    'tells members of another room who comes',
    'rooms.outsiders',
    (inner) => {
      const occupancy = new Occupancy()
      const follow = occupancy.follow(inner)
      let last: string | undefined
      return {
        ...follow,
        update: (room, peer, data) => {
          const result = inner.update(room, peer, data)
          const elsewhere = last === undefined || last === room ? [] : [...occupancy.of(last)]
          last = room
          const others = elsewhere.filter((other) => !occupancy.of(room).has(other))
          return (
            result && {
              ...result,
              notices: [...result.notices, ...others.map((other) => ({ peer: other, revision: 5 }))],
            }
          )
        },
      }
    },
    {
      provokedBy: 'rooms.several',
      consequences: {
        'rooms.after-left': 'the member may have left that room',
        'rooms.joined-first': 'the member may be joining that room',
        'rooms.several': 'its check looks at both rooms',
      },
    },
  ),

  tampered(
    'repeats a revision with every second update',
    'rooms.revision',
    shifted((frame, passage) =>
      frame['type'] === 'peer-updated' && counted(passage, 'updates') % 2 === 0 ? -1 : 0,
    ),
  ),
  tampered(
    'skips a revision when a peer leaves',
    'rooms.revision',
    shifted((frame, passage) => {
      const key = `skipped ${textOf(frame, 'room')}`
      if (frame['type'] === 'peer-left') counted(passage, key)
      return (passage.notes.get(key) as number | undefined) ?? 0
    }),
  ),
  tampered('counts revisions for a whole connection', 'rooms.revision', () => ({
    toClient: (frame, passage) =>
      isPresence(frame) ? { ...frame, revision: counted(passage, 'revisions') } : true,
  })),

  misdirected(
    'tells only the first three members of an update',
    'rooms.update',
    (inner) => ({
      update: (room, peer, data) => {
        const result = inner.update(room, peer, data)
        return result && { ...result, notices: result.notices.slice(0, 2) }
      },
    }),
    {
      consequences: {
        'rooms.revision': 'the message is missing in the count',
        'rooms.peer-joined': 'a walk sees it',
        'rooms.members': 'a walk sees it',
        'rooms.several': 'a walk sees it',
        'rooms.left-once': 'a walk sees it',
        'delivery.no-gap': 'a walk sees it',
      },
    },
  ),
  misdirected('takes null for no data', 'rooms.update', (inner) => ({
    update: (room, peer, data) => {
      const result = inner.update(room, peer, data)
      if (!result || data !== 'null') return result
      const { data: _data, ...self } = result.self
      return { ...result, self }
    },
  })),
  tampered(
    'merges updates that come quickly',
    'rooms.update',
    () => ({
      toClient: holding(
        (frame) => frame['type'] === 'peer-updated',
        (held, next) =>
          next['type'] === 'peer-updated' &&
          (next['member'] as Frame)['peer'] === (held['member'] as Frame)['peer']
            ? 'drop'
            : 'keep',
      ),
    }),
    {
      consequences: {
        'rooms.revision': 'the message is missing in the count',
        'connection.order': 'its check counts updates',
      },
    },
  ),
  altered(
    'lets only senders update',
    'rooms.update',
    () =>
      startReferenceServer(
        {},
        {
          decorateDirectory: decorator((inner) => ({
            update: (room, peer, data) =>
              room.startsWith('listen-') ? undefined : inner.update(room, peer, data),
          })),
        },
      ),
    { consequences: { 'auth.grants': 'update is every right' } },
  ),

  tampered(
    'says ok to the update of an outsider',
    'rooms.update-not-in-room',
    () => ({
      toClient: changed('error', (frame) => {
        if (frame['of'] !== 'update' || frame['code'] !== 'not-in-room') return true
        return frame['ref'] === undefined ? false : { type: 'ok', ref: frame['ref'] }
      }),
    }),
    {
      consequences: {
        'connection.order': 'its check updates after leave',
        'replaces.new-identity': 'its check updates without having joined',
        'rooms.outsiders': 'its check sends such an update',
        'outcomes.failure-told': 'no error is sent',
      },
    },
  ),
  tampered(
    'says forbidden to the update of an outsider',
    'rooms.update-not-in-room',
    () => ({
      toClient: changed('error', (frame) =>
        frame['of'] === 'update' && frame['code'] === 'not-in-room' ? { ...frame, code: 'forbidden' } : true,
      ),
    }),
    {
      consequences: {
        'replaces.new-identity': 'its check updates without having joined',
        'rooms.outsiders': 'its check sends such an update',
        'auth.grants': 'nothing is forbidden',
      },
    },
  ),
  misdirected(
    'lets a peer that has left update',
    'rooms.update-not-in-room',
    (inner) => {
      const left = new Map<string, Set<string>>()
      const occupancy = new Occupancy()
      const follow = occupancy.follow(inner)
      return {
        ...follow,
        leave: (room, peer) => {
          left.set(room, (left.get(room) ?? new Set()).add(peer))
          return follow.leave(room, peer)
        },
        update: (room, peer, data) => {
          const result = inner.update(room, peer, data)
          if (result || !left.get(room)?.has(peer)) return result
          return { self: { peer, data }, notices: [] }
        },
      }
    },
    { consequences: { 'connection.order': 'its check updates after leave' } },
  ),
]

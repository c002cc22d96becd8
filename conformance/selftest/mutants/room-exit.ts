import { misdirected } from '../altered-directory.ts'
import type { Frame } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed, counted, textOf } from '../rule.ts'
import { selfTestTokens } from '../self-test-token.ts'

/** Changes `peer-left` of one reason. */
function leftBy(reason: string, change: (frame: Frame) => Frame | boolean) {
  return () => ({
    toClient: changed('peer-left', (frame) => (frame['reason'] === reason ? change(frame) : true)),
  })
}

const untold = {
  'rooms.revision': 'the message is missing in the count',
  'rooms.left-once': 'nobody is told',
  'rooms.left-last': 'nobody is told',
  'rooms.peer-joined': 'a walk sees it',
  'rooms.members': 'a walk sees it',
  'rooms.update': 'a walk sees it',
  'rooms.several': 'its checks wait for peer-left',
  'rooms.full': 'its check waits for peer-left',
  'rooms.rejoin': 'who comes back is known',
  'delivery.no-gap': 'a walk sees it',
  'delivery.sender-gone': 'its checks wait for peer-left',
  'connection.end-noticed': 'its check waits for peer-left',
  'connection.bye': 'its check waits for peer-left',
} as const

/** Faults of leaving a room. */
export const roomExitMutants: Mutants = [
  tampered(
    'says bye for leave',
    'rooms.leave',
    leftBy('leave', (frame) => ({ ...frame, reason: 'bye' })),
  ),
  tampered('answers leave with another reason', 'rooms.leave', () => ({
    toClient: changed('left', (frame) => ({ ...frame, reason: 'kicked' })),
  })),
  misdirected(
    'tells only one member of a leave',
    'rooms.leave',
    (inner) => ({
      leave: (room, peer) => {
        const result = inner.leave(room, peer)
        return result && { ...result, notices: result.notices.slice(0, 1) }
      },
    }),
    { consequences: { ...untold, 'rooms.after-left': 'its check waits for peer-left' } },
  ),
  tampered(
    'answers leave only with an id',
    'rooms.leave',
    () => ({
      toServer: (frame, passage) => {
        if (frame['type'] === 'leave' && frame['id'] === undefined)
          counted(passage, `silent ${textOf(frame, 'room')}`)
        return true
      },
      toClient: changed('left', (frame, passage) =>
        !('ref' in frame) ? !passage.notes.has(`silent ${textOf(frame, 'room')}`) : true,
      ),
    }),
    {
      consequences: {
        'outcomes.typed-reply': 'the typed reply is missing',
        'rooms.after-left': 'left is missing',
      },
    },
  ),

  tampered(
    'answers the leave of an outsider with left',
    'rooms.leave-not-in-room',
    () => ({
      toClient: changed('error', (frame) => {
        if (frame['of'] !== 'leave' || frame['code'] !== 'not-in-room') return true
        return {
          type: 'left',
          ...(frame['ref'] === undefined ? {} : { ref: frame['ref'] }),
          room: frame['room'],
          reason: 'leave',
        }
      }),
    }),
    {
      consequences: {
        'errors.goes-on': 'its check sends such a leave',
        'rooms.outsiders': 'left comes to a peer that is no member',
        'rooms.after-left': 'left comes twice',
      },
    },
  ),
  tampered(
    'answers a second leave with left',
    'rooms.leave-not-in-room',
    () => ({
      toClient: (frame, passage) => {
        if (frame['type'] === 'left') passage.notes.set(`left ${textOf(frame, 'room')}`, true)
        if (
          frame['of'] !== 'leave' ||
          frame['code'] !== 'not-in-room' ||
          !passage.notes.has(`left ${textOf(frame, 'room')}`)
        )
          return true
        return { type: 'left', ref: frame['ref'], room: frame['room'], reason: 'leave' }
      },
    }),
    { consequences: { 'rooms.after-left': 'left comes twice' } },
  ),

  tampered(
    'says lost for bye',
    'rooms.bye',
    leftBy('bye', (frame) => ({ ...frame, reason: 'lost' })),
    {
      consequences: {
        'connection.bye': 'its check looks at the reason',
        'connection.end-noticed': 'its check looks at the reason',
      },
    },
  ),
  tampered('tells the others the reason of a bye where a vendor has named it', 'rooms.bye', () => {
    const reasons = new Map<unknown, string>()
    return {
      toServer: changed('bye', (frame, { peer }) => {
        if (textOf(frame, 'reason').includes('.')) reasons.set(peer, textOf(frame, 'reason'))
        return true
      }),
      toClient: changed('peer-left', (frame) => ({
        ...frame,
        reason: reasons.get(frame['peer']) ?? frame['reason'],
      })),
    }
  }),
  misdirected(
    'tells only one room of an end',
    'rooms.bye',
    (inner) => ({
      disconnect: (peer) => inner.disconnect(peer).slice(0, 1),
    }),
    {
      consequences: {
        ...untold,
        'rooms.lost': 'neither are the rooms of a lost peer',
        'replaces.peer-left': 'neither are those of a replaced one',
        'replaces.before-welcome': 'neither are those of a replaced one',
        'rooms.ended': 'neither are those of an expired one',
      },
    },
  ),

  tampered(
    'says bye for a closed connection',
    'rooms.lost',
    () => ({
      toClient: leftBy('lost', (frame) => ({ ...frame, reason: 'bye' }))().toClient,
    }),
    {
      consequences: {
        'delivery.slow-receiver': 'its check looks at the reason',
        'connection.end-noticed': 'its check looks at the reason',
        'websocket.close': 'its check looks at the reason',
      },
    },
  ),
  tampered(
    'does not notice a cut connection',
    'rooms.lost',
    () => ({
      onClientEnd: () => false,
    }),
    {
      consequences: {
        ...untold,
        'websocket.close': 'an end is not noticed',
        'rooms.outsiders': 'nobody is taken out',
        'websocket.binary': 'an end is not noticed',
        'rooms.empty': 'nobody is taken out',
      },
    },
  ),
  tampered(
    'gives a reason of its own for lost connections',
    'rooms.lost',
    leftBy('lost', (frame) => ({ ...frame, reason: 'com.example.error' })),
    {
      consequences: {
        'delivery.slow-receiver': 'its check looks at the reason',
        'connection.end-noticed': 'its check looks at the reason',
        'websocket.close': 'its check looks at the reason',
      },
    },
  ),

  tampered(
    'says lost for the end of a token',
    'rooms.ended',
    leftBy('expired', (frame) => ({ ...frame, reason: 'lost' })),
    {
      server: { tokens: [...selfTestTokens, { token: 'eve-51f0a7c3d2e8', user: 'eve', expiresInMs: 700 }] },
      consequences: { 'auth.expiry': 'its check may look at the reason' },
    },
  ),

  tampered(
    'says twice that a peer has left',
    'rooms.left-once',
    () => ({
      toClient: (frame, passage, text) => {
        if (frame['type'] !== 'peer-left' || frame['reason'] !== 'leave') return true
        return counted(passage, 'leavers') % 2 === 0
          ? true
          : [text, { ...frame, revision: Number(frame['revision']) + 1 }]
      },
    }),
    {
      consequences: {
        'rooms.revision': 'a message is too much',
        'rooms.leave-not-in-room': 'its check counts peer-left',
      },
    },
  ),
  tampered(
    'says lost after bye',
    'rooms.left-once',
    () => ({
      toClient: (frame, _passage, text) =>
        frame['type'] === 'peer-left' && frame['reason'] === 'bye'
          ? [text, { ...frame, reason: 'lost', revision: Number(frame['revision']) + 1 }]
          : true,
    }),
    {
      consequences: {
        'rooms.revision': 'a message is too much',
        'rooms.lost': 'its check is about another reason',
      },
    },
  ),
  tampered(
    'says lost after replaced',
    'rooms.left-once',
    () => ({
      toClient: (frame, passage) => {
        if (frame['type'] === 'peer-left' && frame['reason'] === 'replaced')
          setTimeout(() => {
            passage.toClient({ ...frame, reason: 'lost', revision: Number(frame['revision']) + 1 })
          }, 3)
        return true
      },
    }),
    { consequences: { 'rooms.revision': 'a message is too much' } },
  ),
  misdirected(
    'tells again of those who had left when they disconnect',
    'rooms.left-once',
    (inner) => {
      const left = new Map<string, Set<string>>()
      const members = new Map<string, Set<string>>()
      return {
        join: (room, member) => {
          members.set(room, (members.get(room) ?? new Set()).add(member.peer))
          left.get(member.peer)?.delete(room)
          return inner.join(room, member)
        },
        leave: (room, peer) => {
          left.set(peer, (left.get(peer) ?? new Set()).add(room))
          members.get(room)?.delete(peer)
          return inner.leave(room, peer)
        },
        disconnect: (peer) => {
          for (const each of members.values()) each.delete(peer)
          const again = [...(left.get(peer) ?? [])].map((room) => ({
            room,
            notices: [...(members.get(room) ?? [])].map((other) => ({ peer: other, revision: 50 })),
          }))
          return [...again, ...inner.disconnect(peer)]
        },
      }
    },
    { consequences: { 'rooms.revision': 'a message is too much' } },
  ),
]

import { defaultHandlers } from '@parley/reference-server'
import type { MiddlemanRules } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { refusal, textOf, without } from '../rule.ts'
import { along, handling, hasResume, hearing, note, saying, seqOf, shiftOf } from './session-rule.ts'

/** Frames to be looked at, for what is watched in all of them. */
const playing = 'resume.resumed,resume.goes-on,seq.hop'

/** What comes of a number at a receiver who has none. */
const carriedOn = {
  'frames.shape': 'a delivered message has no seq',
  'relay.beyond-i-json': 'the middleman writes the message anew',
  'delivery.no-gap': 'a number that the middleman has changed cannot be told from others',
  'custom.unread': 'it has a member that was not sent',
} as const

/** The numbers of a sender take the place of the receiver's, where both have a session. */
function carryingOn(): MiddlemanRules {
  const sent = new Map<string, { readonly seq: unknown; readonly ack: unknown }>()
  return {
    toServer: (frame) => {
      if (frame['type'] === 'hangup' && 'seq' in frame)
        sent.set(textOf(frame, 'call'), { seq: frame['seq'], ack: frame['ack'] })
      return true
    },
    toClient: (frame, passage) => {
      note(frame, passage)
      const numbers = sent.get(textOf(frame, 'call'))
      const isDelivered = frame['type'] === 'hangup' && 'from' in frame
      return isDelivered && hasResume(passage) && numbers !== undefined ? { ...frame, ...numbers } : true
    },
  }
}

/** Faults in what is numbered. */
export const sessionNumberMutants: Mutants = [
  tampered(
    'begins with number 0',
    'seq.numbered',
    saying((frame) => {
      const seq = seqOf(frame)
      return seq === undefined ? true : { ...frame, seq: seq - 1 }
    }),
    { only: `seq.numbered,seq.numbered:throughout`, ...along('resume.failed') },
  ),
  tampered(
    'leaves out a number now and then',
    'seq.numbered',
    saying((frame) => {
      const seq = seqOf(frame)
      return seq === undefined || seq < 3 ? true : { ...frame, seq: seq + 1 }
    }),
    { only: `seq.numbered:throughout,resume.again`, ...along('resume.goes-on') },
  ),
  tampered(
    'numbers pongs, too',
    'seq.unnumbered',
    saying((frame) => (frame['type'] === 'pong' ? { ...frame, seq: 1 } : true)),
    { only: `seq.unnumbered:throughout,seq.seen` },
  ),
  tampered(
    'numbers the outcome of what has no number',
    'seq.unnumbered',
    saying((frame) => (frame['of'] === 'ack' && frame['type'] === 'error' ? { ...frame, seq: 3 } : true)),
    { only: `seq.unnumbered:throughout,ack.beyond`, ...along('seq.numbered') },
  ),
  tampered(
    'gives what is refused no number',
    'seq.taken',
    hearing((frame, passage) => {
      const isBroken = seqOf(frame) !== undefined && typeof frame['room'] === 'number'
      if (isBroken) passage.toClient(refusal(frame, 'bad-message'))
      return !isBroken
    }),
    { ...along('seq.numbered') },
  ),
  tampered(
    'acts again on a number that it has taken',
    'seq.seen',
    hearing((frame, passage) => {
      const seq = seqOf(frame)
      if (seq === undefined) return true
      const last = shiftOf(passage, 'last')
      passage.notes.set('last', Math.max(last, seq))
      if (seq > last) return { ...frame, seq: seq + shiftOf(passage, 'extra') }
      passage.notes.set('extra', shiftOf(passage, 'extra') + 1)
      return { ...frame, seq: last + shiftOf(passage, 'extra') }
    }),
    { ...along('seq.missing', 'seq.unnumbered', 'ack.true') },
  ),
  tampered(
    'answers a number that it has taken with an error',
    'seq.seen',
    hearing((frame, passage) => {
      const seq = seqOf(frame)
      if (seq === undefined) return true
      if (seq <= shiftOf(passage, 'last')) passage.toClient(refusal(frame, 'unexpected-message'))
      passage.notes.set('last', Math.max(shiftOf(passage, 'last'), seq))
      return true
    }),
    { ...along('seq.missing') },
  ),
  tampered(
    'acts on what comes after a gap',
    'seq.gap',
    hearing((frame, passage) => {
      const seq = seqOf(frame)
      if (seq === undefined) return true
      passage.notes.set('last', shiftOf(passage, 'last') + 1)
      return { ...frame, seq: shiftOf(passage, 'last') }
    }),
    {
      ...along(
        'seq.seen',
        'seq.missing',
        'seq.unnumbered',
        'ack.true',
        'resume.goes-on',
        'resume.unseen',
        'resume.secret',
      ),
    },
  ),
  tampered(
    'takes a message without seq for the next one',
    'seq.missing',
    hearing((frame, passage) => {
      const { type, seq } = frame
      if (type !== 'hangup' && type !== 'join') return true
      if (!('seq' in frame)) passage.notes.set('extra', shiftOf(passage, 'extra') + 1)
      const last = typeof seq === 'number' ? seq : shiftOf(passage, 'last')
      passage.notes.set('last', last)
      return 'seq' in frame && typeof seq !== 'number'
        ? true
        : { ...frame, seq: last + shiftOf(passage, 'extra') }
    }),
    { ...along('seq.unnumbered', 'ack.true') },
  ),
  tampered(
    'takes a ping with seq',
    'seq.missing',
    hearing((frame) => (frame['type'] === 'ping' ? without(frame, 'seq') : true)),
  ),
  ...(
    [
      ['relayed messages', ['hangup']],
      ['offers', ['offer']],
      ['messages of applications', ['com.example.raise-hand']],
      ['invites', ['invite']],
      ['candidates of calls', ['candidate'], false],
    ] as const
  ).map(([what, types, inRooms = true]) =>
    tampered(
      `carries the numbers of a sender on in ${what}`,
      'seq.hop',
      () => ({
        toClient: (frame, passage) => {
          note(frame, passage)
          const isOne = (types as readonly unknown[]).includes(frame['type']) && !('ref' in frame)
          return !hasResume(passage) && isOne && (inRooms || !('room' in frame)) ? { ...frame, seq: 3 } : true
        },
      }),
      { consequences: carriedOn },
    ),
  ),
  tampered('ignores seq and ack in messages of applications', 'frames.hop-members', () => ({
    toServer: (frame) =>
      String(frame['type']).includes('.') && !('seq' in frame && 'ack' in frame)
        ? without(frame, 'seq', 'ack')
        : true,
  })),
  tampered(
    'takes an ack where resume is not in force',
    'frames.hop-members',
    () => ({
      toClient: (frame, passage) => {
        note(frame, passage)
        return true
      },
      toServer: (frame, passage) => {
        if (frame['type'] !== 'ack' || hasResume(passage)) return true
        if (typeof frame['id'] === 'string') passage.toClient({ type: 'ok', ref: frame['id'] })
        return false
      },
    }),
    { consequences: { 'capabilities.not-in-force': 'ack is a message of resume' } },
  ),
  tampered(
    'carries the number of one receiver on to others in what is for everybody',
    'seq.hop',
    () => {
      const numbered = new Map<string, Set<unknown>>()
      const of = (room: string) => numbered.get(room) ?? new Set()
      return {
        toClient: (frame, passage) => {
          note(frame, passage)
          const room = textOf(frame, 'room')
          if (frame['type'] === 'welcome') passage.notes.set('peer', frame['peer'])
          if (frame['type'] === 'joined' && hasResume(passage))
            numbered.set(room, of(room).add(passage.notes.get('peer')))
          const isForAll = textOf(frame, 'type').includes('.') && !('to' in frame)
          const others = [...of(room)].filter((peer) => peer !== frame['from'])
          return isForAll && !hasResume(passage) && others.length > 0 ? { ...frame, seq: 3 } : true
        },
      }
    },
    { only: 'seq.hop:custom' },
  ),
  tampered(
    'numbers what it says of a room at members who have no numbers, too',
    'seq.hop',
    () => ({
      toClient: (frame, passage) => {
        note(frame, passage)
        return frame['type'] === 'peer-joined' && !hasResume(passage) ? { ...frame, seq: 3 } : true
      },
    }),
    { provokedBy: 'resume.unseen', consequences: carriedOn },
  ),
  tampered('delivers hangups with the numbers of their sender', 'seq.hop', carryingOn, {
    ...along('seq.numbered', 'ack.true'),
  }),
]

/** Faults in what is acknowledged. */
export const acknowledgementMutants: Mutants = [
  tampered(
    'acknowledges nothing',
    'ack.sent',
    saying((frame) => {
      if (frame['type'] === 'ack') return false
      return seqOf(frame) === undefined ? true : without(frame, 'ack')
    }),
  ),
  tampered(
    'acknowledges what has not come yet',
    'ack.true',
    saying((frame) => (typeof frame['ack'] === 'number' ? { ...frame, ack: frame['ack'] + 1 } : true)),
    {
      only: `ack.true:throughout,${playing}`,
      consequences: { 'resume.resumed': 'it looks at the ack of resumed' },
    },
  ),
  handling('refuses an ack that it has had before', 'ack.old', {
    ack: (message, client, engine, frame) => {
      const had = (client as { had?: number }).had ?? -1
      if (message.ack <= had) {
        client.send(JSON.stringify(refusal(message, 'unexpected-message')))
        return
      }
      Object.assign(client, { had: message.ack })
      return defaultHandlers.ack(message, client, engine, frame)
    },
  }),
  handling(
    'takes any ack',
    'ack.beyond',
    {
      ack: (message, client) => {
        if (message.id !== undefined) client.send(JSON.stringify({ type: 'ok', ref: message.id }))
      },
    },
    { ...along('resume.failed') },
  ),
  tampered(
    'lets go of everything at an ack that it refuses',
    'ack.beyond',
    () => ({
      toClient: (frame, passage) => {
        note(frame, passage)
        const seq = seqOf(frame)
        if (seq !== undefined) passage.notes.set('told', seq)
        return true
      },
      toServer: (frame, passage) => {
        const told = shiftOf(passage, 'told')
        if (frame['type'] === 'ack' && Number(frame['ack']) > told)
          passage.toServer({ type: 'ack', ack: told })
        return true
      },
    }),
    { says: /resumed for a resume/ },
  ),
]

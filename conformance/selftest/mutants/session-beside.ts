import { misdirected, Occupancy } from '../altered-directory.ts'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { changed } from '../rule.ts'

const isResumed = ({ notes }: Passage) => notes.has('resumed')

/** Notes which connections have resumed a session. */
function noting(rules: MiddlemanRules): MiddlemanRules {
  return {
    ...rules,
    toClient: (frame, passage, text) => {
      const passed = rules.toClient?.(frame, passage, text) ?? true
      if (frame['type'] === 'resumed') passage.notes.set('resumed', frame['peer'])
      return passed
    },
  }
}

/** Numbered messages that a server has skipped are missing wherever numbers are looked at. */
const skipped = { 'seq.numbered': 'a number is missing', 'resume.meanwhile': 'a message is missing' } as const

/** Rings whoever authenticates while its user rings. */
function ringingLate(): MiddlemanRules {
  const ringing = new Map<unknown, { readonly user: unknown; readonly invite: Frame }>()
  return {
    toServer: (frame) => {
      if (['accept', 'cancel', 'reject'].includes(String(frame['type']))) ringing.delete(frame['call'])
      return true
    },
    toClient: (frame, { notes }) => {
      if (frame['type'] === 'welcome' && 'calls' in (frame['capabilities'] as Frame)) notes.set('calls', true)
      if (frame['type'] === 'invite') ringing.set(frame['call'], { user: notes.get('user'), invite: frame })
      if (frame['type'] !== 'authenticated') return true
      notes.set('user', frame['user'])
      const late = [...ringing.values()].filter(({ user }) => user === frame['user'])
      return notes.has('calls') ? [frame, ...late.map(({ invite }) => invite)] : true
    },
  }
}

/** Counts no member whose session waits. */
function countingThoseThere(): MiddlemanRules {
  const waiting = new Map<string, ReadonlySet<unknown>>()
  const roomsOf = ({ notes }: Passage) => (notes.get('rooms') ?? new Set()) as Set<unknown>
  return {
    toClient: (frame, passage) => {
      const { notes } = passage
      if (frame['type'] === 'welcome' && 'resume' in (frame['capabilities'] as Frame))
        notes.set('resume', true)
      if (frame['type'] === 'joined') notes.set('rooms', roomsOf(passage).add(frame['room']))
      if (frame['type'] === 'resumed') waiting.delete(String(frame['peer']))
      if (frame['type'] !== 'found') return true
      const items = (frame['items'] as Frame[]).map((item) => {
        const away = [...waiting.values()].filter((rooms) => rooms.has(item['room'])).length
        return 'members' in item ? { ...item, members: Number(item['members']) - away } : item
      })
      return { ...frame, items }
    },
    toServer: changed('bye', (_frame, { notes }) => {
      notes.delete('resume')
      return true
    }),
    onClientEnd: (passage) => {
      if (passage.notes.has('resume')) waiting.set(passage.peer, roomsOf(passage))
      return true
    },
  }
}

/** Faults where a session, a call, a search and a custom message meet. */
export const sessionBesideMutants: Mutants = [
  tampered(
    'sends again from a wrong place after an ack beside another message',
    'resume.again',
    () => {
      const acknowledged = new Set<unknown>()
      return noting({
        toServer: ({ type, ack, session }, { notes }) => {
          if (type === 'resume') notes.set('session', session)
          else if (type !== 'ack' && typeof ack === 'number' && ack > 0)
            acknowledged.add(notes.get('session'))
          return true
        },
        toClient: (frame, passage) => {
          const { notes } = passage
          if (frame['type'] === 'welcome') notes.set('session', frame['session'])
          if (!isResumed(passage) || !('seq' in frame)) return true
          return !acknowledged.delete(notes.get('session'))
        },
      })
    },
    { consequences: skipped },
  ),
  tampered('rings a device that comes when its user is ringing already', 'ring.invited', ringingLate, {
    consequences: { 'ring.only-endpoints': 'one more device is told of the call' },
  }),
  tampered('names who has resumed by the peer id of its new connection as caller', 'resume.goes-on', () => {
    const temporary = new Map<unknown, string>()
    return {
      toClient: (frame, passage) => {
        if (frame['type'] === 'resumed') temporary.set(frame['peer'], passage.peer)
        const caller = frame['type'] === 'invite' ? (frame['caller'] as Frame) : {}
        const peer = temporary.get(caller['peer'])
        return peer === undefined ? true : { ...frame, caller: { ...caller, peer } }
      },
    }
  }),
  tampered(
    'says nothing of the end of its time to who was away then',
    'resume.meanwhile',
    () =>
      noting({
        toClient: (frame, passage) =>
          !(frame['type'] === 'cancel' && frame['reason'] === 'timeout' && isResumed(passage)),
      }),
    { consequences: { 'seq.numbered': 'a number is missing', 'ring.timeout': 'its end is not told' } },
  ),
  tampered('counts no member whose session waits', 'find.members', countingThoseThere),
  tampered('forgets the cursors of who resumes', 'resume.goes-on', () =>
    noting({
      toServer: changed('find', (frame, passage) =>
        'cursor' in frame && isResumed(passage) ? { ...frame, cursor: 'forgotten' } : true,
      ),
    }),
  ),
  misdirected('begins again where the room of a cursor is gone', 'find.order', (inner) => {
    const occupancy = new Occupancy()
    return {
      ...occupancy.follow(inner),
      listRooms: (wanted) => {
        const isGone = wanted.after !== undefined && occupancy.of(wanted.after).size === 0
        return inner.listRooms(isGone ? { ...wanted, after: undefined } : wanted)
      },
    }
  }),
  tampered('takes a custom message for the one that its name ends in', 'custom.unread', () => ({
    toServer: changed('com.example.update', (frame) => ({ ...frame, type: 'update' })),
  })),
]

import type { Resumable } from '@parley/reference-server'
import type { Frame, Passage } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { refusal, textOf } from '../rule.ts'
import { along, hasResume, hearing, keeping, note, saying, seqOf, shiftOf } from './session-rule.ts'

/** Shifts the numbers of the server from `resumed` on. */
const afterResumed = (change: (frame: Frame, seq: number, passage: Passage) => Frame | boolean) =>
  saying((frame, passage) => {
    const seq = seqOf(frame)
    if (seq === undefined || !passage.notes.has('resumed')) return true
    return change(frame, seq, passage)
  })

/** Faults in going on with a session. */
export const resumeMutants: Mutants = [
  tampered(
    'names the peer of the new connection in resumed',
    'resume.resumed',
    saying((frame, passage) => (frame['type'] === 'resumed' ? { ...frame, peer: passage.peer } : true)),
  ),
  tampered(
    'says in resumed that nothing has come',
    'resume.resumed',
    saying((frame) => (frame['type'] === 'resumed' ? { ...frame, ack: 0 } : true)),
  ),
  tampered('resumes only a second after welcome', 'resume.resumed', () => ({
    toClient: (frame, passage) => {
      note(frame, passage)
      return true
    },
    toServer: (frame, passage) => {
      if (frame['type'] !== 'resume' || hasResume(passage)) return true
      passage.toClient(refusal(frame, 'resume-failed'))
      return false
    },
  })),
  tampered(
    'sends nothing again',
    'resume.again',
    () => {
      const told = new Map<string, number>()
      return {
        toServer: (frame, passage) => {
          if (frame['type'] === 'resume') passage.notes.set('of', frame['session'])
          return true
        },
        toClient: (frame, passage) => {
          note(frame, passage)
          const seq = seqOf(frame)
          if (seq === undefined) return true
          const session = String(passage.notes.get('of') ?? passage.notes.get('session'))
          const isNew = seq > (told.get(session) ?? 0)
          if (isNew) told.set(session, seq)
          return isNew
        },
      }
    },
    { ...along('seq.numbered', 'ack.beyond', 'resume.failure-keeps') },
  ),
  tampered(
    'leaves out the first that is to be sent again',
    'resume.again',
    afterResumed((_frame, _seq, passage) => {
      const isFirst = !passage.notes.has('first')
      passage.notes.set('first', true)
      return !isFirst
    }),
    {
      says: /as message 1 after resumed/,
      ...along('seq.numbered', 'ack.beyond', 'resume.goes-on', 'resume.meanwhile', 'resume.buffer'),
    },
  ),
  tampered(
    'ends the connection that resumes a session for which more than a hundred messages wait',
    'resume.again',
    () => {
      /** Peers by the secrets of their sessions. */
      const peers = new Map<unknown, string>()
      /** Messages for peers that are gone. */
      const waiting = new Map<string, number>()
      return {
        onClientEnd: ({ peer }) => {
          waiting.set(peer, 0)
          return true
        },
        toClient: (frame, passage) => {
          if (frame['type'] === 'welcome') peers.set(frame['session'], textOf(frame, 'peer'))
          note(frame, passage)
          return true
        },
        toServer: (frame, passage) => {
          const to = textOf(frame, 'to')
          const count = waiting.get(to)
          if (count !== undefined) waiting.set(to, count + 1)
          if (frame['type'] !== 'resume' || (waiting.get(peers.get(frame['session']) ?? '') ?? 0) <= 100)
            return true
          passage.end()
          return false
        },
      }
    },
    { only: 'resume.again:many' },
  ),
  tampered(
    'changes what it sends again',
    'resume.again',
    afterResumed((frame) => (frame['type'] === 'hangup' ? { ...frame, reason: 'busy' } : true)),
  ),
  tampered(
    'begins with number 1 again after a resume',
    'resume.goes-on',
    afterResumed((frame, _seq, passage) => {
      passage.notes.set('again', shiftOf(passage, 'again') + 1)
      return { ...frame, seq: shiftOf(passage, 'again') }
    }),
    { only: 'resume.goes-on', ...along('seq.numbered', 'resume.again') },
  ),
  tampered(
    'takes nothing in the rooms of a session that was resumed',
    'resume.goes-on',
    hearing((frame, passage) => {
      if (!passage.notes.has('resumed') || frame['type'] !== 'hangup') return true
      if (typeof frame['id'] === 'string') passage.toClient({ ...refusal(frame, 'not-in-room'), seq: 3 })
      return false
    }),
    { ...along('resume.unseen', 'resume.secret') },
  ),
  tampered(
    'tells the room of a loss',
    'resume.unseen',
    () => {
      const passages = new Set<Passage>()
      return {
        passages,
        toClient: (frame, passage) => {
          note(frame, passage)
          if (typeof frame['revision'] === 'number') {
            passage.notes.set('room', frame['room'])
            passage.notes.set('revision', frame['revision'])
          }
          return true
        },
        onClientEnd: (gone) => {
          if (!hasResume(gone)) return true
          const room = gone.notes.get('room')
          for (const other of passages) {
            if (other === gone || other.notes.get('room') !== room || room === undefined) continue
            const revision = shiftOf(other, 'revision') + 1
            other.toClient({ type: 'peer-left', room, peer: gone.peer, reason: 'lost', revision })
          }
          return true
        },
      }
    },
    { ...along('resume.fatal', 'resume.replaces') },
  ),
  tampered(
    'does not know a peer whose session waits',
    'resume.meanwhile',
    () => {
      const gone = new Set<string>()
      return {
        toClient: (frame, passage) => {
          note(frame, passage)
          if (frame['type'] === 'resumed') gone.delete(textOf(frame, 'peer'))
          return true
        },
        toServer: (frame, passage) => {
          if (!gone.has(textOf(frame, 'to'))) return true
          passage.toClient(refusal(frame, 'peer-not-found'))
          return false
        },
        onClientEnd: (passage) => {
          if (hasResume(passage)) gone.add(passage.peer)
          return true
        },
      }
    },
    { ...along('resume.buffer', 'resume.overflow') },
  ),
  tampered(
    'ends the connection that a session leaves without a word',
    'resume.takes-over',
    saying((frame) => frame['code'] !== 'replaced'),
  ),
  keeping(
    'resumes nothing that has a connection',
    'resume.takes-over',
    (sessions, known) => {
      const waiting = new Set<Resumable>()
      return {
        wait: (peer) => {
          waiting.add(peer)
          sessions.wait(peer)
        },
        find: (secret, client, ack) => {
          const owner = known.get(secret)
          return owner !== undefined && waiting.has(owner) ? sessions.find(secret, client, ack) : undefined
        },
      }
    },
    { says: /resumed for a resume/, ...along('resume.failed') },
  ),
  keeping(
    'takes a secret only once',
    'resume.secret',
    (sessions) => {
      const used = new Set<string>()
      return {
        find: (secret, client, ack) => {
          const found = used.has(secret) ? undefined : sessions.find(secret, client, ack)
          if (found !== undefined) used.add(secret)
          return found
        },
      }
    },
    {
      consequences: {
        ...along('resume.again').consequences,
        'resume.resumed': 'its checks resume a session more than once',
      },
    },
  ),
  tampered(
    'lets the secret of the new welcome resume, too',
    'resume.secret',
    () => {
      const aliases = new Map<unknown, unknown>()
      return {
        toClient: (frame, passage) => {
          note(frame, passage)
          if (frame['type'] === 'resumed') aliases.set(passage.notes.get('session'), passage.notes.get('of'))
          return true
        },
        toServer: (frame, passage) => {
          if (frame['type'] !== 'resume') return true
          const of = aliases.get(frame['session']) ?? frame['session']
          passage.notes.set('of', of)
          // Whatever is the last that was acknowledged there.
          return of === frame['session'] ? true : { ...frame, session: of, ack: 2 }
        },
      }
    },
    { ...along('ack.true') },
  ),
]

import type { CallRegistry, Frame as Text, PresenceRegistry, Router } from '@parley/reference-server'
import type { SyncCalls } from '../altered-calls.ts'
import { presenceOver, type SyncPresence } from '../altered-presence.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { refusal } from '../rule.ts'
import { treating, type Knowing } from './session-afterwards.ts'
import { note, seqOf } from './session-rule.ts'

/** Sessions wait for two seconds where the end of that is waited for. */
const server = { resumeSeconds: 2 }

/** Tells nobody of one kind what the end of a session that has waited in vain means for its calls. */
function untold(type: 'call-ended' | 'reject'): Knowing {
  return ({ waiting }) => ({
    decorateCalls: (inner: CallRegistry) =>
      new Proxy(inner, {
        get: (target, property) => {
          if (property === 'detach')
            return (peer: string) => {
              const tellings = (target as SyncCalls).detach(peer)
              return waiting.has(peer) ? tellings.filter((telling) => telling.type !== type) : tellings
            }
          const value: unknown = Reflect.get(target, property)
          return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
      }),
  })
}

/** Tells no watcher that a user is online no more whose session has waited in vain. */
const unwatched: Knowing = ({ waiting }) => ({
  decoratePresence: (inner: PresenceRegistry) =>
    presenceOver(inner, {
      detach: (peer) => {
        const sightings = (inner as SyncPresence).detach(peer)
        return waiting.has(peer) ? [] : sightings
      },
    }),
})

/** Tells who has resumed nothing of what changes in its rooms. */
const roomless: Knowing = ({ resumed }) => ({
  decorateRouter: (router: Router) => ({
    attach: (receiver) => router.attach(receiver),
    detach: (peer) => router.detach(peer),
    end: (...args) => router.end(...args),
    deliver: (peer: string, frame: Text) =>
      resumed.has(peer) && String(frame).includes('"type":"peer-updated"')
        ? undefined
        : router.deliver(peer, frame),
  }),
})

/** Faults at the end of sessions that wait in vain, and where one goes on. */
export const sessionInVainMutants: Mutants = [
  treating('tells no party of a call whose other party waits in vain', 'talk.lost', untold('call-ended'), {
    server,
    only: 'talk.lost,talk.lost:window',
  }),
  treating('tells no caller whose endpoint waits in vain', 'ring.endpoint-lost', untold('reject'), {
    server,
    only: 'ring.endpoint-lost,ring.endpoint-lost:window',
  }),
  treating('tells no watcher of a user whose session waits in vain', 'watch.change', unwatched, {
    server,
    only: 'watch.change,watch.change:window',
  }),
  treating('tells who has resumed no change in its rooms', 'resume.goes-on', roomless, {
    only: 'resume.goes-on,resume.meanwhile:presence',
    consequences: { 'resume.meanwhile': 'it looks at a change after the resume, too' },
  }),
  tampered(
    'takes a number for a gap that comes again after a resume',
    'seq.seen',
    () => ({
      toClient: (frame, passage) => {
        note(frame, passage)
        if (frame['type'] === 'resumed') passage.notes.set('taken', frame['ack'])
        return true
      },
      toServer: (frame, passage) => {
        const seq = seqOf(frame)
        if (seq === undefined || seq > Number(passage.notes.get('taken') ?? 0)) return true
        passage.toClient({ ...refusal(frame, 'seq-gap'), fatal: true })
        passage.end(4444)
        return false
      },
    }),
    { only: 'seq.seen,seq.seen:resumed,outcomes.no-ref:throughout' },
  ),
  tampered(
    'resumes nothing while it drains',
    'resume.resumed',
    () => {
      let hasBegun = false
      return {
        toClient: (frame) => {
          hasBegun ||= frame['type'] === 'goaway'
          return true
        },
        toServer: (frame, passage) => {
          if (!hasBegun || frame['type'] !== 'resume') return true
          passage.toClient(refusal(frame, 'resume-failed'))
          return false
        },
      }
    },
    { drains: true },
  ),
]

import { defaultHandlers, type Resumable, type SessionKeeper } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import type { KnownErrorCode } from '@parley/schemas'
import type { Frame, MiddlemanRules, Passage, Rule } from '../middleman.ts'
import { altered, type Mutant, type MutantOptions } from '../mutant.ts'
import { refusal } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

/** Whether a connection of the kit has `resume` in force, as its `welcome` said. */
export function hasResume(passage: Passage): boolean {
  return passage.notes.has('resume')
}

/** Notes what a rule about sessions has to know of a connection. */
export function note(frame: Frame, passage: Passage): void {
  if (frame['type'] === 'welcome' && 'resume' in (frame['capabilities'] as object)) {
    passage.notes.set('resume', true)
    passage.notes.set('session', frame['session'])
  }
  if (frame['type'] === 'resumed') passage.notes.set('resumed', true)
}

/** Changes what the server says on connections with `resume`. */
export function saying(change: Rule): () => MiddlemanRules {
  return () => ({
    toClient: (frame, passage, text) => {
      note(frame, passage)
      return hasResume(passage) ? change(frame, passage, text) : true
    },
  })
}

/** Changes what a client says there. */
export function hearing(change: Rule): () => MiddlemanRules {
  return () => ({
    toClient: (frame, passage) => {
      note(frame, passage)
      return true
    },
    toServer: (frame, passage, text) => (hasResume(passage) ? change(frame, passage, text) : true),
  })
}

/** The number of a frame that has one. */
export const seqOf = (frame: Frame) => (typeof frame['seq'] === 'number' ? frame['seq'] : undefined)

/** Counts on from what a passage has noted under a name. */
export function shiftOf(passage: Passage, name: string): number {
  return (passage.notes.get(name) as number | undefined) ?? 0
}

/** Makes the seam that changes how sessions are found and kept. */
export function keeper(
  change: (sessions: SessionKeeper, known: ReadonlyMap<string, Resumable>) => Partial<SessionKeeper>,
): (sessions: SessionKeeper) => SessionKeeper {
  return (sessions) => {
    const known = new Map<string, Resumable>()
    const own: Partial<SessionKeeper> = {
      begin: (peer) => {
        known.set(peer.session, peer)
        sessions.begin(peer)
      },
    }
    const changed = { ...own, ...change(sessions, known) }
    return new Proxy(sessions, {
      get: (target, property) => {
        const value: unknown = Reflect.get(changed, property) ?? Reflect.get(target, property)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
  }
}

/** A fault in how the reference server finds and keeps sessions. */
export function keeping(
  name: string,
  breaks: ServerRequirementId,
  change: (sessions: SessionKeeper, known: ReadonlyMap<string, Resumable>) => Partial<SessionKeeper>,
  options: MutantOptions = {},
) {
  const { server, ...rest } = options
  return altered(name, breaks, () => startReferenceServer(server, { decorateSessions: keeper(change) }), rest)
}

/** Finds as if the one who asks was somebody else. */
export function findingAs(
  disguise: (owner: Resumable, client: Resumable) => PropertyDescriptorMap,
): (sessions: SessionKeeper, known: ReadonlyMap<string, Resumable>) => Partial<SessionKeeper> {
  return (sessions, known) => ({
    find: (secret, client, ack) => {
      const owner = known.get(secret)
      const asked =
        owner === undefined ? client : (Object.create(client, disguise(owner, client)) as Resumable)
      return sessions.find(secret, asked, ack)
    },
  })
}

/** Ends a session with a fatal error that it should outlive. */
export function endingWith(code: KnownErrorCode): () => MiddlemanRules {
  return () => {
    const over = new Set<unknown>()
    return {
      toClient: (frame, passage) => {
        note(frame, passage)
        if (frame['code'] === code) over.add(passage.notes.get('session'))
        return true
      },
      toServer: (frame, passage) => {
        if (frame['type'] !== 'resume' || !over.has(frame['session'])) return true
        passage.toClient(refusal(frame, 'resume-failed'))
        return false
      },
    }
  }
}

/** A server whose handler of one type is another. */
export function handling(
  name: string,
  breaks: ServerRequirementId,
  handlers: Partial<typeof defaultHandlers>,
  options: MutantOptions = {},
) {
  return altered(
    name,
    breaks,
    () => startReferenceServer({}, { handlers: { ...defaultHandlers, ...handlers } }),
    options,
  )
}

/** Why other checks may fail with a fault of this chapter. */
const reasons = {
  'ack.beyond': 'it looks at what is sent again',
  'ack.true': 'the server acknowledges the numbers that the middleman has given',
  'resume.again': 'it resumes again and again, and looks at the numbers',
  'resume.buffer': 'it looks at everything that came meanwhile',
  'resume.bye': 'its session is over, and so is its secret',
  'resume.failed': 'its control is a resume, or an ack, of the same kind',
  'resume.failure-keeps': 'it goes on after a resume',
  'resume.fatal': 'it looks at who is told of a loss, or at a session that is over',
  'resume.goes-on': 'it looks at what comes after a resume, and its number',
  'resume.meanwhile': 'it looks at what comes after a resume',
  'resume.overflow': 'it fills a session that waits, or looks at one that is over',
  'resume.replaces': 'it looks at who is told of a session that waits, or at one that is over',
  'resume.secret': 'it resumes, and looks at what comes of it',
  'resume.takes-over': 'it looks at a session that was replaced',
  'resume.unseen': 'it resumes, and looks at what comes of it',
  'seq.gap': 'it resumes after the gap',
  'seq.missing': 'the middleman numbers what has no number',
  'seq.numbered': 'what the middleman says has no number of the session, or has taken one',
  'seq.seen': 'the middleman gives each message the next number',
  'seq.unnumbered': 'the server numbers the outcome of what the middleman has numbered',
} as const satisfies Mutant['consequences']

/** Requirements whose checks fail along with a fault. */
export function along(...ids: readonly (keyof typeof reasons)[]): Pick<Mutant, 'consequences'> {
  return { consequences: Object.fromEntries(ids.map((id) => [id, reasons[id]])) }
}

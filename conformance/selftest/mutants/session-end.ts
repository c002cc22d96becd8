import { tampered, type Mutants } from '../mutant.ts'
import { without } from '../rule.ts'
import { along, endingWith, findingAs, hasResume, hearing, keeping, note, saying } from './session-rule.ts'

/** Faults in what is refused. */
export const resumeRefusalMutants: Mutants = [
  keeping(
    'resumes the session of another user',
    'resume.failed',
    findingAs(({ user }) => ({ user: { value: user } })),
    { only: 'resume.failed:other-user' },
  ),
  keeping(
    'resumes with other capabilities',
    'resume.failed',
    findingAs(({ inForce }) => ({ inForce: { value: inForce } })),
    { only: 'resume.failed:other-capabilities' },
  ),
  keeping(
    'resumes on a connection that has its own messages',
    'resume.failed',
    findingAs((_owner, { numbers }) => ({
      numbers: { value: numbers && { sequence: numbers.sequence, isFresh: true } },
    })),
    { only: 'resume.failed:after-numbered,resume.failed:resumed-already' },
  ),
  keeping(
    'resumes whatever ack says',
    'resume.failed',
    (sessions, known) => ({
      find: (secret, client, ack) =>
        sessions.find(secret, client, Math.min(ack, known.get(secret)?.numbers?.sequence.sent ?? 0)),
    }),
    { only: 'resume.failed:ack-beyond,resume.failed:ack-below', ...along('seq.numbered') },
  ),
  keeping(
    'resumes after an ack that is lower than one before',
    'resume.failed',
    (sessions, known) => ({
      find: (secret, client, ack) => {
        const sequence = known.get(secret)?.numbers?.sequence
        const kept = sequence === undefined ? 0 : sequence.sent - sequence.unacknowledged.length
        return sessions.find(secret, client, Math.max(ack, kept))
      },
    }),
    { only: 'resume.failed:ack-beyond,resume.failed:ack-below' },
  ),
  tampered(
    'takes an unknown secret for a session that has just begun',
    'resume.failed',
    saying((frame, passage) =>
      frame['code'] === 'resume-failed'
        ? { type: 'resumed', ref: frame['ref'], peer: passage.peer, ack: 0 }
        : true,
    ),
    {
      only: 'resume.failed:unknown',
      ...along('resume.secret', 'resume.bye', 'resume.fatal', 'resume.replaces', 'resume.overflow'),
    },
  ),
  tampered(
    'lets a connection resume the session that it has begun',
    'resume.failed',
    hearing((frame, passage) => {
      if (frame['type'] !== 'resume' || frame['session'] !== passage.notes.get('session')) return true
      passage.toClient({ type: 'resumed', ref: frame['id'], peer: passage.peer, ack: 0 })
      return false
    }),
    { only: 'resume.failed:own' },
  ),
  tampered('says that a session is there, and cannot be resumed so', 'resume.no-oracle', () => {
    const secrets = new Set<unknown>()
    return {
      toServer: (frame, passage) => {
        if (frame['type'] === 'resume') passage.notes.set('known', secrets.has(frame['session']))
        return true
      },
      toClient: (frame, passage) => {
        if (frame['type'] === 'welcome') secrets.add(frame['session'])
        return frame['code'] === 'resume-failed' && passage.notes.get('known') === true
          ? { ...frame, message: 'Cannot resume the session so' }
          : true
      },
    }
  }),
  keeping(
    'ends the session that a wrong resume names',
    'resume.failure-keeps',
    (sessions, known) => ({
      find: (secret, client, ack) => {
        const found = sessions.find(secret, client, ack)
        if (found === undefined) known.get(secret)?.giveUp('lost')
        return found
      },
    }),
    { ...along('resume.failed') },
  ),
  tampered(
    'ends the connection after a resume that fails',
    'resume.failure-keeps',
    saying((frame, passage) => {
      if (frame['code'] !== 'resume-failed') return true
      setImmediate(() => {
        passage.end(1011)
      })
      return true
    }),
  ),
]

/** A window that an ordinary run can wait for. */
const shortWindow = { resumeSeconds: 1 }

/** Faults in how a session ends. */
export const sessionEndMutants: Mutants = [
  keeping(
    'lets a session wait for half of its time',
    'resume.window',
    (sessions) => ({
      wait: (peer) => {
        sessions.wait(peer)
        setTimeout(() => {
          peer.giveUp('lost')
        }, 500).unref()
      },
    }),
    { server: shortWindow, ...along('resume.secret') },
  ),
  keeping('lets a session wait for ever', 'resume.window-over', () => ({ sweep: () => undefined }), {
    server: shortWindow,
  }),
  tampered(
    'lets a session wait after bye',
    'resume.bye',
    hearing((frame, passage) => {
      if (frame['type'] !== 'bye') return true
      passage.end(1000)
      return false
    }),
  ),
  tampered('ends a session with seq-gap', 'resume.fatal', endingWith('seq-gap'), { ...along('seq.gap') }),
  tampered('does not replace a session that waits', 'resume.replaces', () => {
    const gone = new Set<unknown>()
    return {
      toClient: (frame, passage) => {
        note(frame, passage)
        return true
      },
      toServer: (frame) => (gone.has(frame['replaces']) ? without(frame, 'replaces') : true),
      onClientEnd: (passage) => {
        if (hasResume(passage)) gone.add(passage.notes.get('session'))
        return true
      },
    }
  }),
  tampered(
    'keeps less than it says',
    'resume.buffer',
    () => ({
      toClient: (frame) =>
        frame['type'] === 'welcome' && 'resume' in (frame['capabilities'] as object)
          ? { ...frame, capabilities: { resume: { windowSeconds: 30, bufferBytes: 400_000 } } }
          : true,
    }),
    { server: { messageBytes: 65_536, resumeBytes: 200_000 } },
  ),
  tampered(
    'keeps much more than it says',
    'resume.overflow',
    () => ({
      toClient: (frame) =>
        frame['type'] === 'welcome' && 'resume' in (frame['capabilities'] as object)
          ? { ...frame, capabilities: { resume: { windowSeconds: 30, bufferBytes: 200_000 } } }
          : true,
    }),
    { server: { messageBytes: 65_536, resumeBytes: 1_000_000 } },
  ),
  tampered(
    'ends a full session without saying why',
    'resume.overflow',
    saying((frame) => frame['code'] !== 'session-overflow'),
  ),
]

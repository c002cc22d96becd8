import { isCapabilityName } from '@parley/schemas'
import type { MiddlemanRules } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { textOf } from '../rule.ts'
import { along, findingAs, keeping } from './session-rule.ts'

/**
 * Refuses to resume where what `hello` has named is not what it had named when the session began.
 *
 * @param textFor - What is compared.
 */
function comparing(textFor: (named: readonly string[]) => string): () => MiddlemanRules {
  return () => {
    const begun = new Map<unknown, unknown>()
    return {
      toClient: (frame, { notes }) => {
        if (frame['type'] === 'welcome') begun.set(frame['session'], notes.get('compared'))
        return true
      },
      toServer: (frame, { notes }) => {
        if (frame['type'] === 'hello')
          notes.set('compared', textFor(Object.keys(frame['capabilities'] ?? {})))
        if (frame['type'] !== 'resume') return true
        const due = begun.get(frame['session'])
        if (due === undefined || due === notes.get('compared')) return true
        return { ...frame, session: 'that-of-nobody' }
      },
    }
  }
}

/** Lets the peer id that the connection of a resume was welcomed with go on as one of the session. */
function sparingTheNewPeer(): MiddlemanRules {
  const peers = new Map<string, string>()
  return {
    toClient: (frame, passage) => {
      if (frame['type'] === 'resumed') peers.set(passage.peer, textOf(frame, 'peer'))
      return true
    },
    toServer: (frame) => {
      const peer = peers.get(textOf(frame, 'to'))
      return peer === undefined ? true : { ...frame, to: peer }
    },
  }
}

/** Messages that are kept, at most. */
const mostKept = 256

/** Faults in what makes a resume the right one, and in what belongs to the session afterwards. */
export const sessionComparingMutants: Mutants = [
  tampered(
    'resumes only where hello names the capabilities in the same order',
    'resume.resumed',
    comparing((named) => named.filter(isCapabilityName).join()),
  ),
  tampered(
    'resumes only where hello names the same capabilities, those included that are not in force',
    'resume.resumed',
    comparing((named) => [...named].sort().join()),
  ),
  keeping(
    'resumes on a connection whose numbered messages were all refused',
    'resume.failed',
    findingAs((_owner, { numbers }) => {
      const said = numbers?.sequence.unacknowledged ?? []
      const isRefused = said.length > 0 && said.every((frame) => String(frame).includes('"type":"error"'))
      return isRefused ? { numbers: { value: { ...numbers, isFresh: true } } } : {}
    }),
  ),
  tampered('keeps the peer id of the new connection for the session', 'resume.secret', sparingTheNewPeer),
  keeping(
    `keeps the last ${String(mostKept)} messages of a session, and no more`,
    'resume.again',
    (sessions) => ({
      begin: (peer) => {
        const sequence = peer.numbers?.sequence
        if (sequence) {
          const kept = sequence.unacknowledged
          Object.defineProperty(sequence, 'unacknowledged', { get: () => kept.slice(-mostKept) })
        }
        sessions.begin(peer)
      },
    }),
    along('seq.numbered'),
  ),
]

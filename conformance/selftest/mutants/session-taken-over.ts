import type { PresenceRegistry, Resumable } from '@parley/reference-server'
import { presenceOver } from '../altered-presence.ts'
import type { Frame, Passage } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { textOf, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { rejectingAtLoss } from './session-away.ts'
import { keeper, note, saying } from './session-rule.ts'

const peerOf = (session: Resumable) => (session as Resumable & { readonly peer: string }).peer

/** Does something with a session whose connection a resume takes over. */
function atTakeOver(act: (peer: string) => void) {
  return keeper((sessions) => {
    const waiting = new Set<Resumable>()
    return {
      wait: (peer) => {
        waiting.add(peer)
        sessions.wait(peer)
      },
      connected: (peer) => {
        if (!waiting.delete(peer)) act(peerOf(peer))
        sessions.connected(peer)
      },
    }
  })
}

/** Does something with a session in which a number is left out. */
function atGap(act: (peer: string) => void) {
  return keeper((sessions) => ({
    begin: (peer) => {
      const sequence = peer.numbers?.sequence
      if (sequence) {
        const take = sequence.take.bind(sequence)
        const value = (seq: number) => {
          const place = take(seq)
          if (place === 'gap') act(peerOf(peer))
          return place
        }
        Object.defineProperty(sequence, 'take', { value })
      }
      sessions.begin(peer)
    },
  }))
}

/** What rings at a session ends at one of these moments. */
function endingWhatRings(moment: typeof atGap): () => ReturnType<typeof startReferenceServer> {
  return () => {
    const { onWait, ...seams } = rejectingAtLoss()
    return startReferenceServer({}, { ...seams, decorateSessions: moment(onWait) })
  }
}

/** Ends the watches of a session whose connection a resume takes over. */
function endingWatches(): ReturnType<typeof startReferenceServer> {
  const users = new Map<string, string[]>()
  let presence: PresenceRegistry | undefined
  return startReferenceServer(
    {},
    {
      decoratePresence: (inner) => {
        presence = inner
        return presenceOver(inner, {
          watch: (peer, watched) => {
            users.set(peer, [...(users.get(peer) ?? []), ...watched.map(({ user }) => user)])
            return inner.watch(peer, watched)
          },
        })
      },
      decorateSessions: atTakeOver((peer) => void presence?.unwatch(peer, users.get(peer) ?? [])),
    },
  )
}

/** More than any server has sent to a client of the kit. */
const neverSent = 100_000

/** Faults in what a resume finds that is not the first, or not alone, and in what has no part in a loss. */
export const sessionTakenOverMutants: Mutants = [
  tampered('says in each resumed what had come at the first one', 'resume.resumed', () => {
    const first = new Map<unknown, unknown>()
    return {
      toServer: (frame, { notes }) => {
        if (frame['type'] === 'resume') notes.set('of', frame['session'])
        return true
      },
      toClient: (frame, { notes }) => {
        if (frame['type'] !== 'resumed') return true
        const of = notes.get('of')
        if (!first.has(of)) first.set(of, frame['ack'])
        return { ...frame, ack: first.get(of) }
      },
    }
  }),
  altered(
    'ends what rings at a session whose connection a resume takes over',
    'resume.unseen',
    endingWhatRings(atTakeOver),
  ),
  altered('ends what rings at a session after seq-gap', 'resume.unseen', endingWhatRings(atGap)),
  altered('ends the watches of a session whose connection a resume takes over', 'watch.ends', endingWatches),
  tampered('delivers a message that it refuses for its ack', 'ack.beyond', () => {
    const passages = new Set<Passage>()
    return {
      passages,
      toServer: (frame, { peer }) => {
        if (!(Number(frame['ack']) > neverSent) || frame['type'] !== 'hangup') return true
        for (const other of passages)
          if (other.peer === frame['to'])
            other.toClient({ ...without(frame, 'seq', 'ack', 'id'), from: peer })
        return true
      },
    }
  }),
  tampered('lets two connections go on that resume at the same time', 'resume.takes-over', () => {
    const sessions = new Set<unknown>()
    /** Who asks for a session, by its secret, until it is answered. */
    const asking = new Map<unknown, { readonly passage: Passage; readonly others: [Passage, unknown][] }>()
    return {
      onClientEnd: (gone) => {
        for (const [session, { passage }] of asking) if (passage === gone) asking.delete(session)
        return true
      },
      toServer: (frame, passage) => {
        if (frame['type'] !== 'resume' || !sessions.has(frame['session'])) return true
        const before = asking.get(frame['session'])
        if (before?.passage === passage) return true
        before?.others.push([passage, frame['id']])
        if (before === undefined) asking.set(frame['session'], { passage, others: [] })
        return before === undefined
      },
      toClient: (frame: Frame, passage) => {
        note(frame, passage)
        sessions.add(passage.notes.get('session') ?? '')
        if (typeof frame['ref'] !== 'string') return true
        for (const [session, { passage: asker, others }] of asking) {
          if (asker !== passage) continue
          asking.delete(session)
          if (frame['type'] === 'resumed')
            for (const [other, ref] of others) other.toClient({ ...frame, ref })
        }
        return true
      },
    }
  }),
  tampered(
    'ends without a word a connection that had resumed, and whose session is resumed elsewhere',
    'resume.takes-over',
    saying((frame, passage) => {
      note(frame, passage)
      return textOf(frame, 'code') !== 'replaced' || !passage.notes.has('resumed')
    }),
  ),
]

import type { CallRegistry, Frame as Text, Resumable, Router, Seams } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import { decorator, type SyncDirectory } from '../altered-directory.ts'
import type { SyncCalls } from '../altered-calls.ts'
import type { Frame, Passage } from '../middleman.ts'
import { altered, tampered, type Mutant, type MutantOptions, type Mutants } from '../mutant.ts'
import { textOf, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { along, findingAs, hearing, keeper, keeping, note, saying, seqOf, shiftOf } from './session-rule.ts'

const peerOf = (session: Resumable) => (session as Resumable & { readonly peer: string }).peer

/** A fault in what becomes of peers while their session waits. */
function away(
  name: string,
  breaks: ServerRequirementId,
  seams: (waiting: ReadonlySet<string>) => Seams & { readonly onWait?: (peer: string) => void },
  options: MutantOptions = {},
): Mutant {
  const start = () => {
    const waiting = new Set<string>()
    const { onWait, ...rest } = seams(waiting)
    const decorateSessions = keeper((sessions) => ({
      wait: (peer) => {
        waiting.add(peerOf(peer))
        sessions.wait(peer)
        onWait?.(peerOf(peer))
      },
      connected: (peer) => {
        waiting.delete(peerOf(peer))
        sessions.connected(peer)
      },
      end: (peer) => {
        waiting.delete(peerOf(peer))
        sessions.end(peer)
      },
    }))
    return startReferenceServer({}, { ...rest, decorateSessions })
  }
  return altered(name, breaks, start, options)
}

/** Keeps some of what is said for a peer that is away, and loses the rest. */
function losing(
  name: string,
  breaks: ServerRequirementId,
  isLost: (text: string) => boolean,
  options: MutantOptions = {},
): Mutant {
  return away(
    name,
    breaks,
    (waiting) => ({
      decorateRouter: (router: Router) => ({
        attach: (receiver) => router.attach(receiver),
        detach: (peer) => router.detach(peer),
        end: (...args) => router.end(...args),
        deliver: (peer: string, frame: Text) =>
          waiting.has(peer) && isLost(String(frame)) ? undefined : router.deliver(peer, frame),
      }),
    }),
    options,
  )
}

const isA = (type: string) => (text: string) => text.includes(`"type":"${type}"`)

/** Counts what is kept in another way. */
function counting(
  name: string,
  breaks: ServerRequirementId,
  sizeOf: (kept: readonly Text[], all: readonly Text[], sinceResume: readonly Text[]) => number,
  options: MutantOptions = {},
) {
  const resumed = new Map<Resumable, () => void>()
  return keeping(
    name,
    breaks,
    (sessions) => ({
      connected: (peer) => {
        resumed.get(peer)?.()
        sessions.connected(peer)
      },
      begin: (peer) => {
        const sequence = peer.numbers?.sequence
        if (sequence) {
          const all: Text[] = []
          let before = 0
          resumed.set(peer, () => (before = all.length))
          const number = sequence.number.bind(sequence)
          Object.defineProperty(sequence, 'number', {
            value: (frame: Text) => {
              const numbered = number(frame)
              all.push(numbered)
              return numbered
            },
          })
          Object.defineProperty(sequence, 'keptBytes', {
            get: () => sizeOf(sequence.unacknowledged, all, all.slice(before)),
          })
        }
        sessions.begin(peer)
      },
    }),
    options,
  )
}

/** Seconds for which sessions wait where the end of that is waited for. */
const windowSeconds = 2

/** Rings of a registry that a loss while waiting ends. */
export function rejectingAtLoss(): Seams & { readonly onWait: (peer: string) => void } {
  let calls: SyncCalls | undefined
  let router: Router | undefined
  const rung = new Map<string, Set<string>>()
  return {
    decorateRouter: (inner) => (router = inner),
    decorateCalls: (inner: CallRegistry) => {
      calls = inner as SyncCalls
      return new Proxy(inner, {
        get: (target, property) => {
          if (property !== 'invite') {
            const value: unknown = Reflect.get(target, property)
            return typeof value === 'function' ? (value.bind(target) as unknown) : value
          }
          return (...args: Parameters<SyncCalls['invite']>) => {
            const result = (target as SyncCalls).invite(...args)
            for (const { to, call, type } of result.kind === 'done' ? result.tellings : [])
              if (type === 'invite') rung.set(to, (rung.get(to) ?? new Set()).add(call))
            return result
          }
        },
      })
    },
    onWait: (peer) => {
      for (const call of rung.get(peer) ?? []) {
        const result = calls?.act(call, { kind: 'reject', by: peer, reason: 'busy' })
        for (const told of result?.kind === 'done' ? result.tellings : [])
          if (told.type === 'reject')
            void router?.deliver(told.to, JSON.stringify({ type: 'reject', call, reason: 'lost' }))
      }
    },
  }
}

/** Faults in what becomes of a session while nobody reads, and after it has been resumed. */
export const sessionAwayMutants: Mutants = [
  losing('keeps no peer-updated for a peer that is away', 'resume.meanwhile', isA('peer-updated'), {
    consequences: { 'rooms.revision': 'what is left out had a revision' },
  }),
  losing(
    'keeps no custom message to all for a peer that is away',
    'resume.meanwhile',
    (text) => text.includes('com.example.raise-hand') && !text.includes('"to":'),
  ),
  losing('keeps no accept for a caller that is away', 'resume.meanwhile', isA('accept')),
  losing('tells no device that is away that a call was answered elsewhere', 'resume.meanwhile', (text) =>
    text.includes('"answered-elsewhere"'),
  ),
  away(
    'gives the place of a member that is away to another one',
    'resume.unseen',
    (waiting) => ({
      decorateDirectory: decorator((inner: SyncDirectory) => ({
        join: (room, member) => {
          const result = inner.join(room, member)
          const absent = [...waiting].find((peer) => inner.reach(room, peer, peer) !== 'sender-absent')
          if (result.kind !== 'full' || absent === undefined) return result
          inner.leave(room, absent)
          return inner.join(room, member)
        },
      })),
    }),
    { consequences: { 'rooms.revision': 'nobody is told that the member has left' } },
  ),
  away(
    'rejects a call when an endpoint is away',
    'resume.unseen',
    rejectingAtLoss,
    along('resume.meanwhile'),
  ),
  tampered(
    'sends the first hundred messages again, and no more',
    'resume.again',
    saying((frame, passage) => {
      if (!passage.notes.has('resumed') || seqOf(frame) === undefined) return true
      passage.notes.set('again', shiftOf(passage, 'again') + 1)
      return shiftOf(passage, 'again') <= 100
    }),
    { ...along('seq.numbered') },
  ),
  tampered(
    'sends no outcome again',
    'resume.again',
    saying((frame, passage) => !passage.notes.has('resumed') || frame['type'] !== 'ok'),
    {
      consequences: {
        ...along('seq.numbered', 'resume.goes-on', 'seq.seen', 'resume.meanwhile', 'resume.unseen')
          .consequences,
        'watch.ends': 'it watches again after a resume',
      },
    },
  ),
  tampered(
    'takes no number for a message with an ack of what was never sent',
    'seq.taken',
    hearing((frame) => (Number(frame['ack']) > 100_000 ? without(frame, 'seq') : true)),
    along('seq.numbered'),
  ),
  tampered(
    'delivers what is sent again after a resume',
    'seq.seen',
    () => {
      const passages = new Set<Passage>()
      const highest = new Map<string, number>()
      const session = (passage: Passage) => String(passage.notes.get('of') ?? passage.notes.get('session'))
      return {
        passages,
        toClient: (frame, passage) => {
          note(frame, passage)
          if (frame['type'] === 'resumed') passage.notes.set('as', frame['peer'])
          return true
        },
        toServer: (frame, passage) => {
          if (frame['type'] === 'resume') passage.notes.set('of', frame['session'])
          const seq = seqOf(frame)
          if (seq === undefined) return true
          const of = session(passage)
          if (seq > (highest.get(of) ?? 0)) highest.set(of, seq)
          else if (passage.notes.has('resumed') && frame['type'] === 'hangup')
            for (const other of passages)
              if (other.peer === frame['to'])
                other.toClient({ ...without(frame, 'seq'), from: passage.notes.get('as') })
          return true
        },
      }
    },
    { ...along('resume.again') },
  ),
  tampered(
    'acknowledges nothing on a connection that has resumed',
    'ack.sent',
    saying((frame, passage) => {
      if (!passage.notes.has('resumed') || frame['type'] === 'resumed') return true
      return frame['type'] === 'ack' && frame['ref'] === undefined ? false : without(frame, 'ack')
    }),
  ),
  keeping(
    'resumes a session without some of its capabilities',
    'resume.failed',
    findingAs((owner, { inForce }) =>
      [...inForce].every((name) => owner.inForce.has(name)) ? { inForce: { value: owner.inForce } } : {},
    ),
  ),
  tampered('says lost of a peer that has resumed and says bye', 'resume.bye', () => {
    const resumed = new Set<string>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'resumed') resumed.add(textOf(frame, 'peer'))
        const isBye = frame['type'] === 'peer-left' && frame['reason'] === 'bye'
        return isBye && resumed.has(textOf(frame, 'peer')) ? { ...frame, reason: 'lost' } : true
      },
    }
  }),
  tampered('replaces no session that was resumed', 'resume.fatal', () => {
    const resumed = new Set<unknown>()
    return {
      toClient: (frame: Frame, passage: Passage) => {
        if (frame['type'] === 'resumed') resumed.add(passage.notes.get('of'))
        return true
      },
      toServer: (frame: Frame, passage: Passage) => {
        if (frame['type'] === 'resume') passage.notes.set('of', frame['session'])
        return frame['type'] === 'hello' && resumed.has(frame['replaces']) ? without(frame, 'replaces') : true
      },
    }
  }),
  keeping(
    'ends a session when the time of a wait is over, though it was resumed',
    'resume.window',
    () => ({ connected: () => undefined }),
    { server: { resumeSeconds: windowSeconds }, only: 'resume.window,resume.window:anew' },
  ),
  keeping(
    'counts the time for which a session waits from its first loss',
    'resume.window',
    (sessions) => {
      const firstLoss = new Map<Resumable, number>()
      const timers = new Map<Resumable, ReturnType<typeof setTimeout>>()
      return {
        wait: (peer) => {
          sessions.wait(peer)
          const since = firstLoss.get(peer) ?? Date.now()
          firstLoss.set(peer, since)
          const left = since + 1000 * windowSeconds - Date.now()
          timers.set(
            peer,
            setTimeout(
              () => {
                peer.giveUp('lost')
              },
              Math.max(0, left),
            ),
          )
        },
        connected: (peer) => {
          clearTimeout(timers.get(peer))
          sessions.connected(peer)
        },
      }
    },
    { server: { resumeSeconds: windowSeconds }, only: 'resume.window,resume.window:anew' },
  ),
  counting('counts what was acknowledged', 'resume.buffer', (_kept, all) =>
    all.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0),
  ),
  counting(
    'counts what it keeps anew after each resume',
    'resume.overflow',
    (_kept, _all, sinceResume) => sinceResume.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0),
    { only: 'resume.overflow:resumed' },
  ),
  counting('counts characters of what it keeps', 'resume.overflow', (kept) =>
    kept.reduce((sum, frame) => sum + String(frame).length, 0),
  ),
]

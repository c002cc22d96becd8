import type { Resumable, Router, SessionKeeper } from '@parley/reference-server'
import type { ServerRequirementId } from '@parley/conformance'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { Retelling } from '../retelling.ts'
import { textOf, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { ann, bob } from './authentication-rule.ts'
import { hearing, keeper, keeping, note, saying, seqOf, shiftOf } from './session-rule.ts'

/** Seconds for which sessions wait where the end of that is waited for. */
const windowSeconds = 2

const shortWindow = { resumeSeconds: windowSeconds }

/** Does something with the session that a resume names which is refused. */
function atRefusal(
  act: (session: Resumable, sessions: SessionKeeper, ack: number) => void,
): Parameters<typeof keeping>[2] {
  return (sessions, known) => ({
    find: (secret, client, ack) => {
      const found = sessions.find(secret, client, ack)
      const named = known.get(secret)
      if (found === undefined && named !== undefined && named !== client) act(named, sessions, ack)
      return found
    },
  })
}

/** Says of some refused resumes why they are. */
function telling(isTold: (asked: Frame, passage: Passage) => boolean): MiddlemanRules {
  return {
    toServer: (frame, passage) => {
      if (frame['type'] === 'auth') passage.notes.set('token', textOf(frame, 'token'))
      if (frame['type'] === 'resume') passage.notes.set('told', isTold(frame, passage))
      return true
    },
    toClient: (frame, passage) => {
      note(frame, passage)
      if (frame['type'] === 'welcome')
        passage.notes.set('names', Object.keys(frame['capabilities'] as object).join())
      return frame['code'] === 'resume-failed' && passage.notes.get('told') === true
        ? { ...frame, message: 'Cannot resume this session here' }
        : true
    },
  }
}

/** Tells what each session has of something from what the one who asks for it has. */
function telltale(name: string, what: 'token' | 'names', only: string) {
  return tampered(
    name,
    'resume.no-oracle',
    () => {
      const owned = new Map<unknown, unknown>()
      const rules = telling((frame, passage) => {
        const own = owned.get(frame['session'])
        return own !== undefined && own !== passage.notes.get(what)
      })
      return {
        ...rules,
        toClient: (frame, passage, text) => {
          const result = rules.toClient?.(frame, passage, text) ?? true
          if (frame['type'] === 'welcome' || frame['type'] === 'authenticated')
            owned.set(passage.notes.get('session'), passage.notes.get(what))
          return result
        },
      }
    },
    { server: { tokens: [ann, bob] }, only },
  )
}

/** More than any server has sent to a client of the kit. */
const neverSent = 100_000

/** Begins the time of a session that waits anew with each message for it. */
function startWaitingAnew(): ReturnType<typeof startReferenceServer> {
  let again: (peer: string) => void = () => undefined
  return startReferenceServer(shortWindow, {
    decorateSessions: keeper((sessions) => {
      const waiting = new Map<string, Resumable>()
      const peerOf = (session: Resumable) => (session as Resumable & { readonly peer: string }).peer
      again = (peer) => {
        const session = waiting.get(peer)
        if (session !== undefined) sessions.wait(session)
      }
      return {
        wait: (session) => {
          waiting.set(peerOf(session), session)
          sessions.wait(session)
        },
        connected: (session) => {
          waiting.delete(peerOf(session))
          sessions.connected(session)
        },
        end: (session) => {
          waiting.delete(peerOf(session))
          sessions.end(session)
        },
      }
    }),
    decorateRouter: (router: Router) => ({
      attach: (receiver) => router.attach(receiver),
      detach: (peer) => router.detach(peer),
      end: (...args) => router.end(...args),
      deliver: (peer, frame) => {
        again(peer)
        return router.deliver(peer, frame)
      },
    }),
  })
}

const oracle: ServerRequirementId = 'resume.no-oracle'

/** What authors of servers forget of sessions. */
export const sessionOversightMutants: Mutants = [
  tampered(
    'takes nothing for acknowledged by a member',
    'resume.buffer',
    hearing((frame) =>
      seqOf(frame) !== undefined && Number(frame['ack']) < neverSent ? without(frame, 'ack') : true,
    ),
    { only: 'resume.buffer', consequences: { 'ack.beyond': 'what a member acknowledges is not read' } },
  ),
  keeping(
    'gives a second wait two thirds of the time',
    'resume.window',
    (sessions) => {
      const losses = new Map<Resumable, number>()
      return {
        wait: (peer) => {
          sessions.wait(peer)
          const count = (losses.get(peer) ?? 0) + 1
          losses.set(peer, count)
          if (count === 1) return
          setTimeout(() => {
            if (count === losses.get(peer)) peer.giveUp('lost')
          }, windowSeconds * 650).unref()
        },
      }
    },
    {
      server: shortWindow,
      only: 'resume.window,resume.window:anew,resume.window:again',
      // Which of the two times it was is told by the moment alone.
      says: /from its second loss, 1 s after the first, but peer-left came/,
    },
  ),
  altered('lets a session wait anew with each message for it', 'resume.window-over', startWaitingAnew, {
    only: 'resume.window-over,resume.window-over:spoken-to',
  }),
  keeping(
    'takes for acknowledged what a resume says that it refuses',
    'resume.failure-keeps',
    atRefusal((session, _sessions, ack) => {
      session.numbers?.sequence.acknowledge(ack)
    }),
    { only: 'resume.failure-keeps,resume.failure-keeps:unread' },
  ),
  keeping(
    'lets a session wait for ever after a resume that it refuses',
    'resume.failure-keeps',
    atRefusal((session, sessions) => {
      sessions.connected(session)
    }),
    { server: shortWindow, only: 'resume.failure-keeps,resume.failure-keeps:window' },
  ),
  telltale('says that a session is of another user', 'token', `${oracle},${oracle}:other-user`),
  telltale('says that a session has other capabilities', 'names', `${oracle},${oracle}:other-capabilities`),
  tampered(
    'says that a session is over',
    oracle,
    () => {
      const over = new Set<unknown>()
      const rules = telling((frame) => over.has(frame['session']))
      return {
        ...rules,
        toServer: (frame, passage, text) => {
          if (frame['type'] === 'bye') over.add(passage.notes.get('session'))
          return rules.toServer?.(frame, passage, text) ?? true
        },
      }
    },
    { only: `${oracle},${oracle}:over` },
  ),
  tampered(
    'loses count of presence some messages after a resume',
    'resume.meanwhile',
    saying((frame, passage) => {
      if (!passage.notes.has('resumed') || typeof frame['revision'] !== 'number' || 'ref' in frame)
        return true
      passage.notes.set('told', shiftOf(passage, 'told') + 1)
      return shiftOf(passage, 'told') > 4 ? { ...frame, revision: 1 } : true
    }),
    { only: 'resume.meanwhile:presence', consequences: { 'rooms.revision': 'it is a wrong revision' } },
  ),
  tampered(
    'sends outcomes again without ref',
    'resume.again',
    saying((frame, passage) =>
      passage.notes.has('resumed') && frame['type'] === 'ok' && seqOf(frame) !== undefined
        ? without(frame, 'ref')
        : true,
    ),
    {
      only: 'resume.again',
      consequences: {
        'frames.shape': 'an ok has to have its ref',
        'resume.goes-on': 'new outcomes lack it, too',
        'resume.meanwhile': 'new outcomes lack it, too',
        'resume.unseen': 'new outcomes lack it, too',
        'seq.seen': 'new outcomes lack it, too',
        'watch.ends': 'new outcomes lack it, too',
      },
    },
  ),
  tampered(
    'forgets the data of a member that resumes',
    'resume.unseen',
    () => {
      const resumed = new Set<unknown>()
      return {
        toClient: (frame) => {
          if (frame['type'] === 'resumed') resumed.add(frame['peer'])
          if (frame['type'] !== 'joined') return true
          const members = (frame['members'] as readonly Frame[]).map((member) =>
            resumed.has(member['peer']) ? without(member, 'data') : member,
          )
          return { ...frame, members }
        },
      }
    },
    { only: 'resume.unseen' },
  ),
  tampered(
    'tells the room of a resume, with the data that was known',
    'resume.unseen',
    () => {
      const retelling = new Retelling()
      return {
        passages: retelling.passages,
        toClient: (frame, passage) => {
          if (frame['type'] === 'resumed') retelling.tell(textOf(frame, 'peer'))
          return retelling.toClient(frame, passage)
        },
      }
    },
    { only: 'resume.unseen' },
  ),
  keeping(
    'ends the session of a client that is too slow',
    'resume.fatal',
    (sessions) => ({
      wait: (peer) => {
        sessions.wait(peer)
        if ((peer.numbers?.sequence.keptBytes ?? 0) < 100_000) return
        setImmediate(() => {
          peer.giveUp('lost')
        })
      },
    }),
    {
      server: { messageBytes: 65_536, bufferedBytes: 65_536, resumeBytes: 8_000_000 },
      only: 'resume.fatal:too-slow',
    },
  ),
]

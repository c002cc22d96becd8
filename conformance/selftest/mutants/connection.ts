import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { hastened } from '../hastened-clock.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, isValid, refusal, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { identityMutants } from './connection-identity.ts'
import { endMutants, orderMutants } from './connection-order.ts'

/** Whether the kit has said hello on this passage; notes it from the first one on. */
function greeted(frame: Frame, passage: Passage): boolean {
  if (frame['type'] === 'hello') passage.notes.set('greeted', true)
  return passage.notes.has('greeted')
}

/** Handles what comes before hello in its own way. */
function beforeHello(answer: (frame: Frame, passage: Passage) => boolean): () => MiddlemanRules {
  return () => ({ toServer: (frame, passage) => greeted(frame, passage) || answer(frame, passage) })
}

/** Handles a hello that is not the first in its own way. */
function atSecondHello(answer: (frame: Frame, passage: Passage) => void): () => MiddlemanRules {
  return () => ({
    toServer: valid('hello', (frame, passage) => {
      if (!passage.notes.has('welcome')) return true
      answer(frame, passage)
      return false
    }),
    toClient: (frame, passage) => {
      if (frame['type'] === 'welcome') passage.notes.set('welcome', frame)
      return true
    },
  })
}

/** Faults of the opening. */
const openingMutants: Mutants = [
  tampered(
    'answers a ping before hello',
    'connection.hello-first',
    beforeHello((frame, passage) => {
      if (frame['type'] !== 'ping' || !isValid(frame)) return true
      passage.toClient({ type: 'pong', ...('id' in frame ? { ref: frame['id'] } : {}) })
      return false
    }),
  ),
  tampered(
    'says unexpected-message before hello',
    'connection.hello-first',
    beforeHello((frame, passage) => {
      passage.toClient(refusal(frame, 'unexpected-message'))
      return false
    }),
  ),
  tampered(
    'says nothing to a join before hello',
    'connection.hello-first',
    beforeHello((frame) => frame['type'] !== 'join'),
  ),
  tampered('accepts a join before hello', 'connection.hello-first', () => ({
    toServer: (frame, passage, text) => {
      if (greeted(frame, passage) || frame['type'] !== 'join') return true
      passage.toServer({ type: 'hello', versions: [1] })
      return [text]
    },
  })),
  tampered('sends something before welcome', 'connection.welcome', () => ({
    toClient: changed('welcome', (frame, passage) => {
      passage.toClient({ type: 'pong' })
      return frame
    }),
  })),
  tampered(
    'answers what follows hello at once before the hello',
    'connection.welcome',
    () => ({
      toServer: (frame, passage) => {
        if (frame['type'] === 'ping') passage.notes.set('pinged', true)
        return true
      },
      toClient: (frame, passage, text) => {
        const welcome = passage.notes.get('welcome') as string | undefined
        if (frame['type'] === 'welcome' && passage.notes.has('pinged')) {
          passage.notes.set('welcome', text)
          return false
        }
        if (frame['type'] !== 'pong' || welcome === undefined) return true
        passage.notes.delete('welcome')
        return [text, welcome]
      },
    }),
    { consequences: { 'rooms.joined': 'its self comes before the welcome that says who this is' } },
  ),
  tampered(
    'lets nobody in after a hello that it refused',
    'connection.welcome',
    () => ({
      toServer: changed('hello', (frame, passage) => {
        if (!Array.isArray(frame['versions'])) passage.notes.set('refused', true)
        else if (passage.notes.has('refused')) {
          passage.toClient(refusal(frame, 'bad-message'))
          return false
        }
        return true
      }),
    }),
    { consequences: { 'frames.goes-on': 'a refused frame changes what follows' } },
  ),
  tampered(
    'welcomes a second hello',
    'connection.second-hello',
    atSecondHello((frame, passage) => {
      const welcome = passage.notes.get('welcome') as Frame
      passage.toClient({ ...without(welcome, 'ref'), ...('id' in frame ? { ref: frame['id'] } : {}) })
    }),
    {
      consequences: {
        'connection.peer-id': 'a welcome comes twice',
        'connection.session-secret': 'a welcome comes twice',
      },
    },
  ),
  tampered(
    'says bad-message to a second hello',
    'connection.second-hello',
    atSecondHello((frame, passage) => {
      passage.toClient(refusal(frame, 'bad-message'))
    }),
  ),
  tampered('takes over for a second hello that it refuses', 'connection.second-hello', overreaching),
  altered('waits half a second for hello', 'connection.hello-wait', () =>
    startReferenceServer({ helloTimeoutSeconds: 10 }, { clock: hastened(20) }),
  ),
  tampered('announces fewer places to clients that name their agent', 'connection.unknown-agent', () => ({
    toServer: valid('hello', (frame, passage) => {
      if ('agent' in frame) passage.notes.set('agent', true)
      return true
    }),
    toClient: changed('welcome', (frame, passage) =>
      passage.notes.has('agent')
        ? { ...frame, limits: { ...(frame['limits'] as Frame), membersPerRoom: 2 } }
        : true,
    ),
  })),
  tampered('refuses an agent whose name is long', 'connection.unknown-agent', () => ({
    toServer: valid('hello', (frame, passage) => {
      const { name } = (frame['agent'] ?? {}) as { name?: unknown }
      if (typeof name !== 'string' || name.length < 1000) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    }),
  })),
]

/** Whose a session secret is, by the connections that were seen. */
function overreaching(): MiddlemanRules {
  const owners = new Map<unknown, Passage>()
  return {
    toClient: changed('welcome', (frame, passage) => {
      owners.set(frame['session'], passage)
      passage.notes.set('welcomed', true)
      return true
    }),
    toServer: valid('hello', ({ replaces }, { notes }) => {
      const owner = notes.get('welcomed') === true ? owners.get(replaces) : undefined
      owner?.toClient({ type: 'error', code: 'replaced', message: 'A later connection', fatal: true })
      owner?.end(4409)
      return true
    }),
  }
}

/** Faults of spec/connection.md, but for taking over. */
export const connectionMutants: Mutants = [
  ...openingMutants,
  ...identityMutants,
  ...orderMutants,
  ...endMutants,
]

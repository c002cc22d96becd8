import { randomBytes } from 'node:crypto'
import { defaultHandlers, type Clock, type Handlers } from '@parley/reference-server'
import { decorator } from '../altered-directory.ts'
import type { Frame, MiddlemanRules, Passage, Rule } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, counted, isRelayed, isValid, refusal, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

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

/** Lets some frames of the kit come to the server later than those which follow them. */
function late(which: (frame: Frame, passage: Passage) => boolean, ms: number): Rule {
  return (frame, passage, text) => {
    if (!isValid(frame) || !which(frame, passage)) return true
    setTimeout(() => {
      passage.toServer(text)
    }, ms)
    return false
  }
}

/** Announces other idleSeconds than the server keeps, so short that nobody needs to wait. */
function announcesIdle(seconds: number): () => MiddlemanRules {
  return () => ({
    toClient: changed('welcome', (frame) => ({ ...frame, limits: { ...(frame['limits'] as Frame), idleSeconds: seconds } })),
  })
}

/** What comes of an announcement below the least that is allowed, which spares the self-test a minute. */
const shortIdle = { 'frames.shape': 'idleSeconds is announced below 60, so that nobody needs to wait for long' } as const

/** Draws ids in its own way; the server draws a peer id and a session secret for each connection, in this order. */
function draws(source: (size: number, which: 'peer' | 'session', last: Buffer) => Buffer): () => ReturnType<typeof startReferenceServer> {
  return () => {
    let number = 0
    let last: Buffer = Buffer.alloc(0)
    const random = (size: number) => {
      number += 1
      last = source(size, number % 2 === 1 ? 'peer' : 'session', last)
      return last
    }
    return startReferenceServer({}, { random })
  }
}

/** A clock that goes faster than time. */
function hastened(factor: number): Clock {
  const began = Date.now()
  return {
    now: () => began + (Date.now() - began) * factor,
    after: (ms, task) => {
      const timer = setTimeout(task, ms / factor)
      return () => {
        clearTimeout(timer)
      }
    },
    every: (ms, task) => {
      const timer = setInterval(task, ms / factor).unref()
      return () => {
        clearInterval(timer)
      }
    },
  }
}

/** Faults of the opening. */
const openingMutants: Mutants = [
  tampered('answers a ping before hello', 'connection.hello-first', beforeHello((frame, passage) => {
    if (frame['type'] !== 'ping' || !isValid(frame)) return true
    passage.toClient({ type: 'pong', ...('id' in frame ? { ref: frame['id'] } : {}) })
    return false
  })),
  tampered('says unexpected-message before hello', 'connection.hello-first', beforeHello((frame, passage) => {
    passage.toClient(refusal(frame, 'unexpected-message'))
    return false
  })),
  tampered('says nothing to a join before hello', 'connection.hello-first', beforeHello((frame) => frame['type'] !== 'join')),
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
  tampered('answers what follows hello at once before the hello', 'connection.welcome', () => ({
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
  })),
  tampered('lets nobody in after a hello that it refused', 'connection.welcome', () => ({
    toServer: changed('hello', (frame, passage) => {
      if (!Array.isArray(frame['versions'])) passage.notes.set('refused', true)
      else if (passage.notes.has('refused')) {
        passage.toClient(refusal(frame, 'bad-message'))
        return false
      }
      return true
    }),
  }), { consequences: { 'frames.goes-on': 'a refused frame changes what follows' } }),
  tampered('welcomes a second hello', 'connection.second-hello', atSecondHello((frame, passage) => {
    const welcome = passage.notes.get('welcome') as Frame
    passage.toClient({ ...without(welcome, 'ref'), ...('id' in frame ? { ref: frame['id'] } : {}) })
  }), { consequences: { 'connection.peer-id': 'a welcome comes twice', 'connection.session-secret': 'a welcome comes twice' } }),
  tampered('says bad-message to a second hello', 'connection.second-hello', atSecondHello((frame, passage) => {
    passage.toClient(refusal(frame, 'bad-message'))
  })),
  altered('takes over for a second hello that it refuses', 'connection.second-hello', () => startReferenceServer({}, { handlers: overreaching })),
  altered('waits half a second for hello', 'connection.hello-wait', () => startReferenceServer({ helloTimeoutSeconds: 10 }, { clock: hastened(20) })),
  tampered('announces fewer places to clients that name their agent', 'connection.unknown-agent', () => ({
    toServer: valid('hello', (frame, passage) => {
      if ('agent' in frame) passage.notes.set('agent', true)
      return true
    }),
    toClient: changed('welcome', (frame, passage) =>
      passage.notes.has('agent') ? { ...frame, limits: { ...(frame['limits'] as Frame), membersPerRoom: 2 } } : true,
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

const overreaching: Handlers = {
  ...defaultHandlers,
  hello: (message, connection, services, frame) => {
    if (connection.phase !== 'opening' && message.replaces !== undefined) {
      const peer = services.directory.peerOf(message.replaces)
      if (typeof peer === 'string') void services.router.end(peer, 'replaced', 'A later connection')
    }
    return defaultHandlers.hello(message, connection, services, frame)
  },
}

/** Faults of identity. */
const identityMutants: Mutants = [
  altered('gives a peer id again once its connection has ended', 'connection.peer-id', reusesPeerIds, {
    consequences: {
      'replaces.new-identity': 'a later connection gets the peer id of an earlier one',
      'rooms.left-once': 'a peer that has left is there again',
      'rooms.left-last': 'a peer that has left is there again',
      'rooms.rejoin': 'a peer that has left is there again',
      'relay.no-oracle': 'a peer that was connected once is connected again',
      'relay.peer-not-found': 'a peer that has left is there again',
      'rooms.outsiders': 'a peer that has left is there again',
    },
  }),
  altered('gives the peer id as session secret', 'connection.session-secret', draws((size, which, last) => (which === 'session' ? last : randomBytes(size))), {
    consequences: {
      'connection.secret-kept': 'a peer id is public',
      'connection.random-ids': 'the secret follows from the peer id',
      'replaces.unknown': 'a peer id is a secret as well',
      'replaces.old-ends': 'a peer id is a secret as well',
    },
  }),
  altered('gives a session secret of 14 characters', 'connection.session-secret', draws((size, which) => randomBytes(which === 'session' ? 10 : size)), {
    consequences: { 'frames.shape': 'a session secret has 16 characters or more', 'connection.random-ids': 'it carries 80 bits' },
  }),
  altered('gives peer ids of 12 characters', 'connection.peer-id', draws((size, which) => randomBytes(which === 'peer' ? 9 : size)), {
    consequences: {
      'frames.shape': 'a peer id has 16 characters or more',
      'connection.random-ids': 'it carries 72 bits',
      'websocket.fragments': 'a message to such an id is not valid',
      'limits.refuse-size': 'a message to such an id is not valid',
      'rooms.joined-first': 'a joined with such an id is not valid',
    },
  }),
  altered('counts peer ids', 'connection.random-ids', countedIds()),
  altered('draws 12 bytes', 'connection.random-ids', draws(() => randomBytes(12))),
  altered('writes the time into session secrets', 'connection.random-ids', draws((size, which) => {
    const id = randomBytes(size)
    if (which === 'session') id.writeBigUInt64BE(BigInt(Date.now()))
    return id
  })),
  altered('gives the peer id backwards as session secret', 'connection.random-ids', draws((size, which, last) => {
    if (which === 'peer') return randomBytes(size)
    return Buffer.from([...last.toString('base64url')].reverse().join(''), 'base64url')
  })),
  tampered('shows session secrets in peer-joined', 'connection.secret-kept', () => {
    const sessions = new Map<unknown, unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') sessions.set(frame['peer'], frame['session'])
        if (frame['type'] !== 'peer-joined') return true
        const member = frame['member'] as Frame
        return { ...frame, member: { ...member, session: sessions.get(member['peer']) } }
      },
    }
  }),
  tampered('shows session secrets when a connection is replaced', 'connection.secret-kept', () => {
    const sessions = new Map<unknown, unknown>()
    return {
      toClient: (frame) => {
        if (frame['type'] === 'welcome') sessions.set(frame['peer'], frame['session'])
        if (frame['type'] !== 'peer-left' || frame['reason'] !== 'replaced') return true
        return { ...frame, 'com.example.was': `session:${String(sessions.get(frame['peer']))}` }
      },
    }
  }),
]

function reusesPeerIds(): ReturnType<typeof startReferenceServer> {
  const freed: string[] = []
  let drawn = 0
  return startReferenceServer(
    {},
    {
      random: (size) => {
        drawn += 1
        const again = drawn % 2 === 1 ? freed.shift() : undefined
        return again === undefined ? randomBytes(size) : Buffer.from(again, 'base64url')
      },
      decorateDirectory: decorator((inner) => ({
        disconnect: (peer) => {
          freed.push(peer)
          return inner.disconnect(peer)
        },
      })),
    },
  )
}

function countedIds(): () => ReturnType<typeof startReferenceServer> {
  let count = 0
  return draws((size, which) => {
    if (which === 'session') return randomBytes(size)
    count += 1
    const id = Buffer.alloc(size)
    id.writeUInt32BE(count, size - 4)
    return id
  })
}

/** Faults of order and liveness. */
const orderMutants: Mutants = [
  tampered('forgets what is sent before the first joined', 'connection.back-to-back', () => ({
    toServer: (frame, passage) => {
      if (frame['type'] === 'join' && !passage.notes.has('joined')) passage.notes.set('joining', true)
      return !isRelayed(frame) || !passage.notes.has('joining')
    },
    toClient: (frame, passage) => {
      if (frame['type'] === 'joined') {
        passage.notes.set('joined', true)
        passage.notes.delete('joining')
      }
      if (frame['of'] === 'join') passage.notes.delete('joining')
      return true
    },
  })),
  tampered('says unauthenticated to what follows auth too soon', 'connection.back-to-back', () => ({
    toServer: (frame, passage) => {
      if (frame['type'] === 'auth') passage.notes.set('waiting', true)
      if (frame['type'] !== 'join' || !passage.notes.has('waiting')) return true
      passage.toClient(refusal(frame, 'unauthenticated'))
      return false
    },
    toClient: (frame, passage) => {
      if (frame['ref'] !== undefined || frame['type'] === 'authenticated') passage.notes.delete('waiting')
      return true
    },
  }), { consequences: { 'replaces.before-welcome': 'its check joins without waiting' } }),
  tampered('lets leave take effect after what follows it', 'connection.order', () => ({
    toServer: late((frame) => frame['type'] === 'leave', 20),
  }), {
    consequences: {
      'rooms.left-last': 'its check sends after leave',
      'delivery.order': 'its check leaves and joins in one go',
      'delivery.once': 'its check leaves and joins in one go',
      'delivery.no-gap': 'its check leaves and joins in one go',
      'rooms.left-once': 'its check leaves and joins in one go',
    },
  }),
  tampered('lets every third update take effect later', 'connection.order', () => ({
    toServer: late((frame, passage) => frame['type'] === 'update' && counted(passage, 'updates') % 3 === 0, 20),
  })),
  tampered('answers no ping without id', 'connection.pong', () => ({
    toServer: valid('ping', (frame) => 'id' in frame),
  }), { consequences: { 'outcomes.typed-reply': 'pong is the typed reply of ping' } }),
  tampered('says unauthenticated to a ping', 'connection.pong', () => ({
    toServer: (frame, passage) => {
      if (frame['type'] === 'auth') passage.notes.set('auth', true)
      if (frame['type'] !== 'ping' || !isValid(frame) || passage.notes.has('auth') || !passage.notes.has('welcomed')) return true
      passage.toClient(refusal(frame, 'unauthenticated'))
      return false
    },
    toClient: (frame, passage) => {
      if (frame['type'] === 'welcome') passage.notes.set('welcomed', true)
      if (frame['fatal'] === true) passage.notes.delete('welcomed')
      return true
    },
  }), { consequences: { 'auth.required': 'ping needs no authentication', 'outcomes.typed-reply': 'pong is the typed reply of ping' } }),
  tampered('ends a client that is silent for a moment after a ping', 'connection.idle-minimum', () => ({
    toServer: (frame, passage) => {
      clearTimeout(passage.notes.get('idle') as NodeJS.Timeout | undefined)
      const end = () => {
        passage.end()
      }
      if (frame['type'] === 'ping') passage.notes.set('idle', setTimeout(end, 700))
      return true
    },
  })),
  tampered('waits much longer than the announced idleSeconds', 'connection.idle-timeout', announcesIdle(1), {
    consequences: { ...shortIdle, 'connection.idle-without-ping': 'it pings by longer idleSeconds than it announces' },
  }),
  tampered('announces short idleSeconds and sends no pings', 'connection.idle-without-ping', announcesIdle(1), {
    server: { idleSeconds: 120, pingSeconds: 0 },
    consequences: { ...shortIdle, 'connection.idle-timeout': 'it keeps to longer idleSeconds than it announces' },
  }),
]

/** Faults of the end. */
const endMutants: Mutants = [
  tampered('cuts the transport after bye', 'connection.bye', () => ({ binding: { closeCode: (code) => (code === 1000 ? 0 : code) } }), {
    consequences: { 'websocket.bye-code': 'there is no close frame' },
  }),
  tampered('says ok to bye', 'connection.bye', () => ({
    toServer: valid('bye', (frame, passage) => {
      if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
      return true
    }),
  })),
  tampered('takes three seconds over a bye with a reason', 'connection.bye', () => ({
    toServer: late((frame) => frame['type'] === 'bye' && 'reason' in frame, 3000),
  })),
  tampered('forgets the join right before bye', 'connection.bye', () => ({
    toServer: (frame, passage, text) => {
      const pending = passage.notes.get('join') as NodeJS.Timeout | undefined
      if (frame['type'] === 'bye' && pending) clearTimeout(pending)
      if (frame['type'] !== 'join' || 'id' in frame || passage.notes.has('joined')) return true
      passage.notes.set('join', setTimeout(() => {
        passage.toServer(text)
      }, 1))
      return false
    },
    toClient: (frame, passage) => {
      if (frame['type'] === 'joined') passage.notes.set('joined', true)
      return true
    },
  })),
  tampered('does not notice that a client has closed', 'connection.end-noticed', () => ({ onClientEnd: () => false }), {
    consequences: { 'rooms.lost': 'nobody is told' },
  }),
  tampered('says that a client which closed was kicked', 'connection.end-noticed', () => ({
    toClient: changed('peer-left', (frame) => (frame['reason'] === 'lost' ? { ...frame, reason: 'kicked' } : true)),
  }), { consequences: { 'rooms.lost': 'the reason is wrong', 'websocket.close': 'the reason is wrong' } }),
]

/** Faults of spec/connection.md, but for taking over. */
export const connectionMutants: Mutants = [...openingMutants, ...identityMutants, ...orderMutants, ...endMutants]

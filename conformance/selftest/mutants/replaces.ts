import { defaultHandlers, type Handler } from '@parley/reference-server'
import { decorator } from '../altered-directory.ts'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { altered, type Mutants, refusedAsBad, tampered } from '../mutant.ts'
import { changed, refusal, textOf, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

/** A server that says hello in its own way. */
function greeting(hello: Handler<'hello'>) {
  return () => startReferenceServer({}, { handlers: { ...defaultHandlers, hello } })
}

/** Ends the connection that a secret belongs to. */
function takeOver(session: string | undefined, services: Parameters<Handler<'hello'>>[2]): void {
  const peer = session === undefined ? undefined : services.directory.peerOf(session)
  if (typeof peer === 'string') void services.router.end(peer, 'replaced', 'A later connection')
}

const nothingEnds = {
  'replaces.peer-left': 'nothing is replaced',
  'replaces.before-welcome': 'nothing is replaced',
  'replaces.new-identity': 'nothing is replaced',
  'replaces.unknown': 'its controls replace connections',
  'connection.secret-kept': 'its check waits for a peer-left',
} as const

/** Passages by what their welcome gave them. */
function bySession(): {
  readonly note: (frame: Frame, passage: Passage) => void
  readonly sessions: Map<unknown, Passage>
} {
  const sessions = new Map<unknown, Passage>()
  return {
    sessions,
    note: (frame, passage) => {
      if (frame['type'] === 'welcome') sessions.set(frame['session'], passage)
    },
  }
}

/** Tells a replaced connection so once it has said something more, or a moment later. */
function goesOnForAMoment(): MiddlemanRules {
  const told = new WeakMap<Passage, () => void>()
  return {
    toServer: (frame, passage) => {
      if (!told.has(passage)) return true
      if (frame['type'] === 'ping') passage.toClient({ type: 'pong', ref: frame['id'] })
      told.get(passage)?.()
      return false
    },
    toClient: (frame, passage) =>
      frame['code'] !== 'replaced' ||
      new Promise((resolve) => {
        told.set(passage, () => {
          resolve(true)
        })
        setTimeout(resolve, 300, true)
      }),
  }
}

/** Whoever replaces a member becomes one itself, unasked. */
function inheritsRooms() {
  const { sessions, note } = bySession()
  return {
    toServer: (frame: Frame, passage: Passage) => {
      const rooms = (passage.notes.get('rooms') ?? new Set()) as Set<unknown>
      passage.notes.set('rooms', rooms)
      if (frame['type'] === 'join') rooms.add(frame['room'])
      if (frame['type'] === 'hello') passage.notes.set('heir of', sessions.get(frame['replaces']))
      return true
    },
    toClient: (frame: Frame, passage: Passage) => {
      note(frame, passage)
      const old = passage.notes.get('heir of') as Passage | undefined
      if (frame['type'] === 'authenticated' && old) {
        for (const room of (old.notes.get('rooms') ?? new Set()) as Set<unknown>)
          passage.toServer({ type: 'join', room })
      }
      return frame['type'] !== 'joined' || 'ref' in frame || !old
    },
  }
}

/** Keeps the data of the replaced peer for its heir, where that joins a room without any. */
function inheritsData(): MiddlemanRules {
  const { sessions, note } = bySession()
  return {
    toServer: (frame, passage) => {
      if (frame['type'] === 'hello') passage.notes.set('heir of', sessions.get(frame['replaces']))
      const dataIn = `data in ${textOf(frame, 'room')}`
      if ('data' in frame) passage.notes.set(dataIn, frame['data'])
      const old = passage.notes.get('heir of') as Passage | undefined
      const data = old?.notes.get(dataIn)
      return frame['type'] === 'join' && !('data' in frame) && data !== undefined ? { ...frame, data } : true
    },
    toClient: (frame, passage) => {
      note(frame, passage)
      return true
    },
  }
}

/** Sends what is for a replaced peer to its heir, where that is in the room. */
function forwardsToTheHeir() {
  const heirs = new Map<string, string>()
  let replaced: string | undefined
  return startReferenceServer(
    {},
    {
      decorateDirectory: decorator((inner) => ({
        peerOf: (session) => (replaced = inner.peerOf(session)),
        connect: (peer, session) => {
          if (replaced !== undefined) heirs.set(replaced, peer)
          replaced = undefined
          inner.connect(peer, session)
        },
        reach: (room, sender, receiver) => inner.reach(room, sender, heirs.get(receiver) ?? receiver),
      })),
      decorateRouter: (router) => ({
        attach: (receiver) => router.attach(receiver),
        detach: (peer) => router.detach(peer),
        end: (...args) => router.end(...args),
        deliver: (peer, frame) => router.deliver(heirs.get(peer) ?? peer, frame),
      }),
    },
  )
}

/** Takes secrets of ended connections for those of their heirs. */
function passesSecretsOn() {
  const heirs = new Map<string, string>()
  let asked: string | undefined
  return startReferenceServer(
    {},
    {
      decorateDirectory: decorator((inner) => ({
        peerOf: (session) => {
          const live = inner.peerOf(session)
          asked = live === undefined ? undefined : session
          return live ?? heirs.get(session)
        },
        connect: (peer, session) => {
          if (asked !== undefined) heirs.set(asked, peer)
          asked = undefined
          inner.connect(peer, session)
        },
      })),
    },
  )
}

/** Takes a peer id for a session secret. */
function knowsPeers() {
  const peers = new Set<string>()
  return startReferenceServer(
    {},
    {
      decorateDirectory: decorator((inner) => ({
        connect: (peer, session) => {
          peers.add(peer)
          inner.connect(peer, session)
        },
        peerOf: (session) => inner.peerOf(session) ?? (peers.has(session) ? session : undefined),
      })),
    },
  )
}

/** Takes what it reads in `replaces` for another text. */
function reading(read: (session: string, known: ReadonlySet<string>) => string) {
  const known = new Set<string>()
  return startReferenceServer(
    {},
    {
      decorateDirectory: decorator((inner) => ({
        connect: (peer, session) => {
          known.add(session)
          inner.connect(peer, session)
        },
        peerOf: (session) => inner.peerOf(read(session, known)),
      })),
    },
  )
}

/** Takes the begin of a secret for the whole. */
function knowsBegins() {
  const sessions = new Set<string>()
  return startReferenceServer(
    {},
    {
      decorateDirectory: decorator((inner) => ({
        connect: (peer, session) => {
          sessions.add(session)
          inner.connect(peer, session)
        },
        peerOf: (session) =>
          inner.peerOf(
            [...sessions].find((known) => session.length > 12 && known.startsWith(session)) ?? session,
          ),
      })),
    },
  )
}

/** Lets who replaces an authenticated connection be authenticated. */
export function inheritsUser() {
  const connections = new Map<string, Parameters<Handler>[1]>()
  const hello: Handler<'hello'> = (message, connection, services, frame) => {
    const peer = message.replaces === undefined ? undefined : services.directory.peerOf(message.replaces)
    const old = typeof peer === 'string' ? connections.get(peer) : undefined
    connections.set(connection.peer, connection)
    const done = defaultHandlers.hello(message, connection, services, frame)
    if (old?.user !== undefined) connection.authenticate({ user: old.user })
    return done
  }
  return startReferenceServer({}, { handlers: { ...defaultHandlers, hello } })
}

/** Faults of taking over. */
export const replacesMutants: Mutants = [
  tampered(
    'ignores replaces',
    'replaces.old-ends',
    () => ({
      toServer: valid('hello', (frame) => without(frame, 'replaces')),
    }),
    {
      consequences: {
        ...nothingEnds,
        'rooms.left-once': 'nothing is replaced',
        'delivery.sender-gone': 'nothing is replaced',
        'ring.caller-lost': 'nothing is replaced',
        'ring.endpoint-lost': 'nothing is replaced',
        'talk.lost': 'nothing is replaced',
        'resume.replaces': 'nothing is replaced',
        'resume.fatal': 'nothing is replaced',
        'watch.change': 'nothing is replaced',
      },
    },
  ),
  tampered(
    'says kicked to a connection that is replaced',
    'replaces.old-ends',
    () => ({
      toClient: changed('error', (frame) =>
        frame['code'] === 'replaced' ? { ...frame, code: 'kicked' } : true,
      ),
    }),
    {
      consequences: {
        'replaces.unknown': 'its controls look for replaced',
        'errors.fatal-first': 'the error of the end is another',
        'errors.close-code': 'the close code is that of replaced',
      },
    },
  ),
  altered(
    'replaces for a hello that it refuses',
    'replaces.old-ends',
    greeting((message, connection, services, frame) => {
      if (connection.phase === 'opening') takeOver(message.replaces, services)
      return defaultHandlers.hello(message, connection, services, frame)
    }),
    { says: /, but the connection of A ended first with the fatal error replaced$/ },
  ),
  tampered('tells rooms that the replaced peer was lost', 'replaces.peer-left', () => ({
    toClient: changed('peer-left', (frame) =>
      frame['reason'] === 'replaced' ? { ...frame, reason: 'lost' } : true,
    ),
  })),
  tampered(
    'tells one room alone that a peer was replaced',
    'replaces.peer-left',
    () => ({
      toClient: changed('peer-left', (frame, passage) => {
        if (frame['reason'] !== 'replaced') return true
        const first = passage.notes.get(`left ${String(frame['peer'])}`) ?? frame['room']
        passage.notes.set(`left ${String(frame['peer'])}`, first)
        return first === frame['room']
      }),
    }),
    {
      consequences: {
        'replaces.before-welcome': 'its check waits for each peer-left',
        'rooms.revision': 'a number is left out',
        'rooms.left-once': 'a room is not told',
      },
    },
  ),
  altered(
    'replaces a moment after welcome',
    'replaces.before-welcome',
    greeting((message, connection, services, frame) => {
      const { replaces, ...rest } = message
      if (connection.phase !== 'opening' || !message.versions.includes(1))
        return defaultHandlers.hello(message, connection, services, frame)
      setTimeout(() => {
        takeOver(replaces, services)
      }, 20)
      return defaultHandlers.hello(rest, connection, services, frame)
    }),
  ),
  tampered(
    'lets the replaced connection go on for a moment after welcome',
    'replaces.before-welcome',
    goesOnForAMoment,
  ),
  tampered('gives the heir the rooms of the replaced peer', 'replaces.new-identity', inheritsRooms, {
    consequences: {
      'rooms.outsiders': 'the heir hears of rooms that it never joined',
      'rooms.full': 'it takes places of rooms that it never joined',
    },
  }),
  tampered('gives the heir the data of the replaced peer', 'replaces.new-identity', inheritsData),
  altered('sends the heir what is for the replaced peer', 'replaces.new-identity', forwardsToTheHeir, {
    consequences: { 'delivery.addressee': 'the heir reads what is addressed to another peer' },
  }),
  tampered(
    'refuses a replaces that cannot be a secret',
    'replaces.unknown',
    () => ({
      toServer: valid('hello', (frame, passage) => {
        if (!('replaces' in frame) || /^[A-Za-z0-9_-]+$/.test(textOf(frame, 'replaces'))) return true
        passage.toClient(refusal(frame, 'bad-message'))
        return false
      }),
    }),
    { consequences: refusedAsBad },
  ),
  tampered('ends who names the secret of an ended connection', 'replaces.unknown', () => {
    const ended = new Set<unknown>()
    return {
      toServer: valid('hello', (frame, passage) => {
        if ('replaces' in frame && ended.has(frame['replaces'])) passage.end(1008)
        return true
      }),
      toClient: (frame, passage) => {
        if (frame['type'] === 'welcome') passage.notes.set('session', frame['session'])
        if (frame['type'] === 'error' && frame['fatal'] === true) ended.add(passage.notes.get('session'))
        return true
      },
    }
  }),
  altered('ends the heir for the secret of the one it replaced', 'replaces.unknown', passesSecretsOn),
  altered('takes a peer id for a secret', 'replaces.unknown', knowsPeers),
  altered('cuts blanks off a secret', 'replaces.unknown', () => reading((session) => session.trim())),
  altered('reads secrets in any case', 'replaces.unknown', () =>
    reading((session, known) => {
      const same = (each: string) => each.toLowerCase() === session.toLowerCase()
      return known.has(session) ? session : ([...known].find(same) ?? session)
    }),
  ),
  altered('takes the begin of a secret for the whole', 'replaces.unknown', knowsBegins),
]

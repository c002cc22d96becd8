import { defaultHandlers, type Handler } from '@parley/reference-server'
import type { Frame, MiddlemanRules, Passage, Rule } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, counted, isRelayed, isValid, refusal, valid } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'

/** Enters a peer once more when its connection ends while its join is under way: what comes back then is a ghost. */
const joinsOnceMore: Handler<'join'> = (message, client, services, frame) => {
  const done = defaultHandlers.join(message, client, services, frame)
  setImmediate(() => {
    if (client.phase !== 'ended') return
    void services.directory.connect(client.peer, client.session)
    void services.directory.join(message.room, { peer: client.peer })
  })
  return done
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
    toClient: changed('welcome', (frame) => ({
      ...frame,
      limits: { ...(frame['limits'] as Frame), idleSeconds: seconds },
    })),
  })
}

/** What comes of an announcement below the least that is allowed, which spares the self-test a minute. */
const shortIdle = {
  'frames.shape': 'idleSeconds is announced below 60, so that nobody needs to wait for long',
} as const

/** Faults of order and liveness. */
export const orderMutants: Mutants = [
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
  tampered(
    'says unauthenticated to what follows auth too soon',
    'connection.back-to-back',
    () => ({
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
    }),
    { consequences: { 'replaces.before-welcome': 'its check joins without waiting' } },
  ),
  tampered(
    'lets leave take effect after what follows it',
    'connection.order',
    () => ({
      toServer: late((frame) => frame['type'] === 'leave', 20),
    }),
    {
      consequences: {
        'rooms.left-last': 'its check sends after leave',
        'delivery.order': 'its check leaves and joins in one go',
        'delivery.once': 'its check leaves and joins in one go',
        'delivery.no-gap': 'its check leaves and joins in one go',
        'rooms.left-once': 'its check leaves and joins in one go',
      },
    },
  ),
  tampered(
    'lets every third update take effect later',
    'connection.order',
    () => ({
      toServer: late(
        (frame, passage) => frame['type'] === 'update' && counted(passage, 'updates') % 3 === 0,
        20,
      ),
    }),
    { consequences: { 'rooms.updated-in-order': 'messages overtake the update' } },
  ),
  tampered(
    'answers no ping without id',
    'connection.pong',
    () => ({
      toServer: valid('ping', (frame) => 'id' in frame),
    }),
    { consequences: { 'outcomes.typed-reply': 'pong is the typed reply of ping' } },
  ),
  tampered(
    'says unauthenticated to a ping',
    'connection.pong',
    () => ({
      toServer: (frame, passage) => {
        if (frame['type'] === 'auth') passage.notes.set('auth', true)
        if (
          frame['type'] !== 'ping' ||
          !isValid(frame) ||
          passage.notes.has('auth') ||
          !passage.notes.has('welcomed')
        )
          return true
        passage.toClient(refusal(frame, 'unauthenticated'))
        return false
      },
      toClient: (frame, passage) => {
        if (frame['type'] === 'welcome') passage.notes.set('welcomed', true)
        if (frame['fatal'] === true) passage.notes.delete('welcomed')
        return true
      },
    }),
    {
      consequences: {
        'auth.required': 'ping needs no authentication',
        'outcomes.typed-reply': 'pong is the typed reply of ping',
      },
    },
  ),
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
    consequences: {
      ...shortIdle,
      'connection.idle-without-ping': 'it pings by longer idleSeconds than it announces',
    },
  }),
  tampered(
    'announces short idleSeconds and sends no pings',
    'connection.idle-without-ping',
    announcesIdle(1),
    {
      server: { idleSeconds: 120, pingSeconds: 0 },
      consequences: {
        ...shortIdle,
        'connection.idle-timeout': 'it keeps to longer idleSeconds than it announces',
      },
    },
  ),
]

/** Faults of the end. */
export const endMutants: Mutants = [
  tampered(
    'cuts the transport after bye',
    'connection.bye',
    () => ({ binding: { closeCode: (code) => (code === 1000 ? 0 : code) } }),
    {
      consequences: { 'websocket.bye-code': 'there is no close frame' },
    },
  ),
  tampered('says ok to bye', 'connection.bye', () => ({
    toServer: valid('bye', (frame, passage) => {
      if ('id' in frame) passage.toClient({ type: 'ok', ref: frame['id'] })
      return true
    }),
  })),
  tampered('ignores a bye whose reason a close frame has no room for', 'connection.bye', () => ({
    toServer: valid('bye', ({ reason }) => typeof reason !== 'string' || Buffer.byteLength(reason) <= 123),
  })),
  tampered('takes three seconds over a page that is closed', 'connection.bye', () => ({
    toServer: late((frame) => frame['type'] === 'bye' && frame['reason'] === 'page closed', 3000),
  })),
  tampered('forgets the join right before bye', 'connection.bye', () => ({
    toServer: (frame, passage, text) => {
      const pending = passage.notes.get('join') as NodeJS.Timeout | undefined
      if (frame['type'] === 'bye' && pending) clearTimeout(pending)
      if (frame['type'] !== 'join' || 'id' in frame || passage.notes.has('joined')) return true
      passage.notes.set(
        'join',
        setTimeout(() => {
          passage.toServer(text)
        }, 1),
      )
      return false
    },
    toClient: (frame, passage) => {
      if (frame['type'] === 'joined') passage.notes.set('joined', true)
      return true
    },
  })),
  tampered(
    'does not notice that a client has closed',
    'connection.end-noticed',
    () => ({ onClientEnd: () => false }),
    {
      consequences: {
        'rooms.lost': 'nobody is told',
        'rooms.left-once': 'nobody is told',
        'rooms.full': 'a place is not free again',
        'delivery.sender-gone': 'nobody is told',
        'websocket.close': 'nobody is told',
      },
    },
  ),
  altered(
    'keeps a peer whose connection ends right behind its join',
    'connection.end-noticed',
    () => startReferenceServer({}, { handlers: { ...defaultHandlers, join: joinsOnceMore } }),
    { consequences: { 'rooms.revision': 'a membership is counted that nobody is told of' } },
  ),
  tampered(
    'says that a client which closed was kicked',
    'connection.end-noticed',
    () => ({
      toClient: changed('peer-left', (frame) =>
        frame['reason'] === 'lost' ? { ...frame, reason: 'kicked' } : true,
      ),
    }),
    { consequences: { 'rooms.lost': 'the reason is wrong', 'websocket.close': 'the reason is wrong' } },
  ),
]

import { defaultHandlers, type Handler, type TokenEntry } from '@parley/reference-server'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, counted, isRelayed, isValid, refusal, valid, without } from '../rule.ts'
import { selfTestTokens, startReferenceServer } from '../running-server.ts'
import { inheritsUser } from './replaces.ts'

const [ann, bob] = selfTestTokens as [TokenEntry, TokenEntry]

/** A server that authenticates in its own way. */
function authenticating(auth: (inner: Handler<'auth'>) => Handler<'auth'>) {
  return () => startReferenceServer({}, { handlers: { ...defaultHandlers, auth: auth(defaultHandlers.auth) } })
}

/** Notes whether a passage is authenticated, as the kit sees it. */
function noting(rules: MiddlemanRules): MiddlemanRules {
  return {
    ...rules,
    toClient: (frame, passage, text) => {
      if (frame['type'] === 'authenticated') passage.notes.set('user', frame['user'])
      if (frame['type'] === 'welcome') passage.notes.set('welcome', true)
      return rules.toClient ? rules.toClient(frame, passage, text) : true
    },
  }
}

const needsAuth: ReadonlySet<unknown> = new Set(['join', 'leave', 'update', 'offer', 'answer', 'candidate', 'hangup'])

/** Refuses what comes before authentication in its own way. */
function beforeAuth(answer: (frame: Frame, passage: Passage) => boolean): () => MiddlemanRules {
  return () =>
    noting({
      toServer: (frame, passage) => {
        if (frame['type'] === 'auth') passage.notes.set('user', '')
        const early = passage.notes.has('user') || !passage.notes.has('welcome')
        return early || !isValid(frame) || !needsAuth.has(frame['type']) || answer(frame, passage)
      },
    })
}

/** Changes the errors of auth. */
function authErrors(change: (frame: Frame, passage: Passage) => Frame | boolean): () => MiddlemanRules {
  return () => ({
    toServer: changed('auth', (frame, passage) => {
      passage.notes.set('token', typeof frame['token'] === 'string' ? frame['token'] : JSON.stringify(frame['token']))
      return true
    }),
    toClient: changed('error', (frame, passage) => (frame['of'] === 'auth' ? change(frame, passage) : true)),
  })
}

/** Takes over what a connection is told of its authentication, where it is in force already. */
function onRefresh(change: (frame: Frame, passage: Passage) => Frame | boolean): () => MiddlemanRules {
  return () => ({
    toClient: changed('authenticated', (frame, passage) => (counted(passage, 'authenticated') > 1 ? change(frame, passage) : true)),
  })
}

const noUser = {
  'rooms.user': 'nobody is authenticated any more',
  'auth.refresh': 'its check looks at the user',
} as const

/** Faults of who has to authenticate, and how. */
const methodMutants: Mutants = [
  tampered('lets who has not authenticated join', 'auth.required', beforeAuth((frame, passage) => {
    if (frame['type'] === 'join') passage.toServer({ type: 'auth', method: 'token', token: ann.token })
    return true
  }), { consequences: { 'auth.failed': 'its check joins before authentication', 'outcomes.silent': 'authenticated comes unasked' } }),
  tampered('says forbidden before authentication', 'auth.required', beforeAuth((frame, passage) => {
    passage.toClient(refusal(frame, 'forbidden'))
    return false
  })),
  tampered('says nothing to an offer before authentication', 'auth.required', beforeAuth((frame) => frame['type'] !== 'offer')),
  altered('takes who replaces an authenticated peer for that user', 'auth.required', inheritsUser),
  altered('takes who fails to authenticate for a guest', 'auth.required', authenticating((inner) => (message, connection, services, frame) => {
    const done = inner(message, connection, services, frame)
    if (connection.authFailures > 0 && connection.user === undefined) connection.authenticate({ user: 'ann' })
    return done
  }), { consequences: { 'auth.failed': 'its check joins after a failure' } }),
  tampered('says unauthenticated to who leaves a room it is not in', 'auth.none', () => ({
    toClient: changed('error', (frame) => (frame['of'] === 'leave' ? { ...frame, code: 'unauthenticated' } : true)),
  }), {
    server: { tokens: [] },
    consequences: { 'rooms.leave-not-in-room': 'the code is another', 'rooms.several': 'the code is another' },
  }),
  tampered('says unauthenticated to auth where nobody needs to', 'auth.none', authErrors((frame) => frame['fatal'] === true || { ...frame, code: 'unauthenticated' }), {
    server: { tokens: [] },
    consequences: { 'auth.failed': 'the code is another' },
  }),
  tampered('says bad-message to auth where nobody needs to', 'auth.failed', authErrors((frame) => frame['fatal'] === true || { ...frame, code: 'bad-message' }), {
    server: { tokens: [] },
  }),
  tampered('names another user every third time', 'auth.token', () => {
    let times = 0
    return {
      toClient: changed('authenticated', (frame) => {
        times += 1
        return times % 3 === 0 ? { ...frame, user: 'guest' } : true
      }),
    }
  }, { consequences: { 'auth.refresh': 'the user is another', 'auth.user-mismatch': 'the user is another', 'auth.failed': 'the user is another', 'auth.third-failure': 'the user is another', 'auth.required': 'the user is another' } }),
  tampered('refuses the second user the second time', 'auth.token', () => {
    let times = 0
    return {
      toServer: valid('auth', (frame, passage) => {
        if (frame['token'] !== bob.token || passage.notes.has('user')) return true
        times += 1
        if (times === 1) return true
        passage.toClient(refusal(frame, 'auth-failed'))
        return false
      }),
      toClient: (frame, passage) => {
        if (frame['type'] === 'authenticated') passage.notes.set('user', frame['user'])
        return true
      },
    }
  }, { consequences: { 'auth.user-mismatch': 'its control authenticates the second user' } }),
  tampered('takes any token for the first', 'auth.failed', () => ({
    toServer: valid('auth', (frame) => (frame['method'] === 'token' && frame['token'] !== bob.token ? { ...frame, token: ann.token } : true)),
  }), {
    consequences: {
      'auth.required': 'its check fails to authenticate',
      'auth.third-failure': 'its check fails to authenticate',
      'auth.failure-keeps': 'its check fails to authenticate',
      'connection.end-noticed': 'its check fails to authenticate',
      'frames.bad-shape': 'a token of the wrong shape is taken for another',
    },
  }),
  altered('takes half of a token for the whole', 'auth.failed', () =>
    startReferenceServer({
      authenticate: (token) => {
        const found = selfTestTokens.find((entry) => token.length > 6 && entry.token.startsWith(token))
        return found && { user: found.user, ...(found.grants ? { grants: found.grants } : {}) }
      },
    }),
  ),
  tampered('does not look at the method', 'auth.failed', () => ({
    toServer: valid('auth', (frame) => (typeof frame['method'] === 'string' ? { ...frame, method: 'token' } : true)),
  }), { consequences: { 'auth.failure-keeps': 'its check uses another method', 'frames.exact-names': 'its check uses another method' } }),
  tampered('says bad-message to a token that is not valid', 'auth.failed', authErrors((frame) => (frame['fatal'] === true ? true : { ...frame, code: 'bad-message' })), {
    consequences: { 'auth.third-failure': 'the code is another', 'auth.required': 'the code is another', 'auth.failure-keeps': 'the code is another', 'errors.fatal-first': 'the code is another', 'auth.user-mismatch': 'the code is another' },
  }),
]

/** Faults of failing. */
const failureMutants: Mutants = [
  altered('counts failures from the last success', 'auth.third-failure', authenticating((inner) => (message, connection, services, frame) => {
    const before = connection.user
    const failures = connection.authFailures
    const done = inner(message, connection, services, frame)
    if (connection.user !== undefined && connection.authFailures === failures && (before === undefined || before === connection.user)) connection.authFailures = 0
    return done
  })),
  altered('ends at the second failure', 'auth.third-failure', authenticating((inner) => (message, connection, services, frame) => {
    if (connection.authFailures === 1) connection.authFailures = 2
    return inner(message, connection, services, frame)
  }), { consequences: { 'auth.failed': 'its checks fail twice', 'auth.failure-keeps': 'its check fails twice', 'auth.not-echoed': 'its check fails twice' } }),
  altered('never ends for failures', 'auth.third-failure', authenticating((inner) => (message, connection, services, frame) => {
    connection.authFailures = 0
    return inner(message, connection, services, frame)
  }), { consequences: { 'rooms.lost': 'its check brings the server to end a connection' } }),
  altered('counts the failures of all connections together', 'auth.third-failure', () => {
    let failures = 0
    return authenticating((inner) => (message, connection, services, frame) => {
      if (connection.authFailures === 0) connection.authFailures = failures % 3
      const before = connection.authFailures
      const done = inner(message, connection, services, frame)
      if (connection.authFailures > before) failures += 1
      return done
    })()
  }, {
    consequences: {
      'auth.failed': 'a first failure is fatal',
      'auth.required': 'a first failure is fatal',
      'auth.failure-keeps': 'a first failure is fatal',
      'auth.user-mismatch': 'a first failure is fatal',
      'auth.not-echoed': 'a first failure is fatal',
      'frames.bad-shape': 'a first failure is fatal',
      'frames.unknown-members': 'a first failure is fatal',
      'frames.exact-names': 'a first failure is fatal',
      'frames.nesting': 'a first failure is fatal',
      'limits.accept-size': 'a first failure is fatal',
      'frames.whitespace': 'a first failure is fatal',
    },
  }),
  tampered('repeats a token that it refuses', 'auth.not-echoed', authErrors((frame, passage) => ({
    ...frame,
    message: `Cannot authenticate: ${String(passage.notes.get('token'))} is not valid`,
  }))),
  tampered('repeats the begin of a token that it refuses', 'auth.not-echoed', authErrors((frame, passage) => ({
    ...frame,
    message: `Cannot authenticate: ${String(passage.notes.get('token')).slice(0, 6)}… is not valid`,
  }))),
  tampered('repeats a token of the wrong shape', 'auth.not-echoed', authErrors((frame, passage) =>
    frame['code'] === 'bad-message' ? { ...frame, message: `No token: ${String(passage.notes.get('token'))}` } : true,
  )),
  tampered('repeats the token in authenticated', 'auth.not-echoed', () => ({
    toServer: valid('auth', (frame, passage) => (passage.notes.set('token', frame['token']), true)),
    toClient: changed('authenticated', (frame, passage) => ({ ...frame, 'com.example.token': passage.notes.get('token') })),
  })),
  altered('forgets the user after a failure', 'auth.failure-keeps', authenticating((inner) => (message, connection, services, frame) => {
    const failures = connection.authFailures
    const done = inner(message, connection, services, frame)
    if (connection.authFailures > failures && connection.user !== undefined) connection.authenticate({ user: 'nobody', grants: [] })
    return done
  }), { consequences: { ...noUser, 'auth.third-failure': 'the user is another after a failure' } }),
  tampered('ends memberships after a failure', 'auth.failure-keeps', () => ({
    toServer: valid('join', (frame, passage) => (passage.notes.set('room', frame['room']), true)),
    toClient: (frame, passage) => {
      if (frame['code'] === 'auth-failed' && passage.notes.has('room')) passage.toServer({ type: 'leave', room: passage.notes.get('room') })
      return true
    },
  })),
]

/** Faults of authenticating again. */
const refreshMutants: Mutants = [
  tampered('says unexpected-message to a refresh', 'auth.refresh', () =>
    noting({
      toServer: valid('auth', (frame, passage) => {
        if (!passage.notes.has('user') || frame['token'] !== (passage.notes.get('user') === 'ann' ? ann.token : bob.token) || frame['method'] !== 'token') return true
        passage.toClient(refusal(frame, 'unexpected-message'))
        return false
      }),
    }), {
    consequences: {
      'outcomes.typed-reply': 'its check authenticates again',
      'auth.third-failure': 'its check authenticates again',
      'auth.user-mismatch': 'its control authenticates again',
      'frames.unknown-members': 'its check authenticates again',
      'frames.nesting': 'its check authenticates again',
      'frames.whitespace': 'its check authenticates again',
      'limits.accept-size': 'its check authenticates again',
    },
  }),
  tampered('says nothing to a refresh without id', 'auth.refresh', onRefresh((frame) => 'ref' in frame), {
    consequences: { 'outcomes.typed-reply': 'a typed reply is missing' },
  }),
  tampered('ends memberships at a refresh', 'auth.refresh', () => ({
    toServer: valid('join', (frame, passage) => (passage.notes.set('room', frame['room']), true)),
    toClient: changed('authenticated', (frame, passage) => {
      if (passage.notes.has('room')) passage.toServer({ type: 'leave', room: passage.notes.get('room') })
      return frame
    }),
  }), { consequences: { 'outcomes.typed-reply': 'its check leaves the room itself', 'auth.user-mismatch': 'its control authenticates again' } }),
  altered('keeps the grants of the first token', 'auth.refresh', () => {
    const tokens: TokenEntry[] = [
      { token: 'ann-4f1d0c9be2a7', user: 'ann', grants: [{ prefix: 'parley-', join: true, send: true }] },
      { token: 'ann-93c2e7a1d05f', user: 'ann', grants: [{ prefix: 'parley-', join: true, send: true }, { prefix: 'second-', join: true, send: true }] },
    ]
    const auth: Handler<'auth'> = (message, connection, services, frame) => {
      const { grants, user } = connection
      const done = defaultHandlers.auth(message, connection, services, frame)
      if (user !== undefined) connection.authenticate({ user, ...(grants ? { grants } : {}) })
      return done
    }
    return startReferenceServer({ tokens }, { handlers: { ...defaultHandlers, auth } })
  }),
  altered('keeps the end of the first authentication', 'auth.refresh', () => {
    const auth: Handler<'auth'> = (message, connection, services, frame) => {
      if (connection.user !== bob.user || message.token !== bob.token) return defaultHandlers.auth(message, connection, services, frame)
      connection.send(JSON.stringify({ type: 'authenticated', user: bob.user, grants: bob.grants, expiresInMs: 2000, ref: message.id }))
    }
    return startReferenceServer({ tokens: [ann, { ...bob, expiresInMs: 2000 }] }, { handlers: { ...defaultHandlers, auth } })
  }),
  altered('lets a connection change its user', 'auth.user-mismatch', authenticating((inner) => (message, connection, services, frame) => {
    const entry = selfTestTokens.find(({ token }) => token === message.token)
    if (entry && connection.user !== undefined && entry.user !== connection.user) connection.authenticate({ user: entry.user })
    return inner(message, connection, services, frame)
  }), { consequences: { 'rooms.user': 'a peer changes its user' } }),
  tampered('says auth-failed to the token of another user', 'auth.user-mismatch', authErrors((frame) =>
    frame['code'] === 'user-mismatch' ? { ...frame, code: 'auth-failed' } : true,
  )),
  altered('takes on the other user and refuses it', 'auth.user-mismatch', authenticating((inner) => (message, connection, services, frame) => {
    const { user } = connection
    const done = inner(message, connection, services, frame)
    if (user === 'ann' && message.token === bob.token) connection.authenticate({ user: 'bob' })
    return done
  }), { consequences: { 'rooms.user': 'a peer changes its user' } }),
  altered('counts the token of another user as a failure', 'auth.user-mismatch', authenticating((inner) => (message, connection, services, frame) => {
    const other = connection.user === 'ann' && message.token === bob.token
    if (other) connection.authFailures += 1
    if (other && connection.authFailures >= 3) return connection.fail('auth-failed', 'Too many', { ...message })
    return inner(message, connection, services, frame)
  }), { consequences: { 'auth.third-failure': 'it counts what is no failure' } }),
]

/** What a server that judges grants in its own way lets a user do. */
type Judge = (right: 'join' | 'send', room: string, frame: Frame) => string | undefined

/** A server that lets everybody do everything, behind a man in the middle who judges the second user's grants in his own way. */
function judging(judge: Judge): () => MiddlemanRules {
  return () => ({
    toServer: (frame, passage) => {
      const right = frame['type'] === 'join' ? 'join' : isRelayed(frame) || frame['type'] === 'update' ? 'send' : undefined
      if (right === undefined || !isValid(frame) || passage.notes.get('user') !== bob.user || typeof frame['room'] !== 'string') return true
      const code = judge(right, frame['room'], frame)
      if (code === undefined) return true
      passage.toClient(refusal(frame, code))
      return false
    },
    toClient: (frame, passage) => {
      if (frame['type'] !== 'authenticated') return true
      passage.notes.set('user', frame['user'])
      return frame['user'] === bob.user ? { ...frame, grants: bob.grants } : true
    },
  })
}

const unlimited = { server: { tokens: [ann, without({ ...bob }, 'grants') as unknown as TokenEntry] } }

const joins = (room: string) => room.startsWith('parley-') || room.startsWith('listen-')
const sends = (room: string) => room.startsWith('parley-')
const right = (which: 'join' | 'send', room: string) => ((which === 'join' ? joins : sends)(room) ? undefined : 'forbidden')

/** Faults of grants. */
const grantMutants: Mutants = [
  tampered('looks for the prefix anywhere in a room name', 'auth.grants', judging((which, room, frame) =>
    frame['type'] === 'update' ? undefined : which === 'join' ? (/parley-|listen-/.test(room) ? undefined : 'forbidden') : right(which, room),
  ), unlimited),
  tampered('compares prefixes without case', 'auth.grants', judging((which, room, frame) =>
    frame['type'] === 'update' ? undefined : right(which, room.toLowerCase()),
  ), unlimited),
  tampered('leaves out the last character of a prefix', 'auth.grants', judging((which, room, frame) =>
    frame['type'] === 'update' ? undefined : which === 'join' ? (/^(parley|listen)/.test(room) ? undefined : 'forbidden') : right(which, room),
  ), { ...unlimited, consequences: { 'rooms.forbidden': 'a room that grants do not cover is open' } }),
  tampered('lets who may only join send candidates', 'auth.grants', judging((which, room, frame) =>
    frame['type'] === 'update' || frame['type'] === 'candidate' ? undefined : right(which, room),
  ), { ...unlimited, consequences: { 'relay.forbidden': 'a relayed message that grants do not allow is delivered' } }),
  tampered('lets who may only join change no data', 'auth.grants', judging((which, room) => right(which, room)), {
    ...unlimited,
    consequences: { 'rooms.update': 'an update is refused' },
  }),
  tampered('says not-in-room where grants do not allow to send', 'auth.grants', judging((which, room, frame) =>
    frame['type'] === 'update' ? undefined : which === 'send' && !sends(room) && joins(room) ? 'not-in-room' : right(which, room),
  ), { ...unlimited, consequences: { 'relay.forbidden': 'the code is another' } }),
  tampered('refuses rooms with a slash although grants cover them', 'auth.grants', judging((which, room, frame) =>
    frame['type'] === 'update' ? undefined : room.includes('/') ? 'forbidden' : right(which, room),
  ), unlimited),
  tampered('says forbidden to who has no grants and may do everything', 'auth.grants', () => ({
    toServer: valid('join', (frame, passage) => {
      if (/^(parley-|listen-)/.test(String(frame['room'])) || passage.notes.get('user') !== 'ann') return true
      passage.toClient(refusal(frame, 'forbidden'))
      return false
    }),
    toClient: (frame, passage) => {
      if (frame['type'] === 'authenticated') passage.notes.set('user', frame['user'])
      return true
    },
  }), {
    consequences: {
      'rooms.name': 'its check uses other names',
      'frames.exact-names': 'its check uses other names',
      'rooms.forbidden': 'its check uses other names',
      'frames.unknown-members': 'its check uses other names',
      'frames.whitespace': 'its check uses other names',
      'frames.nesting': 'its check uses other names',
    },
  }),
]

/** A token that lasts for a short while. */
const brief = (expiresInMs: number) => ({ tokens: [ann, { ...bob, expiresInMs }] })

/** Says how long the second user's authentication lasts, whatever the server knows of it. */
function announces(expiresInMs: number): () => MiddlemanRules {
  return () => ({
    toClient: changed('authenticated', (frame) => (frame['user'] === bob.user ? { ...frame, expiresInMs } : true)),
  })
}

/** Faults of the end of an authentication. */
const expiryMutants: Mutants = [
  tampered('never ends an authentication', 'auth.expiry', announces(1500), { consequences: { 'auth.refresh': 'nothing ends', 'rooms.ended': 'nothing ends' } }),
  tampered('ends an authentication early', 'auth.expiry', announces(3000), {
    server: brief(1500),
    consequences: { 'auth.refresh': 'it ends early' },
  }),
  tampered('says kicked at the end of an authentication', 'auth.expiry', () => ({
    toClient: changed('error', (frame) => (frame['code'] === 'token-expired' ? { ...frame, code: 'kicked' } : true)),
  }), { server: brief(1500), consequences: { 'auth.refresh': 'its check waits for the end', 'rooms.ended': 'the code is another' } }),
  tampered('ends an authentication without a word', 'auth.expiry', () => ({
    toClient: changed('error', (frame) => frame['code'] !== 'token-expired'),
  }), { server: brief(1500), consequences: { 'auth.refresh': 'its check waits for the end' } }),
  altered('prolongs an authentication with every ping', 'auth.expiry', () => startReferenceServer(brief(1500), {
    handlers: {
      ...defaultHandlers,
      ping: (message, connection, services, frame) => {
        if (connection.user === bob.user) connection.authenticate({ user: bob.user, ...(bob.grants ? { grants: bob.grants } : {}), expiresInMs: 5000 })
        return defaultHandlers.ping(message, connection, services, frame)
      },
    },
  }), { consequences: { 'rooms.ended': 'it ends late' } }),
]

/** Faults of spec/authentication.md. */
export const authenticationMutants: Mutants = [...methodMutants, ...failureMutants, ...refreshMutants, ...grantMutants, ...expiryMutants]

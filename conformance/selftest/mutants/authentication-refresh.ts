import { defaultHandlers, type Handler, type TokenEntry } from '@parley/reference-server'
import { altered, tampered, type Mutant, type Mutants } from '../mutant.ts'
import { changed, refusal, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { selfTestTokens } from '../self-test-token.ts'
import { ann, bob, authenticating, noting, authErrors, onRefresh } from './authentication-rule.ts'

/**
 * Leaves the grants as they are when a user authenticates again.
 *
 * @param sending - Prefixes that only the second token grants, besides the first of them.
 * @param listening - Prefixes in which only the second token lets it send.
 */
function keepingGrants(name: string, sending: readonly string[], listening: readonly string[]): Mutant {
  const granting = (prefixes: readonly string[], send: boolean) =>
    prefixes.map((prefix) => ({ prefix, join: true, send }))
  const first = [...granting(sending.slice(0, 1), true), ...granting(listening, false)]
  const tokens: TokenEntry[] = [
    { token: 'ann-4f1d0c9be2a7', user: 'ann', grants: first },
    { token: 'ann-93c2e7a1d05f', user: 'ann', grants: granting([...sending, ...listening], true) },
  ]
  const auth: Handler<'auth'> = (message, connection, services, frame) => {
    const { grants, user } = connection
    const done = defaultHandlers.auth(message, connection, services, frame)
    if (user !== undefined) connection.authenticate({ user, ...(grants ? { grants } : {}) })
    return done
  }
  const start = () => startReferenceServer({ tokens }, { handlers: { ...defaultHandlers, auth } })
  return altered(name, 'auth.refresh', start, {
    consequences: { 'find.may-join': 'rooms are found by the grants of the first token' },
  })
}

/** @param taken - How many authentications of a connection count; to further ones it only says that they do. */
function keepingTheEnd(name: string, taken: number): Mutant {
  return altered(name, 'auth.refresh', () => {
    const counts = new WeakMap<object, number>()
    const auth: Handler<'auth'> = (message, connection, services, frame) => {
      const isHis = message.token === bob.token && (connection.user ?? bob.user) === bob.user
      const count = isHis ? (counts.get(connection) ?? 0) : 0
      if (isHis) counts.set(connection, count + 1)
      if (count < taken) return defaultHandlers.auth(message, connection, services, frame)
      const { user, grants } = bob
      connection.send(
        JSON.stringify({ type: 'authenticated', user, grants, expiresInMs: 2000, ref: message.id }),
      )
    }
    return startReferenceServer(
      { tokens: [ann, { ...bob, expiresInMs: 2000 }] },
      { handlers: { ...defaultHandlers, auth } },
    )
  })
}

/** Faults of authenticating again. */
export const refreshMutants: Mutants = [
  tampered(
    'says unexpected-message to a refresh',
    'auth.refresh',
    () =>
      noting({
        toServer: valid('auth', (frame, passage) => {
          if (
            !passage.notes.has('user') ||
            frame['token'] !== (passage.notes.get('user') === 'ann' ? ann.token : bob.token) ||
            frame['method'] !== 'token'
          )
            return true
          passage.toClient(refusal(frame, 'unexpected-message'))
          return false
        }),
      }),
    {
      consequences: {
        'frames.bad-shape': 'its check authenticates again',
        'outcomes.typed-reply': 'its check authenticates again',
        'auth.third-failure': 'its check authenticates again',
        'auth.user-mismatch': 'its control authenticates again',
        'frames.unknown-members': 'its check authenticates again',
        'frames.nesting': 'its check authenticates again',
        'frames.whitespace': 'its check authenticates again',
        'limits.accept-size': 'its check authenticates again',
      },
    },
  ),
  tampered(
    'says nothing to a refresh without id',
    'auth.refresh',
    onRefresh((frame) => 'ref' in frame),
    {
      consequences: { 'outcomes.typed-reply': 'a typed reply is missing' },
    },
  ),
  tampered(
    'ends memberships at a refresh',
    'auth.refresh',
    () => ({
      toServer: valid('join', (frame, passage) => (passage.notes.set('room', frame['room']), true)),
      toClient: changed('authenticated', (frame, passage) => {
        if (passage.notes.has('room')) passage.toServer({ type: 'leave', room: passage.notes.get('room') })
        return frame
      }),
    }),
    {
      consequences: {
        'outcomes.typed-reply': 'its check leaves the room itself',
        'auth.user-mismatch': 'its control authenticates again',
        'talk.refresh': 'its check authenticates again, and sends in the room afterwards',
      },
    },
  ),
  keepingGrants('keeps the grants of the first token', ['parley-', 'second-'], []),
  keepingGrants('keeps what the first token lets it send', ['parley-'], ['listen-']),
  tampered(
    'announces an hour for an authentication that holds for half a second',
    'auth.expiry',
    () => ({
      toClient: changed('authenticated', (frame) => ({ ...frame, expiresInMs: 3_600_000 })),
    }),
    {
      server: { tokens: [{ ...ann, expiresInMs: 500 }] },
      only: 'auth.expiry:throughout,connection.idle-minimum',
      consequences: {
        'rooms.update': 'the connection ends while it is looked at',
        'rooms.rejoin-data': 'the connection ends while it is looked at',
        'ring.timeout': 'the connection ends while it is looked at',
        'ring.no-timing': 'the connection ends while it is looked at',
        'ring.calls-per-peer': 'the connection ends while it is looked at',
        'resume.buffer': 'the connection ends while it is looked at',
        'resume.meanwhile': 'the connection ends while it is looked at',
        'ice.accepted': 'the connection ends while it is looked at',
        'ice.renewed': 'the connection ends while it is looked at',
        'ice.overlap': 'the connection ends while it is looked at',
        'ice.only-asked': 'the connection ends while it is looked at',
      },
      says: /no token-expired before the 3600000 ms have passed .* the connection ended \d+ ms after that auth was sent with the error token-expired/,
    },
  ),
  tampered(
    'leaves the grants out of the answer to a refresh, and keeps to them',
    'auth.refresh',
    onRefresh((frame) => without(frame, 'grants')),
    { only: 'auth.refresh:memberships' },
  ),
  tampered(
    'leaves the end out of the answer to a refresh, and keeps to it',
    'auth.refresh',
    onRefresh((frame) => without(frame, 'expiresInMs')),
    {
      server: { tokens: [ann, { ...bob, expiresInMs: 2000 }] },
      only: 'auth.refresh:expiry',
    },
  ),
  keepingTheEnd('keeps the end of the first authentication', 1),
  keepingTheEnd('prolongs an authentication once', 2),
  altered(
    'lets a connection change its user',
    'auth.user-mismatch',
    authenticating((inner) => (message, connection, services, frame) => {
      const entry = selfTestTokens.find(({ token }) => token === message.token)
      if (entry && connection.user !== undefined && entry.user !== connection.user)
        connection.authenticate({ user: entry.user })
      return inner(message, connection, services, frame)
    }),
    { consequences: { 'rooms.user': 'a peer changes its user' } },
  ),
  tampered(
    'says auth-failed to the token of another user',
    'auth.user-mismatch',
    authErrors((frame) => (frame['code'] === 'user-mismatch' ? { ...frame, code: 'auth-failed' } : true)),
  ),
  altered(
    'takes on the other user and refuses it',
    'auth.user-mismatch',
    authenticating((inner) => (message, connection, services, frame) => {
      const { user } = connection
      const done = inner(message, connection, services, frame)
      if (user === 'ann' && message.token === bob.token) connection.authenticate({ user: 'bob' })
      return done
    }),
    { consequences: { 'rooms.user': 'a peer changes its user' } },
  ),
  altered(
    'counts the token of another user as a failure',
    'auth.user-mismatch',
    authenticating((inner) => (message, connection, services, frame) => {
      const other = connection.user === 'ann' && message.token === bob.token
      if (other) connection.authFailures += 1
      if (other && connection.authFailures >= 3) {
        connection.fail('auth-failed', 'Too many', { ...message })
        return
      }
      return inner(message, connection, services, frame)
    }),
    { consequences: { 'auth.third-failure': 'it counts what is no failure' } },
  ),
]

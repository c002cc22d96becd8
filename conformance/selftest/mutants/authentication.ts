import { hastened } from '../hastened-clock.ts'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { altered, type Mutants, refusedAsBad, tampered } from '../mutant.ts'
import { changed, isValid, refusal, textOf, valid } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { selfTestTokens } from '../self-test-token.ts'
import { inheritsUser } from './replaces.ts'
import { ann, bob, authenticating, noting, authErrors } from './authentication-rule.ts'
import { refreshMutants } from './authentication-refresh.ts'
import { expiryMutants, grantMutants, rejoinGrantMutants } from './grants.ts'

const needsAuth: ReadonlySet<unknown> = new Set([
  'join',
  'leave',
  'update',
  'offer',
  'answer',
  'candidate',
  'hangup',
])

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

const noUser = {
  'rooms.user': 'nobody is authenticated any more',
  'auth.refresh': 'its check looks at the user',
} as const

/** Faults of who has to authenticate, and how. */
const methodMutants: Mutants = [
  altered(
    'gives half a second to authenticate',
    'auth.wait',
    () => startReferenceServer({ authTimeoutSeconds: 10, helloTimeoutSeconds: 59 }, { clock: hastened(20) }),
    { says: /stays open for 10 s after welcome without auth, but it ended after 0/ },
  ),
  tampered(
    'lets who has not authenticated join',
    'auth.required',
    beforeAuth((frame, passage) => {
      if (frame['type'] === 'join') passage.toServer({ type: 'auth', method: 'token', token: ann.token })
      return true
    }),
    {
      consequences: {
        'auth.failed': 'its check joins before authentication',
        'outcomes.silent': 'authenticated comes unasked',
      },
    },
  ),
  tampered(
    'says forbidden before authentication',
    'auth.required',
    beforeAuth((frame, passage) => {
      passage.toClient(refusal(frame, 'forbidden'))
      return false
    }),
  ),
  tampered(
    'says nothing to an offer before authentication',
    'auth.required',
    beforeAuth((frame) => frame['type'] !== 'offer'),
  ),
  altered('takes who replaces an authenticated peer for that user', 'auth.required', inheritsUser),
  altered(
    'takes who fails to authenticate for a guest',
    'auth.required',
    authenticating((inner) => (message, connection, services, frame) => {
      const done = inner(message, connection, services, frame)
      if (connection.authFailures > 0 && connection.user === undefined)
        connection.authenticate({ user: 'ann' })
      return done
    }),
    { consequences: { 'auth.failed': 'its check joins after a failure' } },
  ),
  tampered(
    'says unauthenticated to who leaves a room it is not in',
    'auth.none',
    () => ({
      toClient: changed('error', (frame) =>
        frame['of'] === 'leave' && frame['code'] === 'not-in-room'
          ? { ...frame, code: 'unauthenticated' }
          : true,
      ),
    }),
    {
      server: { tokens: [] },
      consequences: {
        'rooms.leave-not-in-room': 'the code is another',
        'rooms.several': 'the code is another',
      },
    },
  ),
  tampered(
    'says unauthenticated to auth where nobody needs to',
    'auth.none',
    authErrors((frame) => frame['fatal'] === true || { ...frame, code: 'unauthenticated' }),
    {
      server: { tokens: [] },
      consequences: { 'auth.failed': 'the code is another' },
    },
  ),
  tampered(
    'says bad-message to auth where nobody needs to',
    'auth.failed',
    authErrors((frame) => frame['fatal'] === true || { ...frame, code: 'bad-message' }),
    {
      server: { tokens: [] },
    },
  ),
  tampered(
    'names another user from the third time on',
    'auth.token',
    () => {
      let times = 0
      return {
        toClient: changed('authenticated', (frame) => {
          times += 1
          return times > 2 ? { ...frame, user: 'guest' } : true
        }),
      }
    },
    {
      consequences: {
        'auth.failure-keeps': 'the user is another',
        'rooms.user': 'the user is another',
        'auth.refresh': 'the user is another',
        'auth.user-mismatch': 'the user is another',
        'auth.failed': 'the user is another',
        'auth.third-failure': 'the user is another',
        'auth.required': 'the user is another',
      },
    },
  ),
  tampered(
    'refuses the second user the second time',
    'auth.token',
    () => {
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
    },
    { consequences: { 'auth.user-mismatch': 'its control authenticates the second user' } },
  ),
  tampered(
    'takes any token for the first',
    'auth.failed',
    () => ({
      toServer: valid('auth', (frame) =>
        frame['method'] === 'token' && frame['token'] !== bob.token ? { ...frame, token: ann.token } : true,
      ),
    }),
    {
      consequences: {
        'auth.required': 'its check fails to authenticate',
        'auth.third-failure': 'its check fails to authenticate',
        'auth.failure-keeps': 'its check fails to authenticate',
        'connection.end-noticed': 'its check fails to authenticate',
        'frames.bad-shape': 'a token of the wrong shape is taken for another',
      },
    },
  ),
  altered('takes half of a token for the whole', 'auth.failed', () =>
    startReferenceServer({
      authenticate: (token) => {
        const found = selfTestTokens.find((entry) => token.length > 6 && entry.token.startsWith(token))
        return found && { user: found.user, ...(found.grants ? { grants: found.grants } : {}) }
      },
    }),
  ),
  tampered('does not compare the last character of a token', 'auth.failed', () => ({
    toServer: valid('auth', (frame) => {
      const token = textOf(frame, 'token')
      const known = selfTestTokens.find((entry) => entry.token.slice(0, -1) === token)
      return known ? { ...frame, token: known.token } : true
    }),
  })),
  tampered('takes a token without the spaces around it', 'auth.failed', () => ({
    toServer: valid('auth', (frame) => ({ ...frame, token: textOf(frame, 'token').trim() || ' ' })),
  })),
  tampered('takes a token behind the word Bearer', 'auth.failed', () => ({
    toServer: valid('auth', (frame) => ({
      ...frame,
      token: textOf(frame, 'token').replace(/^Bearer (?=.)/, ''),
    })),
  })),
  tampered('takes a token in quotation marks', 'auth.failed', () => ({
    toServer: valid('auth', (frame) => ({
      ...frame,
      token: textOf(frame, 'token').replace(/^"(.+)"$/, '$1'),
    })),
  })),
  altered('takes a token of any case', 'auth.failed', () =>
    startReferenceServer({
      authenticate: (token) => {
        const found = selfTestTokens.find((entry) => entry.token.toLowerCase() === token.toLowerCase())
        return found && { user: found.user, ...(found.grants ? { grants: found.grants } : {}) }
      },
    }),
  ),
  tampered(
    'does not look at the method',
    'auth.failed',
    () => ({
      toServer: valid('auth', (frame) =>
        typeof frame['method'] === 'string' ? { ...frame, method: 'token' } : true,
      ),
    }),
    {
      consequences: {
        'auth.failure-keeps': 'its check uses another method',
        'frames.exact-names': 'its check uses another method',
      },
    },
  ),
  tampered(
    'says bad-message to a token that is not valid',
    'auth.failed',
    authErrors((frame) => (frame['fatal'] === true ? true : { ...frame, code: 'bad-message' })),
    {
      consequences: {
        ...refusedAsBad,
        'auth.third-failure': 'the code is another',
        'auth.required': 'the code is another',
        'auth.failure-keeps': 'the code is another',
        'errors.fatal-first': 'the code is another',
        'auth.user-mismatch': 'the code is another',
      },
    },
  ),
]

/** Faults of failing. */
const failureMutants: Mutants = [
  altered(
    'counts failures from the last success',
    'auth.third-failure',
    authenticating((inner) => (message, connection, services, frame) => {
      const before = connection.user
      const failures = connection.authFailures
      const done = inner(message, connection, services, frame)
      if (
        connection.user !== undefined &&
        connection.authFailures === failures &&
        (before === undefined || before === connection.user)
      )
        connection.authFailures = 0
      return done
    }),
  ),
  altered(
    'ends at the second failure',
    'auth.third-failure',
    authenticating((inner) => (message, connection, services, frame) => {
      if (connection.authFailures === 1) connection.authFailures = 2
      return inner(message, connection, services, frame)
    }),
    {
      consequences: {
        'auth.failed': 'its checks fail twice',
        'auth.failure-keeps': 'its check fails twice',
        'auth.not-echoed': 'its check fails twice',
      },
    },
  ),
  altered(
    'never ends for failures',
    'auth.third-failure',
    authenticating((inner) => (message, connection, services, frame) => {
      connection.authFailures = 0
      return inner(message, connection, services, frame)
    }),
    { consequences: { 'rooms.lost': 'its check brings the server to end a connection' } },
  ),
  altered(
    'counts the failures of all connections together',
    'auth.third-failure',
    () => {
      let failures = 0
      return authenticating((inner) => (message, connection, services, frame) => {
        if (connection.authFailures === 0) connection.authFailures = failures % 3
        const before = connection.authFailures
        const done = inner(message, connection, services, frame)
        if (connection.authFailures > before) failures += 1
        return done
      })()
    },
    {
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
    },
  ),
  tampered(
    'repeats a token that it refuses',
    'auth.not-echoed',
    authErrors((frame, passage) => ({
      ...frame,
      message: `Cannot authenticate: ${String(passage.notes.get('token'))} is not valid`,
    })),
  ),
  tampered(
    'repeats the begin of a token that it refuses',
    'auth.not-echoed',
    authErrors((frame, passage) => ({
      ...frame,
      message: `Cannot authenticate: ${String(passage.notes.get('token')).slice(0, 6)}… is not valid`,
    })),
  ),
  tampered(
    'repeats a token of the wrong shape',
    'auth.not-echoed',
    authErrors((frame, passage) =>
      frame['code'] === 'bad-message'
        ? { ...frame, message: `No token: ${String(passage.notes.get('token'))}` }
        : true,
    ),
  ),
  tampered('repeats a message whose type it does not know', 'auth.not-echoed', () => ({
    toServer: (frame, passage, text) => (passage.notes.set(`text ${textOf(frame, 'id')}`, text), true),
    toClient: changed('error', (frame, passage) =>
      frame['code'] === 'unsupported-type' && frame['ref'] !== undefined
        ? { ...frame, message: `Not known: ${String(passage.notes.get(`text ${textOf(frame, 'ref')}`))}` }
        : true,
    ),
  })),
  tampered(
    'repeats the token in authenticated',
    'auth.not-echoed',
    () => ({
      toServer: valid('auth', (frame, passage) => (passage.notes.set('token', frame['token']), true)),
      toClient: changed('authenticated', (frame, passage) => ({
        ...frame,
        'com.example.token': passage.notes.get('token'),
      })),
    }),
    { provokedBy: 'auth.token' },
  ),
  altered(
    'forgets the user after a failure',
    'auth.failure-keeps',
    authenticating((inner) => (message, connection, services, frame) => {
      const failures = connection.authFailures
      const done = inner(message, connection, services, frame)
      if (connection.authFailures > failures && connection.user !== undefined)
        connection.authenticate({ user: 'nobody', grants: [] })
      return done
    }),
    { consequences: { ...noUser, 'auth.third-failure': 'the user is another after a failure' } },
  ),
  tampered('ends memberships after a failure', 'auth.failure-keeps', () => ({
    toServer: valid('join', (frame, passage) => (passage.notes.set('room', frame['room']), true)),
    toClient: (frame, passage) => {
      if (frame['code'] === 'auth-failed' && passage.notes.has('room'))
        passage.toServer({ type: 'leave', room: passage.notes.get('room') })
      return true
    },
  })),
]

/** Faults of spec/authentication.md. */
export const authenticationMutants: Mutants = [
  ...methodMutants,
  ...failureMutants,
  ...refreshMutants,
  ...grantMutants,
  ...rejoinGrantMutants,
  ...expiryMutants,
]

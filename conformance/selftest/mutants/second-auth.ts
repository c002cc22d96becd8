import type { ServerRequirementId } from '@parley/conformance'
import type { Grant } from '@parley/schemas'
import { defaultHandlers } from '@parley/reference-server'
import { decorator } from '../altered-directory.ts'
import type { Frame, MiddlemanRules } from '../middleman.ts'
import { altered, tampered, type Mutant, type Mutants } from '../mutant.ts'
import { isRelayed, isValid, refusal, textOf } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { selfTestTokens } from '../self-test-token.ts'
import { ann, authenticating, bob } from './authentication-rule.ts'

/** A server that gives a user other rights than it says once the user authenticates again. */
function forgetting(
  name: string,
  kept: (grants: readonly Grant[] | undefined) => readonly Grant[] | undefined,
): Mutant {
  const auth = authenticating((inner) => (message, connection, services, frame) => {
    const { user, authFailures } = connection
    const done = inner(message, connection, services, frame)
    if (user === bob.user && message.token === bob.token && connection.authFailures === authFailures) {
      const grants = kept(connection.grants)
      connection.authenticate({ user, ...(grants ? { grants } : {}) })
    }
    return done
  })
  return altered(name, 'auth.refresh', auth)
}

/** A server that lets the user with grants send wherever it may join, after an `auth` that it refuses. */
function generousAfter(name: string, breaks: ServerRequirementId, isOfOther: boolean): Mutant {
  const auth = authenticating((inner) => (message, connection, services, frame) => {
    const done = inner(message, connection, services, frame)
    const { user, grants } = connection
    if (user === bob.user && message.token !== bob.token && (message.token === ann.token) === isOfOther)
      connection.authenticate({ user, grants: (grants ?? []).map((grant) => ({ ...grant, send: true })) })
    return done
  })
  return altered(name, breaks, auth)
}

/** A server that takes a wrong token where the user has authenticated before. */
function lenient(name: string, isTaken: (token: string, own: string) => boolean): Mutant {
  return altered(
    name,
    'auth.failed',
    authenticating((inner) => (message, connection, services, frame) => {
      const own = selfTestTokens.find(({ user }) => user === connection.user)?.token
      const known = selfTestTokens.some(({ token }) => token === message.token)
      const taken = own !== undefined && !known && message.method === 'token' && isTaken(message.token, own)
      return inner(taken ? { ...message, token: own } : message, connection, services, frame)
    }),
  )
}

/** Whether a message is for the members of a room: of Core, or of an application. */
function isSending(frame: Frame): boolean {
  return isRelayed(frame) || (textOf(frame, 'room') !== '' && textOf(frame, 'type').includes('.'))
}

/** A server that judges once whether a connection may send, and keeps to a verdict of this kind for all its rooms. */
function judgingOnce(name: string, kept: boolean): Mutant {
  const grants = bob.grants?.map((grant) => ({ ...grant, send: true })) ?? []
  const rules = (): MiddlemanRules => ({
    toServer: (frame, passage) => {
      if (!isSending(frame) || !isValid(frame) || passage.notes.get('user') !== bob.user) return true
      const may = !textOf(frame, 'room').startsWith('listen-')
      if (!passage.notes.has('first')) passage.notes.set('first', may)
      if (passage.notes.get('first') === kept ? kept : may) return true
      passage.toClient(refusal(frame, 'forbidden'))
      return false
    },
    toClient: (frame, passage) => {
      if (frame['type'] !== 'authenticated') return true
      passage.notes.set('user', frame['user'])
      return frame['user'] === bob.user ? { ...frame, grants: bob.grants } : true
    },
  })
  return tampered(name, 'auth.grants', rules, { server: { tokens: [ann, { ...bob, grants }] } })
}

/** A server that rings a peer no more for its user once a further `auth` of it is refused. */
function unrungAfter(name: string, isOfOther: boolean): Mutant {
  const auth = authenticating((inner) => async (message, connection, services, frame) => {
    const { user } = connection
    await inner(message, connection, services, frame)
    const owner = selfTestTokens.find(({ token }) => token === message.token)?.user
    if (user === undefined || owner === user || (owner !== undefined) !== isOfOther) return
    await services.calls.attach({ peer: connection.peer })
  })
  return altered(name, 'ring.invited', auth)
}

/** A server that shows nobody's user who joins a room after it has authenticated again. */
function forgetsUsers() {
  const again = new Set<string>()
  return startReferenceServer(
    {},
    {
      handlers: {
        ...defaultHandlers,
        auth: (message, connection, services, frame) => {
          if (connection.user !== undefined) again.add(connection.peer)
          return defaultHandlers.auth(message, connection, services, frame)
        },
      },
      decorateDirectory: decorator((inner) => ({
        join: (room, member) => {
          const { user: _user, ...nameless } = member
          return inner.join(room, again.has(member.peer) ? nameless : member)
        },
      })),
    },
  )
}

/** Faults of what one `auth`, or one verdict, does to those that follow on its connection. */
export const secondAuthMutants: Mutants = [
  altered(
    'counts failures from the last user-mismatch',
    'auth.third-failure',
    authenticating((inner) => (message, connection, services, frame) => {
      const done = inner(message, connection, services, frame)
      const entry = selfTestTokens.find(({ token }) => token === message.token)
      if (entry && connection.user !== undefined && entry.user !== connection.user)
        connection.authFailures = 0
      return done
    }),
  ),
  altered(
    'counts a token that has failed once, however often it comes in a row',
    'auth.third-failure',
    authenticating((inner) => {
      const last = new Map<string, string>()
      return (message, connection, services, frame) => {
        const isValid = selfTestTokens.some(({ token }) => token === message.token)
        if (!isValid && last.get(connection.peer) === message.token) connection.authFailures -= 1
        last.set(connection.peer, message.token)
        return inner(message, connection, services, frame)
      }
    }),
  ),
  unrungAfter('rings a device no more by its user once a further token of it has failed', false),
  unrungAfter('rings a device no more by its user once it was refused the token of another', true),
  altered('names no user of who joins after a further auth', 'rooms.user', forgetsUsers),
  lenient(
    'takes any token as long as the one that it has taken',
    (token, own) => token.length === own.length,
  ),
  lenient('compares the first half of a token where it has taken one', (token, own) =>
    token.startsWith(own.slice(0, own.length / 2)),
  ),
  lenient(
    'does not compare the end of a token where it has taken one',
    (token, own) => token.length === own.length && token.startsWith(own.slice(0, -4)),
  ),
  lenient(
    'takes a token of any case where it has taken one',
    (token, own) => token.toLowerCase() === own.toLowerCase(),
  ),
  forgetting('lets a user join every room once it authenticates again', () => undefined),
  forgetting('lets a user send wherever it may join once it authenticates again', (grants) =>
    grants?.map((grant) => ({ ...grant, send: true })),
  ),
  generousAfter('lets a user send wherever it may join after a failed auth', 'auth.failure-keeps', false),
  generousAfter('lets a user send wherever it may join after user-mismatch', 'auth.user-mismatch', true),
  judgingOnce('lets who may send in one room send in all of its rooms', true),
  judgingOnce('lets who may not send in one room send in none of its rooms', false),
]

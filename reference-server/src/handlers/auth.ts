import { authenticated, tokenMethod, type Auth } from '@parley/schemas'
import type { Authentication } from '../authentication.ts'
import type { Connection } from '../connection.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import { refOf, refuse, writeMessage } from '../reply.ts'
import type { Handler } from './index.ts'

/** Failure of a connection that is fatal. */
const fatalFailure = 3

/** Says who the peer is, or renews it. */
export const handleAuth: Handler<'auth'> = (message, connection, { authenticator }) => {
  if (authenticator === undefined) {
    refuse(connection, message, 'unsupported-type', 'Nobody needs to authenticate here') // auth.unsupported
    return
  }
  if (message.method !== tokenMethod)
    return failed(message, connection, 'The method is not one of welcome.auth')
  return whenReady(authenticator(message.token), (found) =>
    found === undefined
      ? failed(message, connection, 'The token is not valid')
      : succeeded(message, connection, found),
  )
}

function succeeded(message: Auth, connection: Connection, found: Authentication): void {
  if (connection.user !== undefined && connection.user !== found.user) {
    refuse(connection, message, 'user-mismatch', 'The token belongs to another user') // auth.user-mismatch
    return
  }
  connection.authenticate(found) // auth.token, auth.refresh
  const { user, grants, expiresInMs } = found
  connection.send(
    writeMessage(authenticated.type, {
      ...refOf(message),
      user,
      ...(grants === undefined ? {} : { grants: [...grants] }),
      ...(expiresInMs === undefined ? {} : { expiresInMs: Math.floor(expiresInMs) }),
    }),
  )
}

function failed(message: Auth, connection: Connection, text: string): Awaitable<void> {
  connection.authFailures += 1
  // auth.third-failure
  if (connection.authFailures >= fatalFailure) return connection.fail('auth-failed', text, message)
  refuse(connection, message, 'auth-failed', text) // auth.failed
}

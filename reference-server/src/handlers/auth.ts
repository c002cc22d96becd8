import { authenticated, tokenMethod, type Auth } from '@parley/schemas'
import type { Authentication } from '../authentication.ts'
import { ringFor } from '../calls/permission.ts'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import { appear } from '../discovery/telling.ts'
import type { Handler } from '../handler.ts'
import { refOf, refuse, writeMessage } from '../reply.ts'
import type { Services } from '../services.ts'

/** Failure of a connection that is fatal. */
const fatalFailure = 3

/** Says who the peer is, or renews it. */
export const handleAuth: Handler<'auth'> = (message, client, services) => {
  const { authenticator } = services
  if (authenticator === undefined) {
    refuse(client, message, 'unsupported-type', 'Nobody needs to authenticate here') // auth.unsupported
    return
  }
  if (message.method !== tokenMethod) {
    failed(message, client, 'The method is not one of welcome.auth')
    return
  }
  // delivery.rate-single
  const wait = services.addresses.attempt(client.address, services.clock.now())
  if (wait > 0) {
    refuse(client, message, 'rate-limited', 'Too many failures to authenticate from this address', wait)
    return
  }
  return whenReady(authenticator(message.token, client.peer), (found) => {
    if (found !== undefined) {
      services.addresses.succeeded(client.address)
      return succeeded(message, client, services, found)
    }
    failed(message, client, 'The token is not valid')
    return undefined
  })
}

function succeeded(
  message: Auth,
  client: Client,
  services: Services,
  found: Authentication,
): Awaitable<void> {
  if (client.user !== undefined && client.user !== found.user) {
    refuse(client, message, 'user-mismatch', 'The token belongs to another user') // auth.user-mismatch
    return undefined
  }
  client.authenticate(found) // auth.token, auth.refresh
  const { user, grants, expiresInMs } = found
  client.send(
    writeMessage(authenticated.type, {
      ...refOf(message),
      user,
      ...(grants === undefined ? {} : { grants: [...grants] }),
      ...(expiresInMs === undefined ? {} : { expiresInMs: Math.floor(expiresInMs) }),
    }),
  )
  return whenReady(ringFor(client, services), () => appear(client, services))
}

function failed(message: Auth, client: Client, text: string): void {
  client.authFailures += 1
  if (client.authFailures >= fatalFailure)
    client.fail('auth-failed', text, message) // auth.third-failure
  else refuse(client, message, 'auth-failed', text) // auth.failed, auth.failure-keeps
}

import { Grant, UserId } from '@parley/schemas'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { inspect } from 'node:util'
import type { Authenticator } from './authentication.ts'
import type { Clock } from './clock.ts'
import { inTime } from './in-time.ts'

/** Characters from which on a part of a token is as telling as the whole. */
const tellingPart = 16

const Answer = Type.Object({
  user: UserId,
  grants: Type.Optional(Type.Array(Grant)),
  expiresInMs: Type.Optional(Type.Number()),
})

/**
 * Guards the server against an application's authenticator: what it answers is checked before it counts, and an error of
 * its that quotes the token does not reach the log: auth.not-logged.
 */
export function guarded(authenticate: Authenticator, clock: Clock): Authenticator {
  return async (token, peer) => {
    let found: unknown
    try {
      found = await inTime(authenticate(token, peer), clock, 'authenticator')
    } catch (cause) {
      throw quotes(cause, token) ? new Error('The authenticator threw an error that quotes the token') : cause
    }
    if (found === undefined) return undefined
    if (!Value.Check(Answer, found)) {
      const place = Value.Errors(Answer, found).First()?.path ?? ''
      throw new Error(`The authenticator gave what is no authentication: ${place || '/'} has the wrong shape`)
    }
    const { expiresInMs = Infinity } = found
    return expiresInMs < 1 ? undefined : found
  }
}

function quotes(cause: unknown, token: string): boolean {
  const text = inspect(cause, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity })
  const parts = token.split('.').filter((part) => part.length >= tellingPart)
  return [token, ...parts].some((part) => text.includes(part))
}

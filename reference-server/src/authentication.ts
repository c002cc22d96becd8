import { createHash } from 'node:crypto'
import { Grant, UserId, type PeerId } from '@parley/schemas'
import { Type, type Static } from '@sinclair/typebox'
import type { Clock } from './clock.ts'
import type { Awaitable } from './directory.ts'

/** Who the bearer of a valid token is. */
export interface Authentication {
  readonly user: UserId
  /** What the user may do; absent means everything. */
  readonly grants?: readonly Grant[]
  /** Milliseconds from now for which this holds; absent means without end. */
  readonly expiresInMs?: number
}

/**
 * Judges a bearer token; `undefined` if it is not valid. Must not log it, and has to answer within 5 s.
 *
 * @param peer - Whose connection brings the token, for the log.
 * @throws Where it cannot judge: the connection ends with `internal`, and a client may try again.
 */
export type Authenticator = (token: string, peer: PeerId) => Awaitable<Authentication | undefined>

/** One token that a server accepts. */
export const TokenEntry = Type.Object(
  {
    token: Type.String({ minLength: 1 }),
    user: UserId,
    grants: Type.Optional(Type.Array(Grant)),
    expiresInMs: Type.Optional(Type.Integer({ minimum: 1 })),
    expiresAt: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
)
/** One token that a server accepts: `expiresInMs` counts from each authentication, `expiresAt` is a Unix time in milliseconds. */
export type TokenEntry = Static<typeof TokenEntry>

/**
 * An authenticator that knows its tokens.
 *
 * Tokens are kept and looked up by their SHA-256, so that neither the comparison's duration nor a memory dump tells one.
 */
export function knownTokens(
  entries: readonly TokenEntry[],
  clock: Clock,
): (token: string) => Authentication | undefined {
  const byDigest = new Map(entries.map(({ token, ...entry }) => [digest(token), entry]))
  return (token) => {
    const entry = byDigest.get(digest(token))
    if (entry === undefined) return undefined
    const { user, grants, expiresInMs = Infinity, expiresAt = Infinity } = entry
    const remaining = Math.min(expiresInMs, expiresAt - clock.now())
    if (remaining <= 0) return undefined
    return {
      user,
      ...(grants === undefined ? {} : { grants }),
      ...(remaining === Infinity ? {} : { expiresInMs: remaining }),
    }
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

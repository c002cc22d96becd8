import { Grant, UserId } from '@parley/schemas'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { JWTPayload } from 'jose'
import type { Authentication } from '../authentication.ts'
import { TokenRefusal, type RefusalReason } from './verification.ts'

const Grants = Type.Array(Grant)

/** Where in the claims stands what the server needs. */
export interface ClaimMap {
  /** Name of a claim; with "/" in front a JSON Pointer (RFC 6901) into the claims. */
  readonly user: string
  /** The same. */
  readonly grants: string
  /** Whether a token without grants is refused, in place of allowing everything. */
  readonly grantsRequired: boolean
}

/**
 * Reads out of verified claims who the user is, what it may do, and for how long.
 *
 * @param toleranceSeconds - By so much a token outlives its `exp`, as it does when it is verified.
 * @param now - Milliseconds since the epoch.
 * @throws {@link TokenRefusal} for a claim of another shape: it allows nothing rather than everything.
 */
export function authenticationOf(
  claims: JWTPayload,
  { user: userClaim, grants: grantsClaim, grantsRequired }: ClaimMap,
  toleranceSeconds: number,
  now: number,
): Authentication {
  const user = claimAt(claims, userClaim, 'user-claim')
  if (!Value.Check(UserId, user)) throw new TokenRefusal('user-claim')
  const grants = claimAt(claims, grantsClaim, 'grants-claim')
  if (grants === undefined ? grantsRequired : !Value.Check(Grants, grants))
    throw new TokenRefusal('grants-claim')
  const { exp } = claims
  const expiresInMs = exp === undefined ? undefined : (exp + toleranceSeconds) * 1000 - now
  if (expiresInMs !== undefined && expiresInMs < 1) throw new TokenRefusal('expired')
  return {
    user,
    ...(grants === undefined ? {} : { grants: Value.Clean(Grants, structuredClone(grants)) as Grant[] }),
    ...(expiresInMs === undefined ? {} : { expiresInMs: Math.min(expiresInMs, Number.MAX_SAFE_INTEGER) }),
  }
}

/**
 * What stands at a place; `undefined` where nothing does. Only own members count.
 *
 * @throws {@link TokenRefusal} where the way leads through something that is no object: that is another shape, not an absence.
 */
function claimAt(claims: JWTPayload, place: string, reason: RefusalReason): unknown {
  const names = place.startsWith('/')
    ? place
        .slice(1)
        .split('/')
        .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [place]
  let value: unknown = claims
  for (const name of names) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TokenRefusal(reason)
    if (!Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

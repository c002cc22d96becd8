import { errors, jwtVerify, type JWTPayload } from 'jose'
import type { JwtAlgorithm } from './algorithm.ts'
import { KeysUnavailable, type KeyFinder } from './key-finder.ts'

/** Why a token is refused; for the log, never for the client. */
export type RefusalReason =
  | 'too-long'
  | 'malformed'
  | 'algorithm'
  | 'critical-header'
  | 'unknown-key'
  | 'unusable-key'
  | 'keys-unavailable'
  | 'signature'
  | 'expired'
  | 'no-expiry'
  | 'not-yet-valid'
  | 'issuer'
  | 'audience'
  | 'user-claim'
  | 'grants-claim'

/** A token is not good. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal'
  readonly reason: RefusalReason
  constructor(reason: RefusalReason) {
    super(`The token is refused: ${reason}`)
    this.reason = reason
  }
}

/** Three parts in base64url, nothing else: the library also takes padding and white space (RFC 7515, 2). */
const compact = /^[\w-]+\.[\w-]+\.[\w-]*$/

/** What a token has to keep beside its signature. */
export interface TokenRule {
  readonly algorithms: readonly JwtAlgorithm[]
  /** Accepted values of `iss`; an empty list accepts any, and none. */
  readonly issuers: readonly string[]
  /** Accepted values of `aud`; with an empty list a token must have none. */
  readonly audiences: readonly string[]
  readonly toleranceSeconds: number
  readonly expiryRequired: boolean
  /** Longest token, in bytes. */
  readonly maxBytes: number
}

const reasons: Readonly<Record<string, RefusalReason>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'critical-header',
  ERR_JWS_INVALID: 'malformed',
  ERR_JWT_INVALID: 'malformed',
  ERR_JWKS_NO_MATCHING_KEY: 'unknown-key',
  ERR_JWKS_INVALID: 'unusable-key',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWT_EXPIRED: 'expired',
}

const claimReasons: Readonly<Record<string, RefusalReason>> = {
  exp: 'no-expiry',
  nbf: 'not-yet-valid',
  iss: 'issuer',
  aud: 'audience',
}

/**
 * Verifies the signature and the times, issuer and audience of a JSON Web Token: RFC 7519, 7.2; RFC 8725.
 *
 * @param now - Milliseconds since the epoch.
 * @returns Its claims.
 * @throws {@link TokenRefusal}
 */
export async function verifyToken(
  token: string,
  rule: TokenRule,
  find: KeyFinder,
  now: number,
): Promise<JWTPayload> {
  const { algorithms, issuers, audiences, toleranceSeconds, expiryRequired, maxBytes } = rule
  if (token.length > maxBytes) throw new TokenRefusal('too-long')
  if (!compact.test(token)) throw new TokenRefusal('malformed')
  const options = {
    algorithms: [...algorithms],
    ...(issuers.length === 0 ? {} : { issuer: [...issuers] }),
    ...(audiences.length === 0 ? {} : { audience: [...audiences] }),
    requiredClaims: expiryRequired ? ['exp'] : [],
    clockTolerance: toleranceSeconds,
    currentDate: new Date(now),
  }
  const finder: KeyFinder = (header, jws) => {
    // No extension is understood here, not even b64, which the library knows: RFC 7515, 4.1.11.
    if (header.crit !== undefined) throw new TokenRefusal('critical-header')
    return find(header, jws)
  }
  let payload: JWTPayload
  try {
    payload = await withAnyKey(finder, async (key) => (await jwtVerify(token, key, options)).payload)
  } catch (cause) {
    throw refusalOf(cause)
  }
  // RFC 7519, 4.1.3: who is not named in an audience must not take the token.
  if (audiences.length === 0 && payload.aud !== undefined) throw new TokenRefusal('audience')
  return payload
}

/** A token that names no key is tried with each that fits: its signature says whose it is. */
async function withAnyKey(
  find: KeyFinder,
  verify: (key: KeyFinder) => Promise<JWTPayload>,
): Promise<JWTPayload> {
  try {
    return await verify(find)
  } catch (cause) {
    if (!(cause instanceof errors.JWKSMultipleMatchingKeys)) throw cause
    for await (const key of cause) {
      try {
        return await verify(() => Promise.resolve(key))
      } catch (other) {
        if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other
      }
    }
    throw new TokenRefusal('signature')
  }
}

function refusalOf(cause: unknown): TokenRefusal {
  if (cause instanceof TokenRefusal) return cause
  if (cause instanceof KeysUnavailable) return new TokenRefusal('keys-unavailable')
  if (cause instanceof errors.JWTClaimValidationFailed)
    return new TokenRefusal(claimReasons[cause.claim] ?? 'malformed')
  if (cause instanceof errors.JOSEError) return new TokenRefusal(reasons[cause.code] ?? 'malformed')
  // What is left comes from importing or using a key: too short, of another curve, not to be read.
  return new TokenRefusal('unusable-key')
}

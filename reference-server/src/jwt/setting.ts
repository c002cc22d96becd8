import { isDeepStrictEqual } from 'node:util'
import { defaultOptions, OptionError, type Options } from '../option.ts'
import { defaultAlgorithms, secretBytes, type JwtAlgorithm } from './algorithm.ts'
import type { ClaimMap } from './claim.ts'
import { jwtOptions, type JwtOptionName } from './option.ts'
import type { KeyAges } from './rotating-keys.ts'
import type { TokenRule } from './verification.ts'

/** Options that say where keys are; one at most may be given. */
export const keyOptionNames = [
  'jwtSecret',
  'jwtSecretFile',
  'jwtKeyFile',
  'jwtJwksFile',
  'jwtJwksUrl',
] as const satisfies readonly JwtOptionName[]

/** How tokens are judged, apart from the keys. */
export interface JwtSetting {
  readonly rule: TokenRule
  readonly claims: ClaimMap
  readonly ages: KeyAges
}

/**
 * Whether any option about JSON Web Tokens is given.
 *
 * @throws {@link OptionError} for options that need a key where none is given: the server would let everybody in.
 */
export function wantsJwt(options: Options): boolean {
  if (keyOptionNames.some((name) => options[name] !== '')) return true
  const names = Object.keys(jwtOptions) as readonly JwtOptionName[]
  const idle = names.find((name) => !isDeepStrictEqual(options[name], defaultOptions[name]))
  if (idle === undefined) return false
  throw new OptionError(`${idle} needs a key: one of ${keyOptionNames.join(', ')}`)
}

/**
 * Puts together how tokens are judged.
 *
 * @throws {@link OptionError} for algorithms that do not go with the kind of key, which is how keys are confused: RFC 8725, 2.1.
 */
export function readSetting(options: Options): JwtSetting {
  const kind = options.jwtSecret !== '' || options.jwtSecretFile !== '' ? 'secret' : 'public'
  const given = options.jwtAlgorithms
  const stray = given.find((algorithm) => algorithm in secretBytes !== (kind === 'secret'))
  if (stray !== undefined)
    throw new OptionError(
      `jwtAlgorithms has "${stray}", which does not go with ${kind === 'secret' ? 'a secret' : 'public keys'}`,
    )
  const ages = {
    max: options.jwtKeysMaxAgeSeconds * 1000,
    cooldown: options.jwtKeysCooldownSeconds * 1000,
    stale: options.jwtKeysStaleSeconds * 1000,
  }
  if (ages.stale <= Math.max(ages.max, ages.cooldown))
    throw new OptionError(
      'jwtKeysStaleSeconds has to be more than jwtKeysMaxAgeSeconds and jwtKeysCooldownSeconds',
    )
  return {
    rule: {
      algorithms: given.length === 0 ? defaultAlgorithms[kind] : given,
      issuers: options.jwtIssuer,
      audiences: options.jwtAudience,
      toleranceSeconds: options.jwtToleranceSeconds,
      expiryRequired: options.jwtExpiry === 'required',
      maxBytes: options.jwtBytes,
    },
    claims: {
      user: options.jwtUserClaim,
      grants: options.jwtGrantsClaim,
      grantsRequired: options.jwtGrants === 'required',
    },
    ages,
  }
}

/**
 * Judges the length of a secret.
 *
 * @param called - How the option is called.
 * @throws {@link OptionError}, whose text never repeats the secret.
 */
export function checkSecret(secret: Uint8Array, algorithms: readonly JwtAlgorithm[], called: string): void {
  for (const algorithm of algorithms) {
    const least = secretBytes[algorithm] ?? 0
    if (secret.length < least)
      throw new OptionError(`${called} is too short: ${secret.length} bytes, ${algorithm} needs ${least}`)
  }
}

import { knownTokens, type Authenticator, type TokenEntry } from './authentication.ts'
import type { Clock } from './clock.ts'
import { guarded } from './guarded-authenticator.ts'
import { jwtAuthenticator } from './jwt/authenticator.ts'
import { keyOptionNames, wantsJwt } from './jwt/setting.ts'
import type { Log } from './log.ts'
import { OptionError, type Options } from './option.ts'
import { readTokens } from './token-file.ts'

/** What judges tokens, as an embedding program gives it. */
export interface GivenAuthenticator {
  readonly tokens: readonly TokenEntry[] | undefined
  readonly authenticate: Authenticator | undefined
}

/**
 * Finds what judges tokens.
 *
 * @returns `undefined` where nobody needs to authenticate.
 * @throws `OptionError` where more than one thing would.
 */
export function authenticatorOf(
  options: Options,
  { tokens, authenticate }: GivenAuthenticator,
  clock: Clock,
  log: Log,
): Authenticator | undefined {
  const { tokensFile, authModule } = options
  if (authModule !== '' && authenticate === undefined)
    throw new OptionError('authModule is read by the program parley-server: give authenticate')
  const [one, other] = (['tokensFile', 'authModule', ...keyOptionNames] as const).filter(
    (name) => options[name] !== '',
  )
  if (one !== undefined && other !== undefined)
    throw new OptionError(`${one} and ${other} exclude each other`)
  if (wantsJwt(options)) {
    if (authenticate !== undefined || tokens !== undefined)
      throw new OptionError(
        `${one ?? 'jwtSecret'} and ${tokens === undefined ? 'authenticate' : 'tokens'} exclude each other`,
      )
    return jwtAuthenticator(options, clock, log)
  }
  if (authenticate !== undefined) return guarded(authenticate, clock)
  if (tokensFile === '') return tokens === undefined ? undefined : knownTokens(tokens, clock)
  return knownTokens([...(tokens ?? []), ...readTokens(tokensFile)], clock)
}

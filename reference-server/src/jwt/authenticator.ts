import { createLocalJWKSet } from 'jose'
import { readFile } from 'node:fs/promises'
import type { Authenticator } from '../authentication.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Options } from '../option.ts'
import { authenticationOf } from './claim.ts'
import { readKeySet, readPublicKeys, readSecret } from './key-file.ts'
import type { KeyFinder } from './key-finder.ts'
import { FetchFailure, fetchKeySet, nameOf, readKeyUrl } from './key-url.ts'
import { rotatingKeys, type KeyListener } from './rotating-keys.ts'
import { checkSecret, readSetting, type JwtSetting } from './setting.ts'
import { TokenRefusal, verifyToken } from './verification.ts'

/**
 * An authenticator that verifies JSON Web Tokens.
 *
 * Why a token is refused goes to the log, with the peer and without the token or anything that stands in it.
 *
 * @throws `OptionError` for options, files and keys that cannot be used.
 */
export function jwtAuthenticator(options: Options, clock: Clock, log: Log): Authenticator {
  const setting = readSetting(options)
  const { rule, claims } = setting
  const find = keyFinderOf(options, setting, clock, log)
  return async (token, peer) => {
    try {
      const payload = await verifyToken(token, rule, find, clock.now())
      return authenticationOf(payload, claims, rule.toleranceSeconds, clock.now())
    } catch (cause) {
      if (!(cause instanceof TokenRefusal)) throw cause
      log.info({ peer, reason: cause.reason }, 'a token was refused')
      return undefined
    }
  }
}

function keyFinderOf(
  { jwtSecret, jwtSecretFile, jwtKeyFile, jwtJwksFile, jwtJwksUrl }: Options,
  { rule: { algorithms }, ages }: JwtSetting,
  clock: Clock,
  log: Log,
): KeyFinder {
  if (jwtSecret !== '' || jwtSecretFile !== '') {
    const secret = jwtSecret === '' ? readSecret(jwtSecretFile) : new TextEncoder().encode(jwtSecret)
    checkSecret(secret, algorithms, jwtSecret === '' ? `The secret in ${jwtSecretFile}` : 'jwtSecret')
    return () => Promise.resolve(secret)
  }
  if (jwtKeyFile !== '') {
    const find = createLocalJWKSet(readPublicKeys(jwtKeyFile, algorithms))
    return ({ alg }, token) => find({ alg }, token) // a PEM file gives its keys no names
  }
  if (jwtJwksFile !== '') {
    const initial = readKeySet(jwtJwksFile)
    const read = async () => JSON.parse(await readFile(jwtJwksFile, 'utf8')) as unknown
    return rotatingKeys(read, ages, clock, listener(log, jwtJwksFile), initial).find
  }
  const url = readKeyUrl(jwtJwksUrl)
  const keys = rotatingKeys(() => fetchKeySet(url), ages, clock, listener(log, nameOf(url)))
  void keys.warm()
  return keys.find
}

function listener(log: Log, source: string): KeyListener {
  return {
    onRead: () => {
      log.debug({ source }, 'the keys were read')
    },
    onFailure: (cause) => {
      const { name, code } = cause as NodeJS.ErrnoException
      const reason = cause instanceof FetchFailure ? cause.message : (code ?? name)
      log.warn({ source, reason }, 'the keys cannot be read')
    },
  }
}

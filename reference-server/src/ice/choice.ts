import { IceServer } from '@parley/schemas'
import type { Clock } from '../clock.ts'
import { whenReady } from '../directory.ts'
import { readSecret } from '../jwt/key-file.ts'
import { readList } from '../list-file.ts'
import { OptionError, type Options } from '../option.ts'
import { guardedSource, type IceServerSource } from './source.ts'
import { turnRestSource } from './turn-rest.ts'

/**
 * Finds where STUN and TURN servers for clients come from.
 *
 * @param given - As an embedding program gives it.
 * @returns `undefined` where there are none: then the capability is not offered.
 * @throws `OptionError` for options that contradict each other.
 */
export function iceServerSourceOf(
  options: Options,
  given: IceServerSource | undefined,
  clock: Clock,
): IceServerSource | undefined {
  const { iceUrls, iceServersFile, turnSeconds } = options
  const secret = turnSecretOf(options)
  const turnUrls = iceUrls.filter((url) => url.startsWith('turn'))
  if (turnUrls.length > 0 && secret === undefined)
    throw new OptionError(
      `iceUrls has "${turnUrls[0] ?? ''}", which needs turnSecret or turnSecretFile (fixed credentials: iceServersFile)`,
    )
  if (turnUrls.length === 0 && secret !== undefined)
    throw new OptionError('turnSecret needs a turn: or turns: URL in iceUrls')
  const configured = iceUrls.length > 0 || iceServersFile !== ''
  if (given !== undefined) {
    if (configured) throw new OptionError('iceServers and iceUrls, iceServersFile exclude each other')
    return guardedSource(given, clock)
  }
  if (!configured) return undefined
  const fixed = [
    ...iceUrls.filter((url) => url.startsWith('stun')).map((url): IceServer => ({ urls: [url] })),
    ...(iceServersFile === '' ? [] : readServers(iceServersFile)),
  ]
  if (secret === undefined) return () => ({ iceServers: fixed })
  const made = turnRestSource({ urls: turnUrls, secret, seconds: turnSeconds }, clock)
  return (asker) =>
    whenReady(made(asker), (offer) => ({ ...offer, iceServers: [...fixed, ...offer.iceServers] }))
}

function turnSecretOf({ turnSecret, turnSecretFile }: Options): Uint8Array | undefined {
  if (turnSecret !== '' && turnSecretFile !== '')
    throw new OptionError('turnSecret and turnSecretFile exclude each other')
  if (turnSecretFile === '') return turnSecret === '' ? undefined : Buffer.from(turnSecret)
  const secret = readSecret(turnSecretFile)
  if (secret.length === 0) throw new OptionError(`Cannot use the secret in ${turnSecretFile}: it is empty`)
  return secret
}

function readServers(file: string): readonly IceServer[] {
  return readList(file, {
    of: 'the ICE servers',
    item: IceServer,
    example: { urls: ['turn:turn.example.org'], username: 'ada', credential: '8c1f5e0b7d' },
  })
}

import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { JwtAlgorithm } from './algorithm.ts'
import { OptionError } from '../option.ts'

/** Fewest bits of an RSA key: RFC 7518, 3.3. */
const rsaBits = 2048

const curveAlgorithms: Readonly<Record<string, readonly JwtAlgorithm[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g

/**
 * Reads a secret: the bytes of the file, without one line end at its end.
 *
 * @throws {@link OptionError}, whose text never repeats what is in the file.
 */
export function readSecret(file: string): Uint8Array {
  const bytes = read(file, 'the secret')
  let end = bytes.length
  if (bytes[end - 1] === 0x0a) end -= bytes[end - 2] === 0x0d ? 2 : 1
  return bytes.subarray(0, end)
}

/**
 * Reads one or more public keys, each a PEM block `PUBLIC KEY` (SPKI).
 *
 * @param allowed - Each key has to fit at least one of these.
 * @returns A JSON Web Key Set.
 * @throws {@link OptionError}
 */
export function readPublicKeys(file: string, allowed: readonly JwtAlgorithm[]): { keys: JsonWebKey[] } {
  const wrong = (why: string) => new OptionError(`Cannot use the keys in ${file}: ${why}`)
  const blocks = [...read(file, 'the keys').toString().matchAll(pemBlock)]
  if (blocks.length === 0) throw wrong('there is no PEM block')
  const keys = blocks.map(([pem, label = '']) => {
    if (label.includes('PRIVATE')) throw wrong('one is a private key, which stays where tokens are made')
    if (label !== 'PUBLIC KEY') throw wrong(`one is a "${label}", expected a "PUBLIC KEY"`)
    let key: KeyObject
    try {
      key = createPublicKey(pem)
    } catch {
      throw wrong('one cannot be read')
    }
    const fitting = algorithmsOf(key)
    if (fitting.length === 0) throw wrong(`one of type ${key.asymmetricKeyType ?? '?'} fits no algorithm`)
    if ((key.asymmetricKeyDetails?.modulusLength ?? rsaBits) < rsaBits)
      throw wrong(`an RSA key has less than ${rsaBits} bits`)
    if (!fitting.some((algorithm) => allowed.includes(algorithm)))
      throw wrong(`one is for ${fitting.join(', ')}, and jwtAlgorithms allows ${allowed.join(', ')}`)
    return key.export({ format: 'jwk' })
  })
  return { keys }
}

/**
 * Reads a JSON Web Key Set (RFC 7517, 5) of public keys.
 *
 * @throws {@link OptionError}
 */
export function readKeySet(file: string): { readonly keys: readonly unknown[] } {
  const wrong = (why: string) => new OptionError(`Cannot use the keys in ${file}: ${why}`)
  let value: unknown
  try {
    value = JSON.parse(read(file, 'the keys').toString())
  } catch (cause) {
    if (cause instanceof OptionError) throw cause
    throw wrong('it is not JSON') // the parser's own text would quote it
  }
  if (!isObject(value) || !Array.isArray(value.keys) || !value.keys.every(isObject))
    throw wrong('it is not a JSON Web Key Set')
  const keys: readonly Readonly<Record<string, unknown>>[] = value.keys
  if (keys.length === 0) throw wrong('it is empty')
  if (keys.some((key) => 'd' in key || 'priv' in key))
    throw wrong('one is a private key, which stays where tokens are made')
  if (keys.some(({ kty }) => kty === 'oct')) throw wrong('one is a secret: give that as jwtSecretFile')
  return { keys }
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly JwtAlgorithm[] {
  if (asymmetricKeyType === 'rsa') return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
  if (asymmetricKeyType === 'ec') return curveAlgorithms[asymmetricKeyDetails?.namedCurve ?? ''] ?? []
  return asymmetricKeyType === 'ed25519' ? ['EdDSA', 'Ed25519'] : []
}

function read(file: string, what: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException
    throw new OptionError(`Cannot read ${what} in ${file}: ${code}`, { cause })
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

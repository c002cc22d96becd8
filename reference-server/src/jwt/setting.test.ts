import { exportPKCS8, generateKeyPair } from 'jose'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { OptionError, type Options } from '../option.ts'
import { createServer } from '../server.ts'
import { file, pair, secretText } from './jwt.test.support.ts'

const ec = await pair('ES256', 'a')
const ecFile = file('setting-ec.pem', ec.pem)
const p384 = file('setting-p384.pem', (await pair('ES384')).pem)
const { privateKey } = await generateKeyPair('ES256', { extractable: true })
const spki = { type: 'spki', format: 'pem' } as const
const shortRsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export(spki)
const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const broken = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'
const foreign = generateKeyPairSync('x25519').publicKey.export(spki)
const set = (...keys: object[]) => file(`set-${Math.random()}.json`, JSON.stringify({ keys }))

const wrong: readonly (readonly [Partial<Options>, RegExp])[] = [
  [{ jwtSecret: 'planted-short' }, /^jwtSecret is too short: 13 bytes, HS256 needs 32$/],
  [{ jwtSecretFile: file('short', 'planted-short\n') }, /too short: 13 bytes, HS256 needs 32/],
  [{ jwtSecret: secretText.slice(0, 40), jwtAlgorithms: ['HS256', 'HS384'] }, /40 bytes, HS384 needs 48/],
  [{ jwtSecretFile: '/does/not/exist' }, /Cannot read the secret in \/does\/not\/exist: ENOENT/],
  [{ jwtSecret: secretText, jwtAlgorithms: ['RS256'] }, /"RS256", which does not go with a secret/],
  [{ jwtKeyFile: ecFile, jwtAlgorithms: ['ES256', 'HS256'] }, /"HS256", which does not go with public keys/],
  [{ jwtJwksUrl: 'https://a.example', jwtAlgorithms: ['HS256'] }, /"HS256", which does not go with public/],
  [{ jwtAlgorithms: ['none'] as never, jwtKeyFile: ecFile }, /Bad value for jwtAlgorithms/],
  [{ jwtKeyFile: ecFile, jwtSecret: secretText }, /jwtSecret and jwtKeyFile exclude each other/],
  [{ jwtKeyFile: ecFile, tokensFile: 'x' }, /tokensFile and jwtKeyFile exclude each other/],
  [{ jwtIssuer: ['x'] }, /jwtIssuer needs a key/],
  [{ jwtExpiry: 'optional' }, /jwtExpiry needs a key/],
  [{ jwtKeyFile: ecFile, jwtUserClaim: '' }, /Bad value for jwtUserClaim/],
  [{ jwtKeyFile: ecFile, jwtBytes: 16_385 }, /Bad value for jwtBytes/],
  [{ jwtKeyFile: ecFile, jwtKeysStaleSeconds: 600 }, /jwtKeysStaleSeconds has to be more than/],
  [{ jwtKeyFile: '/does/not/exist' }, /Cannot read the keys in \/does\/not\/exist: ENOENT/],
  [{ jwtKeyFile: file('empty.pem', 'planted') }, /there is no PEM block/],
  [{ jwtKeyFile: file('private.pem', await exportPKCS8(privateKey)) }, /one is a private key/],
  [{ jwtKeyFile: file('certificate.pem', certificate) }, /one is a "CERTIFICATE"/],
  [{ jwtKeyFile: file('broken.pem', broken) }, /one cannot be read/],
  [{ jwtKeyFile: file('foreign.pem', foreign) }, /one of type x25519 fits no algorithm/],
  [{ jwtKeyFile: file('short.pem', shortRsa) }, /an RSA key has less than 2048 bits/],
  [{ jwtKeyFile: p384 }, /one is for ES384, and jwtAlgorithms allows RS256, ES256, EdDSA, Ed25519/],
  [{ jwtJwksFile: file('text.json', 'planted') }, /it is not JSON/],
  [{ jwtJwksFile: file('array.json', '[]') }, /it is not a JSON Web Key Set/],
  [{ jwtJwksFile: file('odd.json', '{"keys":["planted"]}') }, /it is not a JSON Web Key Set/],
  [{ jwtJwksFile: set() }, /it is empty/],
  [{ jwtJwksFile: set(ec.jwk, { ...ec.jwk, d: 'planted' }) }, /one is a private key/],
  [{ jwtJwksFile: set({ kty: 'oct', k: 'planted' }) }, /one is a secret/],
  [
    { jwtJwksUrl: 'http://id.example/keys?planted' },
    /"http:\/\/id.example\/keys": it has to begin with https:/,
  ],
  [{ authModule: 'x.js' }, /authModule is read by the program/],
]

describe('createServer() refuses', () => {
  test.each(wrong)('%j', (options, expected) => {
    let message = ''
    try {
      createServer(options)
    } catch (cause) {
      if (cause instanceof OptionError) message = cause.message
    }
    expect(message).toMatch(expected)
    expect(message).not.toContain('planted')
    expect(message).not.toContain(secretText)
  })

  test('two things that judge tokens', () => {
    const authenticate = () => undefined
    expect(() => createServer({ jwtKeyFile: ecFile, authenticate })).toThrow(
      /jwtKeyFile and authenticate exclude/,
    )
    expect(() => createServer({ jwtSecret: secretText, tokens: [] })).toThrow(/jwtSecret and tokens exclude/)
  })
})

import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { file, Judge, pair, sign, startKeyServer, type Behaviour, type Pair } from './jwt.test.support.ts'
import { rmSync, writeFileSync } from 'node:fs'

const first = await pair('ES256', 'first')
const second = await pair('ES256', 'second')
const third = await pair('EdDSA', 'third')

const ada = { user: 'ada' }

/** What a judge says of a token signed with a key under its name. */
async function verdict(judge: Judge, { privateKey, jwk }: Pair, kid = jwk.kid) {
  const alg = jwk.kty === 'OKP' ? 'EdDSA' : 'ES256'
  const header = kid === undefined ? { alg } : { alg, kid }
  return judge.verdict(await sign({ sub: 'ada' }, privateKey, header))
}

const judgeOf = (jwtJwksUrl: string, more = {}) => new Judge({ jwtJwksUrl, jwtExpiry: 'optional', ...more })

const troubles: readonly (readonly [string, Behaviour, string])[] = [
  ['an error', (response) => response.writeHead(503).end('{"keys":[]}'), 'status 503'],
  ['no JSON', (response) => response.end('<html>'), 'no JSON'],
  ['no set of keys', (response) => response.end('{"keys":{}}'), 'ERR_JWKS_INVALID'],
  ['a cut connection', (response: ServerResponse) => response.destroy(), 'UND_ERR_SOCKET'],
  ['more than a set of keys has', (response) => response.end('x'.repeat(2 ** 21)), 'more than 1048576 bytes'],
  ['another place', (response) => response.writeHead(302, { location: '/elsewhere' }).end(), 'status 302'],
]

describe('keys by URL', () => {
  test('are fetched once, before the first token, and then known', async () => {
    await using server = await startKeyServer(first.jwk, third.jwk)
    const judge = judgeOf(server.url)
    const verdicts = await Promise.all([first, third, first].map((key) => verdict(judge, key)))
    expect(verdicts).toEqual([ada, ada, ada])
    expect(server.requests).toBe(1)
  })

  test('are asked for before any token comes', async () => {
    await using server = await startKeyServer(first.jwk)
    await new Promise<void>((resolve) => {
      server.behaviour = (response) => {
        response.end('{"keys":[]}')
        resolve()
      }
      judgeOf(server.url)
    })
    expect(server.requests).toBe(1)
  })

  test('are fetched again when a token names another, no more often than the cool-down allows', async () => {
    await using server = await startKeyServer(first.jwk)
    const judge = judgeOf(server.url, { jwtKeysCooldownSeconds: 30 })
    expect(await verdict(judge, first)).toEqual(ada)
    server.keys = [second.jwk]
    expect(await verdict(judge, second)).toBe('unknown-key')
    judge.clock.advance(29_999)
    expect(await verdict(judge, second)).toBe('unknown-key')
    expect(server.requests).toBe(1)
    judge.clock.advance(1)
    const both = await Promise.all([verdict(judge, second), verdict(judge, second)])
    expect(both).toEqual([ada, ada])
    expect(server.requests).toBe(2)
    expect(await verdict(judge, first)).toBe('unknown-key') // it has been taken out
    judge.clock.advance(30_000)
    for (const kid of ['x', 'y', 'z']) expect(await verdict(judge, second, kid)).toBe('unknown-key')
    expect(server.requests).toBe(3)
  })

  test('are fetched again when they are old, so that what was taken out is noticed', async () => {
    await using server = await startKeyServer(first.jwk)
    const judge = judgeOf(server.url, { jwtKeysMaxAgeSeconds: 600 })
    expect(await verdict(judge, first)).toEqual(ada)
    server.keys = [second.jwk]
    judge.clock.advance(599_999)
    expect(await verdict(judge, first)).toEqual(ada)
    judge.clock.advance(1)
    expect(await verdict(judge, first)).toBe('unknown-key')
    expect(server.requests).toBe(2)
  })

  test.each(troubles)(
    'that cannot be had because of %s: the known ones go on',
    async (_name, behaviour, reason) => {
      await using server = await startKeyServer(first.jwk)
      const judge = judgeOf(server.url)
      expect(await verdict(judge, first)).toEqual(ada)
      server.behaviour = behaviour
      judge.clock.advance(700_000)
      expect(await verdict(judge, first)).toEqual(ada)
      expect(await verdict(judge, second)).toBe('unknown-key')
      expect(server.requests).toBe(2)
      expect(judge.log.of('the keys cannot be read')).toEqual([
        { source: server.url.replace(/\?.*/, ''), reason },
      ])
      expect(JSON.stringify(judge.log.lines)).not.toContain('planted')
      server.behaviour = undefined
      server.keys = [first.jwk, second.jwk]
      judge.clock.advance(5000)
      expect(await verdict(judge, second)).toEqual(ada)
      expect(server.requests).toBe(3)
    },
  )

  test('that cannot be had for too long are given up, and taken again when they can', async () => {
    await using server = await startKeyServer(first.jwk)
    const judge = judgeOf(server.url, { jwtKeysStaleSeconds: 3600 })
    expect(await verdict(judge, first)).toEqual(ada)
    server.behaviour = (response) => response.destroy()
    judge.clock.advance(3_599_999)
    expect(await verdict(judge, first)).toEqual(ada)
    judge.clock.advance(1)
    expect(await verdict(judge, first)).toBe('keys-unavailable')
    server.behaviour = undefined
    judge.clock.advance(5000)
    expect(await verdict(judge, first)).toEqual(ada)
  })

  test('that cannot be had from the start refuse every token, and are asked for again', async () => {
    await using server = await startKeyServer(first.jwk)
    server.behaviour = (response) => response.destroy()
    const judge = judgeOf(server.url)
    expect(await verdict(judge, first)).toBe('keys-unavailable')
    server.behaviour = undefined
    judge.clock.advance(4999)
    expect(await verdict(judge, first)).toBe('keys-unavailable')
    expect(server.requests).toBe(1)
    judge.clock.advance(1)
    expect(await verdict(judge, first)).toEqual(ada)
  })

  test('where nobody listens', async () => {
    const server = await startKeyServer()
    await server[Symbol.asyncDispose]()
    const judge = judgeOf(server.url)
    expect(await verdict(judge, first)).toBe('keys-unavailable')
    expect(judge.log.of('the keys cannot be read')).toMatchObject([{ reason: 'ECONNREFUSED' }])
  })

  test('without names are tried one by one; a token that names none finds them all', async () => {
    const [bare, others] = [await pair('ES256'), await pair('ES256')]
    await using server = await startKeyServer(bare.jwk, others.jwk)
    const judge = judgeOf(server.url)
    expect([await verdict(judge, bare), await verdict(judge, others)]).toEqual([ada, ada])
    expect(await verdict(judge, first, undefined)).toBe('unknown-key')
    expect(await judge.verdict(await sign({ sub: 'ada' }, first.privateKey, { alg: 'ES256' }))).toBe(
      'signature',
    )
  })

  test('that are secret, for another use, too short or broken judge nothing', async () => {
    const secret = { kty: 'oct', k: 'c2VjcmV0LXRoYXQtaXMtbG9uZy1lbm91Z2gtZm9yLXRoaXM', kid: 'first' }
    await using server = await startKeyServer(secret, { ...second.jwk, use: 'enc' }, { ...third.jwk, x: '!' })
    const judge = judgeOf(server.url)
    expect(await verdict(judge, first)).toBe('unknown-key')
    expect(await verdict(judge, second)).toBe('unknown-key')
    expect(await verdict(judge, third)).toBe('unusable-key')
  })
})

describe('keys by file', () => {
  const set = (...keys: Pair[]) => JSON.stringify({ keys: keys.map(({ jwk }) => jwk) })

  test('are read again when a token names another, and go on while the file is not there', async () => {
    const path = file('rotated.json', set(first))
    const judge = new Judge({ jwtJwksFile: path, jwtExpiry: 'optional' })
    expect(await verdict(judge, first)).toEqual(ada)
    writeFileSync(path, set(first, second))
    expect(await verdict(judge, second)).toBe('unknown-key')
    judge.clock.advance(30_000)
    expect(await verdict(judge, second)).toEqual(ada)
    rmSync(path)
    judge.clock.advance(700_000)
    expect(await verdict(judge, second)).toEqual(ada)
    expect(judge.log.of('the keys cannot be read')).toEqual([{ source: path, reason: 'ENOENT' }])
    writeFileSync(path, '{"keys":[planted')
    judge.clock.advance(5000)
    expect(await verdict(judge, third)).toBe('unknown-key')
    expect(judge.log.of('the keys cannot be read')[1]).toEqual({ source: path, reason: 'SyntaxError' })
    expect(JSON.stringify(judge.log.lines)).not.toContain('planted')
  })
})

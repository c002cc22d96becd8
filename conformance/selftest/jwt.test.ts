import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runConformance } from '@parley/conformance'
import { exportSPKI, generateKeyPair, SignJWT } from 'jose'
import { afterAll, describe, expect, test } from 'vitest'
import { blemishes } from './reach/blemish.ts'
import { startReferenceServer } from './running-server.ts'
import { selfTestTokens } from './self-test-token.ts'

const { privateKey, publicKey } = await generateKeyPair('EdDSA')
const folder = mkdtempSync(join(tmpdir(), 'parley-selftest-jwt-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const jwtKeyFile = join(folder, 'public.pem')
writeFileSync(jwtKeyFile, await exportSPKI(publicKey))

const options = {
  tokens: [],
  jwtKeyFile,
  jwtAudience: ['parley'],
  jwtIssuer: ['the-self-test'],
  jwtToleranceSeconds: 0,
}

/** Makers of fresh tokens for the two users of the kit, good for so many milliseconds. */
function makers(...lives: readonly number[]) {
  return lives.map((life, index) => {
    const { user = '', grants } = selfTestTokens[index] ?? {}
    return () =>
      new SignJWT({
        ...(grants === undefined ? {} : { grants }),
        ...(life === Infinity ? {} : { exp: (Date.now() + life) / 1000 }),
      })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
        .setSubject(user)
        .setIssuer('the-self-test')
        .setAudience('parley')
        .sign(privateKey)
  })
}

describe('a server with JSON Web Tokens', () => {
  test(
    'passes the whole wire run, with a fresh token for each connection',
    { timeout: 240_000 },
    async () => {
      await using server = await startReferenceServer(options)
      const tokenCommands = makers(600_000, 600_000)
      const result = await runConformance({ url: server.url, tokenCommands, peers: 'none' })
      expect(blemishes(result)).toEqual([])
      expect(result.summary.pass).toBeGreaterThan(300)
      const auth = result.checks.filter(({ id, verdict }) => id.startsWith('auth.') && verdict === 'pass')
      expect(auth.length).toBeGreaterThan(15)
    },
  )

  test('ends connections when their tokens end, and not when they were renewed, and takes none that is forged or has expired', async () => {
    await using server = await startReferenceServer({ ...options, jwtExpiry: 'optional' })
    const run = (checks: readonly string[], ...lives: readonly number[]) =>
      runConformance({ url: server.url, tokenCommands: makers(...lives), checks, peers: 'none' })
    const forged = ['auth.failed:forged', 'auth.failed:expired']
    const one = await run(['auth.expiry', 'rooms.ended', ...forged], Infinity, 3000)
    const both = await run(['auth.refresh:expiry'], 3000, 3000)
    for (const result of [one, both]) {
      expect(blemishes(result)).toEqual([])
      expect(result.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    }
    expect([one.summary.pass, both.summary.pass]).toEqual([6, 1])
  })
})

import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runConformance } from '@parley/conformance'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
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

const claims = {
  tokens: [],
  jwtAudience: ['parley'],
  jwtIssuer: ['the-self-test'],
  jwtToleranceSeconds: 0,
}
const options = { ...claims, jwtKeyFile }

/** A key, and the id that tokens name it by. */
interface Signing {
  readonly key: CryptoKey
  readonly kid?: string
}

/** Makers of fresh tokens for the two users of the kit, good for so many milliseconds. */
function makers(lives: readonly number[], signing: () => Signing = () => ({ key: privateKey })) {
  return lives.map((life, index) => {
    const { user = '', grants } = selfTestTokens[index] ?? {}
    return () => {
      const { key, kid } = signing()
      return new SignJWT({
        ...(grants === undefined ? {} : { grants }),
        ...(life === Infinity ? {} : { exp: (Date.now() + life) / 1000 }),
      })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'JWT', ...(kid === undefined ? {} : { kid }) })
        .setSubject(user)
        .setIssuer('the-self-test')
        .setAudience('parley')
        .sign(key)
    }
  })
}

/** Publishes keys, the newest of which signs. Each answer but the first and last brings a new one; after the last it answers nothing more. */
async function publishKeys(answers: number) {
  const keys: { readonly key: CryptoKey; readonly kid: string; readonly published: JWK }[] = []
  let asked = 0
  let refused = 0
  const renew = async () => {
    const pair = await generateKeyPair('EdDSA')
    const kid = `key-${String(asked)}`
    keys.unshift({ key: pair.privateKey, kid, published: { ...(await exportJWK(pair.publicKey)), kid } })
  }
  await renew()
  const server = createServer((request, response) => {
    if (asked >= answers) {
      refused += 1
      request.socket.destroy()
      return
    }
    asked += 1
    const ready = asked === 1 || asked === answers ? Promise.resolve() : renew()
    void ready.then(() => response.end(JSON.stringify({ keys: keys.map(({ published }) => published) })))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/keys`,
    signing: (): Signing => {
      const [newest] = keys
      if (!newest) throw new Error('There is no key')
      return newest
    },
    counts: () => ({ asked, refused }),
    [Symbol.dispose]: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('a server with JSON Web Tokens', () => {
  test('passes the whole wire run, with a fresh token for each connection, while its keys rotate and then cannot be had', async () => {
    using publisher = await publishKeys(4)
    await using server = await startReferenceServer({
      ...claims,
      jwtJwksUrl: publisher.url,
      jwtKeysMaxAgeSeconds: 1,
      jwtKeysCooldownSeconds: 1,
    })
    const tokenCommands = makers([60_000, 60_000], publisher.signing)
    const result = await runConformance({ url: server.url, tokenCommands, peers: 'none' })
    expect(blemishes(result)).toEqual([])
    expect(result.summary.pass).toBeGreaterThan(300)
    const auth = result.checks.filter(({ id, verdict }) => id.startsWith('auth.') && verdict === 'pass')
    expect(auth.length).toBeGreaterThan(15)
    expect(publisher.counts().asked).toBe(4)
    expect(publisher.counts().refused).toBeGreaterThan(0)
  })

  test('ends connections when their tokens end, and not when they were renewed, and takes none that is forged or has expired', async () => {
    await using server = await startReferenceServer({ ...options, jwtExpiry: 'optional' })
    const run = (checks: readonly string[], ...lives: readonly number[]) =>
      runConformance({ url: server.url, tokenCommands: makers(lives), checks, peers: 'none' })
    const forged = ['auth.failed:forged', 'auth.failed:expired']
    const one = await run(['auth.expiry', 'rooms.ended', ...forged], Infinity, 3000)
    const both = await run(['auth.refresh:expiry'], 3000, 3000)
    for (const result of [one, both]) {
      expect(blemishes(result)).toEqual([])
      expect(result.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    }
    expect([one.summary.pass, both.summary.pass]).toEqual([7, 1])
  })
})

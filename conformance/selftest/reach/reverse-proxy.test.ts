import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runConformance } from '@parley/conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReferenceServer } from '../running-server.ts'
import { makeAuthority, type Authority } from './authority.ts'
import { blemishes } from './blemish.ts'
import { runMain } from './run-main.ts'
import { startReverseProxy } from './reverse-proxy.ts'

/** Milliseconds that a whole run may take on a machine that is busy with other things. */
const wholeRunMs = 240_000

let folder = ''
let authority: Authority
let file = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-'))
  authority = await makeAuthority()
  file = join(folder, 'ca.pem')
  await writeFile(file, authority.cert)
})
afterAll(() => rm(folder, { recursive: true }))

describe('behind a reverse proxy with a path prefix and TLS by an own authority', () => {
  test(
    'the whole wire run is as it is without',
    async () => {
      await using server = await startReferenceServer()
      await using proxy = await startReverseProxy(
        server.url,
        '/deep/path/',
        await authority.certify('127.0.0.1'),
      )
      const { url } = proxy
      const result = await runConformance({ url, tokens: server.tokens, ca: [file], peers: 'none' })
      expect(blemishes(result)).toEqual([])
      expect(result.verdict).toBe('incomplete')
      expect(result.summary.pass).toBeGreaterThan(300)
      expect(result.target.url).toBe(url)
    },
    wholeRunMs,
  )

  test('the command takes the authority, in a file with others, and repeats it in what replays a failure', async () => {
    await using server = await startReferenceServer()
    await using proxy = await startReverseProxy(server.url, '/p/', await authority.certify('127.0.0.1'))
    const bundle = join(folder, 'bundle.pem')
    await writeFile(bundle, `Another:\n${(await makeAuthority()).cert}\nOurs:\n${authority.cert}`)
    // Without a token most checks cannot run: each of them tells how to repeat it.
    const run = await runMain([proxy.url, '--ca', bundle, '--check', 'rooms.joined', '--json', '-'])
    expect(run.text).toContain(`--ca ${bundle}`)
    expect(run.code).toBe(3)
    const { text, code } = await runMain([proxy.url, '--check', 'connection.welcome'])
    expect(text).toMatch(/is not trusted.*--ca.*NODE_EXTRA_CA_CERTS.*--insecure/)
    expect(code).toBe(4)
  })

  test('an authority adds to those of NODE_EXTRA_CA_CERTS, and does not replace them', async () => {
    await using server = await startReferenceServer()
    await using proxy = await startReverseProxy(server.url, '/', await authority.certify('127.0.0.1'))
    const other = join(folder, 'other.pem')
    await writeFile(other, (await makeAuthority()).cert)
    const args = [proxy.url, '--ca', other, '--check', 'connection.welcome']
    const without = await runMain(args, { asProcess: {} })
    expect(without.text).toContain('is not trusted')
    const extra = await runMain(args, { asProcess: { NODE_EXTRA_CA_CERTS: file } })
    expect(extra.text).not.toContain('is not trusted')
    expect(extra.code).toBe(3)
  })

  test('a path that the proxy does not hand on is told', async () => {
    await using server = await startReferenceServer()
    await using proxy = await startReverseProxy(server.url, '/p/', await authority.certify('127.0.0.1'))
    const { text, code } = await runMain([proxy.url.replace('/p/', '/q/'), '--ca', file])
    expect(text).toMatch(/HTTP 404.*Check the path/)
    expect(code).toBe(4)
  })
})

describe('a certificate that cannot be trusted', () => {
  test.each([
    ['of another name', 'other.example', undefined, /is not for "127\.0\.0\.1" but for "other\.example"/],
    ['that has expired', '127.0.0.1', [-10, -1], /has expired: renew it/],
    ['that is not valid yet', '127.0.0.1', [1, 10], /is not valid yet: check the clock/],
  ] as const)('%s is told in one sentence, and --insecure takes it', async (_what, name, days, words) => {
    await using server = await startReferenceServer()
    await using proxy = await startReverseProxy(server.url, '/', await authority.certify(name, days))
    const { text, code } = await runMain([proxy.url, '--ca', file])
    expect(text).toMatch(words)
    expect(text).toContain('--insecure')
    expect(text.trim().split('\n')).toHaveLength(1)
    expect(code).toBe(4)
    const anyway = await runMain([proxy.url, '--insecure', '--check', 'connection.welcome'])
    expect(anyway.code).toBe(3)
  })
})

describe('--ca is wrong usage', () => {
  test.each([
    ['for a file that is not there', undefined, /Cannot read the authority in ".*x\.pem": ENOENT/],
    ['for a file without a certificate', 'hello', /it holds no certificate in PEM/],
    [
      'for a damaged certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      /certificate 1 of 1 is damaged/,
    ],
  ])('%s', async (_what, content, words) => {
    const path = join(folder, 'x.pem')
    if (content === undefined) await rm(path, { force: true })
    else await writeFile(path, content)
    const { text, code } = await runMain(['wss://127.0.0.1:1/', '--ca', path])
    expect(text).toMatch(words)
    expect(code).toBe(2)
  })
})

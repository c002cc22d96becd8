import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { checks, runConformance } from '@parley/conformance'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startReferenceServer } from '../running-server.ts'
import { makeAuthority } from './authority.ts'
import { blemishes } from './blemish.ts'
import { startForwardProxy, type ForwardProxy } from './forward-proxy.ts'
import { startReverseProxy } from './reverse-proxy.ts'
import { runMain } from './run-main.ts'

const credentials = { user: 'planted-user-3107', password: 'planted:password@8842' }
const secrets = [
  credentials.password,
  encodeURIComponent(credentials.password),
  Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64'),
]

/** Milliseconds that a whole run may take on a machine that is busy with other things. */
const wholeRunMs = 240_000

const opened: Server[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  for (const server of opened.splice(0)) server.close()
})

/** A port on which nobody, or somebody else, listens. */
async function listen(server: Server): Promise<string> {
  opened.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`
}

/** Where a proxy listens, as the kit may show it. */
function shown({ url }: ForwardProxy): string {
  return new URL(url).origin
}

describe('through a proxy', () => {
  test(
    'the whole kit finds a good server conformant',
    async () => {
      await using proxy = await startForwardProxy(credentials)
      await using server = await startReferenceServer()
      vi.stubEnv('HTTP_PROXY', proxy.url)
      const { url, tokens } = server
      const result = await runConformance({ url, tokens })
      expect(blemishes(result)).toEqual([])
      expect(result.verdict).toBe('conformant')
      expect(result.target.proxy).toBe(shown(proxy))
      expect(new Set(proxy.asked)).toEqual(new Set([new URL(url).host]))
      expect(proxy.asked.length).toBeGreaterThan(300)
    },
    wholeRunMs,
  )

  test('the checks of the binding over TLS, which goes on to the target and not to the proxy', async () => {
    const authority = await makeAuthority()
    await using proxy = await startForwardProxy()
    await using server = await startReferenceServer()
    await using front = await startReverseProxy(server.url, '/p/', await authority.certify('127.0.0.1'))
    vi.stubEnv('https_proxy', shown(proxy).replace('http://', ''))
    const { url } = front
    // The code of a server that ends is seen only where a command makes it end.
    const ids = checks
      .map(({ id }) => id)
      .filter((id) => id.startsWith('websocket.') && id !== 'websocket.draining-code')
    const options = { tokens: server.tokens, ca: [authority.cert], checks: ids, peers: 'none' } as const
    const result = await runConformance({ url, ...options })
    expect(blemishes(result)).toEqual([])
    expect(result.summary.pass).toBe(ids.length)
    expect(front.handshakes.length).toBe(proxy.asked.length)
  })

  test('that speaks TLS itself, to a target that does, too', async () => {
    const authority = await makeAuthority()
    const certificate = await authority.certify('127.0.0.1')
    await using proxy = await startForwardProxy({ certificate })
    await using server = await startReferenceServer()
    await using front = await startReverseProxy(server.url, '/', certificate)
    vi.stubEnv('HTTPS_PROXY', proxy.url)
    const only = { checks: ['connection.welcome'], peers: 'none' } as const
    const result = await runConformance({ url: front.url, ca: [authority.cert], ...only })
    expect(blemishes(result)).toEqual([])
    expect(proxy.asked.length).toBeGreaterThan(0)
    await expect(runConformance({ url: front.url, ...only })).rejects.toThrow(
      /The proxy https:\/\/127.* cannot be reached \(UNABLE_TO_VERIFY/,
    )
  })

  test.each([
    ['HTTP_PROXY', 1],
    ['http_proxy', 1],
    ['ALL_PROXY', 1],
    ['all_proxy', 1],
    ['HTTPS_PROXY', 0],
  ])('%s is for ws: %d', async (variable, times) => {
    await using proxy = await startForwardProxy()
    await using server = await startReferenceServer()
    vi.stubEnv(variable, proxy.url)
    const { text } = await runMain([server.url, '--check', 'connection.welcome'])
    expect(text.includes(`through the proxy ${shown(proxy)}`)).toBe(times === 1)
    expect(Math.min(1, proxy.asked.length)).toBe(times)
  })

  test.each(['127.0.0.1', '*', 'other.example,127.0.0.1'])('NO_PROXY %s keeps it out', async (hosts) => {
    await using proxy = await startForwardProxy()
    await using server = await startReferenceServer()
    vi.stubEnv('HTTP_PROXY', proxy.url)
    vi.stubEnv('NO_PROXY', hosts)
    const { text } = await runMain([server.url, '--check', 'connection.welcome'])
    expect(text).not.toContain('proxy')
    expect(proxy.asked).toEqual([])
  })

  test('nothing that the kit prints holds the credentials', async () => {
    await using proxy = await startForwardProxy(credentials)
    await using server = await startReferenceServer()
    vi.stubEnv('HTTP_PROXY', proxy.url)
    // Without a token it cannot run, which shows all that there is to show.
    const { text } = await runMain([server.url, '--check', 'rooms.joined', '--json', '-', '--verbose'])
    expect(text).toContain(shown(proxy))
    expect(text).toContain('could-not-run')
    for (const secret of secrets) expect(text).not.toContain(secret)
  })
})

describe('a proxy that does not do its part is told in one sentence', () => {
  async function told(proxy: string, target = 'ws://target.invalid/', args: readonly string[] = []) {
    vi.stubEnv('ALL_PROXY', proxy)
    const { text, code } = await runMain([target, ...args])
    expect(code).toBe(4)
    expect(text.trim().split('\n')).toHaveLength(1)
    for (const secret of secrets) expect(text).not.toContain(secret)
    return text
  }
  const inUrl = `${credentials.user}:${encodeURIComponent(credentials.password)}`

  test('nothing listens there', async () => {
    const server = createServer()
    const host = await listen(server)
    server.close()
    await once(server, 'close')
    expect(await told(`http://${inUrl}@${host}`)).toMatch(
      new RegExp(`The proxy http://${host} cannot be reached \\(ECONNREFUSED.*ALL_PROXY.*NO_PROXY`),
    )
  })

  test('nobody knows its name', async () => {
    expect(await told('http://proxy.invalid:3128')).toMatch(
      /The proxy http:\/\/proxy\.invalid:3128 .*ENOTFOUND/,
    )
  })

  test('it asks for credentials, or for others', async () => {
    await using proxy = await startForwardProxy(credentials)
    expect(await told(shown(proxy))).toMatch(/asks for credentials in its URL \(HTTP 407\)/)
    const wrong = proxy.url.replace(credentials.user, 'somebody')
    expect(await told(wrong)).toMatch(/does not accept the credentials in its URL \(HTTP 407\)/)
  })

  test('it refuses', async () => {
    await using proxy = await startForwardProxy({ refuses: true })
    expect(await told(proxy.url)).toMatch(/refuses to connect to target\.invalid:80 \(HTTP 403\)/)
  })

  test('it does not find the target', async () => {
    const host = await listen(createServer((socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')))
    expect(await told(`http://${host}`)).toMatch(/cannot reach target\.invalid:80 \(HTTP 502\): check host/)
  })

  test('it is a web server', async () => {
    const host = await listen(createHttpServer((_request, response) => response.end('hello')))
    expect(await told(`http://${host}`)).toMatch(/ended the connection instead of opening a way to target/)
  })

  test('it is no HTTP server at all', async () => {
    const host = await listen(createServer((socket) => socket.end('220 mail.example ESMTP\r\n')))
    expect(await told(`http://${host}`)).toMatch(/does not answer as a proxy \(Parse Error/)
  })

  test('it says nothing', async () => {
    const sockets: Socket[] = []
    const host = await listen(createServer((socket) => sockets.push(socket.on('error', () => undefined))))
    const text = await told(`http://${host}`, undefined, ['--timeout-scale', '0.05'])
    expect(text).toMatch(/has opened no way to target\.invalid within 0\.5 s/)
    for (const socket of sockets) socket.destroy()
  })

  test.each([
    ['socks5://127.0.0.1:1080', /Cannot use the proxy of ALL_PROXY: .*not socks5:/],
    ['http://[', /Cannot use the proxy of ALL_PROXY: it is no URL/],
  ])('%s is wrong usage', async (value, words) => {
    vi.stubEnv('ALL_PROXY', value)
    const { text, code } = await runMain(['ws://target.invalid/'])
    expect(text).toMatch(words)
    expect(code).toBe(2)
  })
})

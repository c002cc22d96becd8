import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { generate } from 'selfsigned'
import { afterEach, describe, expect, test } from 'vitest'
import { main } from './cli.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(server: Server): Promise<string> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `ws://127.0.0.1:${String((server.address() as AddressInfo).port)}/`
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const code = await main(args, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: {},
  })
  return { code, out, err }
}

const page: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'text/html')
  response.end('<h1>Hello</h1>')
}

describe('main()', () => {
  test('--help and --list answer at once', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, err: '' })
    const listed = await run('--list')
    expect(listed.code).toBe(0)
    expect(listed.out).toMatch(/^frames\./m)
  })

  test.each([
    [[], /Cannot test without a URL/],
    [['--wrong'], /Unknown option '--wrong'/],
    [
      ['ws://127.0.0.1:1/', '--check', 'rooms.fulll'],
      /Cannot find the check "rooms.fulll": known of "rooms"/,
    ],
    [['ws://127.0.0.1:1/', '--filter', 'no such check'], /No check matches the filter "no such check"/],
    [['ws://127.0.0.1:1/', '--token', 'env:PARLEY_NO_SUCH_VARIABLE'], /is not set/],
    [
      ['ws://127.0.0.1:1/', '--json', '/no/such/folder/x.json'],
      /Cannot write.*\/no\/such\/folder\/x.json.*ENOENT/,
    ],
  ])('%j is wrong usage', async (args, words) => {
    const { code, err } = await run(...args)
    expect(err).toMatch(words)
    expect(code).toBe(2)
  })

  test.each([
    ['http://127.0.0.1:1/x', /did you mean ws:\/\/127\.0\.0\.1:1\/x/],
    ['localhost:8080', /did you mean ws:\/\/localhost:8080/],
    ['no url', /is no URL such as/],
    ['ws://parley.invalid/', /No address is known for the host "parley.invalid"/],
  ])('%s is no target', async (url, words) => {
    const { code, err } = await run(url)
    expect(err).toMatch(words)
    expect(code).toBe(4)
  })

  test('a dead port is unreachable', async () => {
    const server = createTcpServer()
    const url = await listen(server)
    server.close()
    const { code, err } = await run(url)
    expect(err).toMatch(/Nothing listens at 127\.0\.0\.1:\d+/)
    expect(code).toBe(4)
  })

  test('a web page is no Parley server', async () => {
    const { code, err } = await run(await listen(createHttpServer(page)))
    expect(err).toMatch(/HTTP 200 \(text\/html\).*web page/)
    expect(code).toBe(4)
  })

  test('a wrong path is told', async () => {
    const server = createHttpServer((_request, response) => response.writeHead(404).end())
    const { code, err } = await run(`${await listen(server)}nowhere`)
    expect(err).toMatch(/HTTP 404.*Check the path/)
    expect(code).toBe(4)
  })

  test('a port that speaks something else is told', async () => {
    const server = createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n'))
    const { code, err } = await run(await listen(server))
    expect(err).toMatch(/does not answer as a WebSocket server/)
    expect(code).toBe(4)
  })

  test('a port that says nothing ends in bounded time', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined))
    const { code, err } = await run(await listen(server), '--timeout-scale', '0.05')
    expect(err).toMatch(/did not answer the WebSocket handshake within/)
    expect(code).toBe(4)
  })

  test('TLS against a port without it is told', async () => {
    const url = (await listen(createHttpServer(page))).replace('ws:', 'wss:')
    const { code, err } = await run(url)
    expect(err).toMatch(/does not speak TLS: use ws:\/\//)
    expect(code).toBe(4)
  })

  test('a certificate that nobody vouches for is told, with both ways out', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }])
    const url = (await listen(createHttpsServer({ key, cert }, page))).replace('ws:', 'wss:')
    const { code, err } = await run(url)
    expect(err).toMatch(/certificate of 127\.0\.0\.1:\d+ is not trusted.*NODE_EXTRA_CA_CERTS.*--insecure/)
    expect(code).toBe(4)
    const { err: further } = await run(url, '--insecure')
    expect(further).toMatch(/HTTP 200/)
  })
})

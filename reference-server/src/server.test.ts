import { once } from 'node:events'
import { createServer as createHttpServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { TestClient } from './client.test.support.ts'
import { createServer, defaultHandlers } from './index.ts'
import { MemoryRouter } from './memory-router.ts'

const httpOf = (url: string) => url.replace('ws:', 'http:')

/** Status and body of the answer to an upgrade that is refused. */
async function refusal(
  url: string,
  headers: Record<string, string> = {},
): Promise<[number | undefined, string]> {
  const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
  const asked = request(httpOf(url), {
    headers: { ...upgrade, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', ...headers },
  })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return [response.statusCode, body]
}

describe('createServer()', () => {
  test('listens on a free port, and ends its connections with 1001', async () => {
    const server = createServer()
    const { url, port } = await server.listen()
    expect(url).toBe(`ws://127.0.0.1:${port}/`)
    const clients = await Promise.all([TestClient.greeted(url), TestClient.open(url)])
    await Promise.all([server.close(), server.close()])
    expect(await Promise.all(clients.map(({ closed }) => closed))).toEqual([1001, 1001])
    await expect(fetch(`${httpOf(url)}health`)).rejects.toThrow()
  })

  test('is disposed of by its scope', async () => {
    const server = createServer()
    const { url } = await server.listen()
    const client = await TestClient.greeted(url)
    await server[Symbol.asyncDispose]()
    expect(await client.closed).toBe(1001)
  })

  test('rejects a port that is in use', async () => {
    const first = createServer()
    const { port } = await first.listen()
    const second = createServer({ port })
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await Promise.all([first.close(), second.close()])
  })

  test('tells its health, and says what it is to whoever asks otherwise', async () => {
    const server = createServer({ path: '/signal' })
    const { url } = await server.listen()
    const client = await TestClient.greeted(url)
    client.send({ type: 'join', room: 'r' })
    await client.settled()
    const base = httpOf(url).replace('/signal', '')
    const health = await fetch(`${base}/health`)
    expect(health.status).toBe(200)
    expect(await health.json()).toEqual({
      status: 'ok',
      connections: 1,
      rooms: 1,
      uptimeSeconds: expect.any(Number) as number,
      version: expect.stringMatching(/^\d+\./) as string,
      ready: true,
    })
    const answers = await Promise.all([
      fetch(`${base}/signal?x`),
      fetch(`${base}/x`),
      fetch(`${base}/health`, { method: 'POST' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([426, 404, 404])
    expect(await refusal(`${base}/x`)).toEqual([404, 'Nothing is here: the WebSocket is at /signal.\n'])
    await server.close()
  })

  test('admits as many connections as it may, and pages of the origins that it knows', async () => {
    const server = createServer({ maxConnections: 1, origins: ['https://a.example'] })
    const { url } = await server.listen()
    expect((await refusal(url, { origin: 'https://b.example' }))[0]).toBe(403)
    const client = await TestClient.open(url, { origin: 'https://a.example' })
    expect(await refusal(url)).toEqual([503, 'The server is full: try again later.\n'])
    client.webSocket.close()
    await client.closed
    await (await TestClient.greeted(url)).settled()
    await server.close()
  })

  test('attaches to a server of somebody else, at its own path only', async () => {
    const host = createHttpServer((_request, response) => response.end('mine'))
    const others: string[] = []
    host.on('upgrade', ({ url = '' }, socket) => {
      if (url === '/signal') return
      others.push(url)
      socket.destroy()
    })
    host.listen(0, '127.0.0.1')
    await once(host, 'listening')
    const base = `127.0.0.1:${(host.address() as AddressInfo).port}`
    const server = createServer()
    const detach = server.attach(host, '/signal')
    const client = await TestClient.greeted(`ws://${base}/signal`)
    const stranger = new WebSocket(`ws://${base}/other`)
    await once(stranger, 'error')
    expect(others).toEqual(['/other'])
    expect(await (await fetch(`http://${base}/`)).text()).toBe('mine')
    detach()
    await client.settled()
    await server.close()
    expect(await client.closed).toBe(1001)
    expect(host.listening).toBe(true)
    expect(await (await fetch(`http://${base}/`)).text()).toBe('mine')
    host.close()
    host.closeAllConnections()
  })

  test('works with replaced handlers and ports', async () => {
    const delivered: string[] = []
    class Eavesdropper extends MemoryRouter {
      override deliver(...[peer, frame]: Parameters<MemoryRouter['deliver']>): void {
        delivered.push(frame.toString())
        super.deliver(peer, frame)
      }
    }
    const server = createServer(
      {},
      { handlers: { ...defaultHandlers, ping: () => undefined }, decorateRouter: () => new Eavesdropper() },
    )
    const { url } = await server.listen()
    const [one, other] = [await TestClient.greeted(url), await TestClient.greeted(url)]
    one.send({ type: 'join', room: 'r' })
    await one.next('joined')
    other.send({ type: 'ping' })
    other.send({ type: 'join', room: 'r' })
    await one.next('peer-joined')
    expect(other.received.map(({ type }) => type)).not.toContain('pong')
    expect(delivered).toHaveLength(1)
    await server.close()
  })

  test('sends what was said before a close frame, also before one that ws sends by itself', async () => {
    const server = createServer()
    const { url } = await server.listen()
    const client = await TestClient.greeted(url)
    client.send({ type: 'ping', id: 'last' })
    client.webSocket.send(Buffer.from([0xff]), { binary: false })
    expect(await client.closed).toBe(1007)
    expect(client.received).toEqual([{ type: 'pong', ref: 'last' }])
    await server.close()
  })

  test('takes a hundred pings of the binding at once', async () => {
    const server = createServer()
    const { url } = await server.listen()
    const client = await TestClient.greeted(url)
    const answers: string[] = []
    client.webSocket.on('pong', (data) => answers.push(data.toString()))
    for (let count = 0; count < 100; count += 1) client.webSocket.ping(String(count))
    await client.settled()
    expect(answers).toEqual(Array.from({ length: 100 }, (_, count) => String(count)))
    await server.close()
  })
})

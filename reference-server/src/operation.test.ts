import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { TestClient } from './client.test.support.ts'
import { createServer, silentLog, type Log, type ServerOptions } from './index.ts'

/** A line of the log. */
type Line = Readonly<Record<string, unknown>>

const call = '0123456789abcdef0123456789abcdef'
const [sdp, address, token] = ['v=0\r\nSECRET-DESCRIPTION\r\n', '203.0.113.77', 'SECRET-TOKEN-1234']

/** Two peers call each other; what the log held of it. */
async function callLogged(options: ServerOptions): Promise<{ lines: readonly Line[]; text: string }> {
  const lines: Line[] = []
  const write = (fields: object, text: string) => void lines.push({ ...fields, msg: text })
  const log: Log = { debug: write, info: write, warn: write, error: write }
  await using server = createServer({ ...options, log, tokens: [{ token, user: 'ann' }] })
  const { url } = await server.listen()
  const [a, b] = await Promise.all([TestClient.greeted(url), TestClient.greeted(url)])
  for (const client of [a, b]) {
    client.send({ type: 'auth', method: 'token', token })
    client.send({ type: 'join', room: 'lobby', data: { name: 'SECRET-NAME' } })
    await client.next('joined')
  }
  const place = { room: 'lobby', to: b.peer, call, negotiation: 1 }
  a.send({ type: 'offer', ...place, sdp })
  const line = `candidate:1 1 udp 1 ${address} 9 typ host`
  a.send({
    type: 'candidate',
    ...place,
    candidate: { candidate: line, sdpMid: '0', usernameFragment: 'abcd' },
  })
  await b.next('candidate')
  b.send({ type: 'hangup', room: 'lobby', to: a.peer, call, reason: 'normal' })
  await a.next('hangup')
  a.send({ type: 'offer', ...place, to: 'nobody-nobody-nobody', id: 'x', sdp })
  await a.next('error')
  a.send({ type: 'auth', method: 'token', token: 'SECRET-TOKEN-OTHER' })
  await a.next('error')
  const text = JSON.stringify(lines)
  for (const { session } of [a, b]) expect(text).not.toContain(session)
  return { lines, text }
}

describe('the log', () => {
  test('follows one call from message to message, and holds nothing private', async () => {
    const { lines, text } = await callLogged({ logLevel: 'debug' })
    const steps = lines
      .filter((line) => line['call'] === call)
      .map(({ type, of, code }) => [type ?? of, code])
    expect(steps).toEqual([
      ['offer', undefined],
      ['candidate', undefined],
      ['hangup', undefined],
      ['offer', undefined],
      ['offer', 'peer-not-found'],
    ])
    expect(text).not.toContain('SECRET')
    expect(text).not.toContain(address)
  })

  test('holds whole messages where it is asked to, but never a token', async () => {
    const { text } = await callLogged({ logLevel: 'debug', logDetail: 'messages' })
    expect(text).toContain('SECRET-DESCRIPTION')
    expect(text).toContain(address)
    expect(text).not.toContain('SECRET-TOKEN')
  })

  test('says nothing of single messages at its usual level', async () => {
    const { lines } = await callLogged({})
    expect(lines.filter(({ msg }) => String(msg).startsWith('message'))).toEqual([])
  })
})

/** Value of a metric by its name and labels, as Prometheus writes them. */
function valueIn(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.split(' ')[1])
}

describe('GET /metrics', () => {
  test('counts connections, rooms, messages and errors, at an address of its own', async () => {
    await using server = createServer({ metricsAddress: '127.0.0.1:0', maxConnections: 2, log: silentLog })
    const { url } = await server.listen()
    const client = await TestClient.greeted(url)
    client.send({ type: 'join', room: 'lobby' })
    client.send({ type: 'ping' })
    client.send({ type: 'leave', room: 'elsewhere', id: '1' })
    client.send({ type: 'nonsense', id: '2' })
    await client.settled()
    const other = await TestClient.greeted(url)
    await turnedAway(url)
    other.send({ type: 'bye' })
    await other.closed
    const answer = await fetch(server.metricsUrl ?? '')
    expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    const text = await answer.text()
    const values = Object.fromEntries(
      [
        'parley_rooms',
        'parley_connections_opened_total',
        'parley_connections_ended_total{reason="bye"}',
        'parley_connections_refused_total{reason="full"}',
        'parley_messages_received_total{type="join"}',
        'parley_messages_received_total{type="ping"}',
        'parley_errors_total{code="not-in-room",fatal="false"}',
        'parley_errors_total{code="unsupported-type",fatal="false"}',
      ].map((series) => [series, valueIn(text, series)]),
    )
    expect(values).toEqual({
      parley_rooms: 1,
      parley_connections_opened_total: 2,
      'parley_connections_ended_total{reason="bye"}': 1,
      'parley_connections_refused_total{reason="full"}': 1,
      'parley_messages_received_total{type="join"}': 1,
      'parley_messages_received_total{type="ping"}': 2,
      'parley_errors_total{code="not-in-room",fatal="false"}': 1,
      'parley_errors_total{code="unsupported-type",fatal="false"}': 1,
    })
    expect(valueIn(text, 'parley_message_bytes_received_total')).toBeGreaterThan(100)
    expect(text).toContain('nodejs_eventloop_lag_seconds')
    expect((await fetch(new URL('/', server.metricsUrl))).status).toBe(404)
  })

  test('is nowhere unless it is asked for', async () => {
    await using server = createServer()
    const { url } = await server.listen()
    expect(server.metricsUrl).toBeUndefined()
    expect((await fetch(`${url.replace('ws:', 'http:')}metrics`)).status).toBe(404)
    expect(await server.metrics()).toBe('')
  })
})

describe('GET /ready', () => {
  test('says no while there is no place, and yes again after', async () => {
    await using server = createServer({ maxConnections: 1 })
    const { url } = await server.listen()
    const ready = async () => (await fetch(`${url.replace('ws:', 'http:')}ready`)).status
    const health = async () => (await fetch(`${url.replace('ws:', 'http:')}health`)).status
    expect(await ready()).toBe(200)
    const client = await TestClient.greeted(url)
    expect([await ready(), await health()]).toEqual([503, 200])
    client.send({ type: 'bye' })
    await client.closed
    await expect.poll(ready).toBe(200)
  })

  test('says no at the address of the metrics while the server stops', async () => {
    await using server = createServer({ metricsAddress: '127.0.0.1:0' })
    const { url } = await server.listen()
    const client = await TestClient.greeted(url)
    // The server waits for whoever does not answer its close frame.
    client.webSocket.pause()
    const closed = server.close()
    const page = async (name: string) => (await fetch(new URL(name, server.metricsUrl))).status
    expect([await page('/ready'), await page('/health')]).toEqual([503, 503])
    client.webSocket.resume()
    await closed
  })
})

/** Asks for a WebSocket where there is no place for one. */
async function turnedAway(url: string): Promise<void> {
  const asked = request(url.replace('ws:', 'http:'), {
    headers: {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    },
  })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  expect(response.statusCode).toBe(503)
}

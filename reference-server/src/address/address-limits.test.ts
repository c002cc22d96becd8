import { once } from 'node:events'
import { createConnection } from 'node:net'
import { describe, expect, it, test } from 'vitest'
import { WebSocket } from 'ws'
import { TestClient, TestClock } from '../client.test.support.ts'
import { createServer } from '../server.ts'
import { AddressLimits } from './address-limits.ts'

/** The status with which a WebSocket is refused. */
async function refusal(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers })
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode?: number; destroy(): void },
  ]
  response.destroy()
  return response.statusCode
}

describe('connectionsPerAddress', () => {
  test('lets in as many as it says and refuses one more with 429, until one has gone', async () => {
    await using server = createServer({ connectionsPerAddress: 2 })
    const { url } = await server.listen()
    const first = await TestClient.greeted(url)
    const second = await TestClient.greeted(url)
    expect(await refusal(url)).toBe(429)
    await second.settled()
    first.send({ type: 'bye' })
    await first.closed
    const third = await TestClient.greeted(url)
    await third.settled()
  })

  test('counts those behind a trusted proxy by what it has seen', async () => {
    await using server = createServer({ connectionsPerAddress: 1, trustedProxies: 1 })
    const { url } = await server.listen()
    const from = (address: string) => ({ 'x-forwarded-for': address })
    await TestClient.open(url, from('192.0.2.1'))
    await TestClient.open(url, from('192.0.2.2'))
    expect(await refusal(url, from('192.0.2.1'))).toBe(429)
    expect(await refusal(url, from('203.0.113.1, 192.0.2.2'))).toBe(429)
  })

  test('gives the place of a request back that came to nothing', async () => {
    await using server = createServer({ connectionsPerAddress: 1 })
    const { url, port } = await server.listen()
    const raw = createConnection(port, '127.0.0.1')
    raw.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await once(raw, 'data')
    raw.destroy()
    await once(raw, 'close')
    const client = await TestClient.greeted(url)
    await client.settled()
  })
})

describe('authFailuresPerMinute', () => {
  const tokens = [{ token: 'good-token-of-ada', user: 'ada' }]

  test('lets as many fail as it says, then asks every connection of the address to come back', async () => {
    const clock = new TestClock()
    await using server = createServer({ tokens, authFailuresPerMinute: 3 }, { clock })
    const { url } = await server.listen()
    const attempt = async (token: string) => {
      const client = await TestClient.greeted(url)
      client.send({ type: 'auth', method: 'token', token })
      return client.next('authenticated', 'error')
    }
    // What succeeds does not count.
    for (let time = 0; time < 5; time += 1)
      expect(await attempt('good-token-of-ada')).toMatchObject({ type: 'authenticated' })
    for (let time = 0; time < 3; time += 1)
      expect(await attempt('bad')).toMatchObject({ code: 'auth-failed' })
    const refused = await attempt('good-token-of-ada')
    expect(refused).toMatchObject({ code: 'rate-limited', fatal: false, of: 'auth' })
    clock.advance(Number(refused['retryAfterMs']))
    expect(await attempt('good-token-of-ada')).toMatchObject({ type: 'authenticated' })
    expect(await attempt('bad')).toMatchObject({ code: 'auth-failed' })
    expect(await attempt('bad')).toMatchObject({ code: 'rate-limited' })
  })

  test('counts attempts that go on at the same time', () => {
    const limits = new AddressLimits({ connectionsPerAddress: 0, authFailuresPerMinute: 2 })
    expect(limits.attempt('192.0.2.1', 0)).toBe(0)
    expect(limits.attempt('192.0.2.1', 0)).toBe(0)
    expect(limits.attempt('192.0.2.1', 0)).toBe(30_000)
    expect(limits.attempt('192.0.2.2', 0)).toBe(0)
    limits.succeeded('192.0.2.1')
    expect(limits.attempt('192.0.2.1', 0)).toBe(0)
  })
})

describe('AddressLimits', () => {
  it('keeps nothing of addresses that have gone, and a bounded number of those that fail', () => {
    const limits = new AddressLimits({ connectionsPerAddress: 1, authFailuresPerMinute: 6 })
    for (let number = 0; number < 100_500; number += 1) limits.attempt(String(number), 0)
    expect(limits.size).toBe(100_000)
    limits.sweep(10_000)
    expect(limits.size).toBe(0)
    expect([limits.enter('a'), limits.enter('a')]).toEqual([true, false])
    limits.leave('a')
    expect(limits.size).toBe(0)
  })

  it('refuses nobody whose address is not known', () => {
    const limits = new AddressLimits({ connectionsPerAddress: 1, authFailuresPerMinute: 1 })
    expect([limits.enter(''), limits.enter(''), limits.attempt('', 0), limits.attempt('', 0)]).toEqual([
      true,
      true,
      0,
      0,
    ])
  })
})

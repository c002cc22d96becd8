import { afterEach, describe, expect, test } from 'vitest'
import { TestClient, TestClock } from './client.test.support.ts'
import { createServer, type Server, type ServerOptions } from './server.ts'

const open: Server[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

async function start(options: ServerOptions = {}) {
  const clock = new TestClock()
  const server = createServer({ drainSeconds: 5, ...options }, { clock })
  open.push(server)
  return { server, clock, url: (await server.listen()).url }
}

async function together(url: string) {
  const ada = await TestClient.greeted(url, { drain: {} })
  const bob = await TestClient.greeted(url)
  for (const client of [ada, bob]) {
    client.send({ type: 'join', room: 'r' })
    await client.next('joined')
  }
  await ada.next('peer-joined')
  return { ada, bob }
}

const hangup = { type: 'hangup', room: 'r', call: '0'.repeat(32), reason: 'normal' }

describe('drain()', () => {
  test('tells whom drain is in force for, lets relays go on, refuses joins, and ends with 1001', async () => {
    const { server, clock, url } = await start({ drainUrl: 'wss://other.example/' })
    const { ada, bob } = await together(url)
    const drained = server.drain()
    expect(await ada.next('goaway')).toEqual({ type: 'goaway', inMs: 5000, url: 'wss://other.example/' })
    ada.send({ type: 'join', room: 'elsewhere', id: 'j' })
    expect(await ada.next('error')).toMatchObject({ ref: 'j', code: 'draining', fatal: false, of: 'join' })
    ada.send({ type: 'join', room: 'r', id: 'again' })
    expect(await ada.next('joined')).toMatchObject({ ref: 'again' })
    ada.send({ ...hangup, to: bob.peer })
    expect(await bob.next('hangup')).toMatchObject({ from: ada.peer })
    bob.send({ type: 'join', room: 'elsewhere' })
    await bob.next('joined')
    expect(await server.health()).toMatchObject({ status: 'draining', ready: false })
    await expect(TestClient.open(url)).rejects.toThrow()
    clock.advance(4999)
    await Promise.all([ada.settled(), bob.settled()])
    expect(bob.received.filter(({ type }) => type === 'goaway')).toEqual([])
    clock.advance(1)
    expect(await Promise.all([ada.closed, bob.closed])).toEqual([1001, 1001])
    expect(ada.received.filter(({ type }) => type === 'goaway')).toEqual([])
    await drained
  })

  test('ends when everybody has gone, at once when closed, and at once where nobody can be told', async () => {
    const first = await start()
    const { ada, bob } = await together(first.url)
    const drained = first.server.drain()
    await ada.next('goaway')
    for (const client of [ada, bob]) client.send({ type: 'bye' })
    await drained
    const second = await start()
    const cut = await together(second.url)
    const cutShort = second.server.drain()
    await cut.ada.next('goaway')
    await second.server.close()
    await cutShort
    expect(await cut.ada.next('goaway')).toEqual({ type: 'goaway', inMs: 0 })
    expect(cut.bob.received.filter(({ type }) => type === 'goaway')).toEqual([])
    expect(await cut.ada.closed).toBe(1001)
    const third = await start()
    const core = await TestClient.greeted(third.url)
    await third.server.drain()
    expect(await core.closed).toBe(1001)
  })

  test('tells a client that says hello meanwhile', async () => {
    const { server, url } = await start()
    await together(url)
    const late = await TestClient.open(url)
    await late.settledByBinding()
    void server.drain()
    late.send({ type: 'hello', versions: [1], capabilities: { drain: {} } })
    await late.next('welcome')
    expect(await late.next('goaway')).toEqual({ type: 'goaway', inMs: 5000 })
  })
})

describe('capabilities', () => {
  test('what is not configured is not offered; names of objects are none', async () => {
    const { url } = await start({ capabilities: [] })
    const client = await TestClient.open(url)
    client.send({ type: 'hello', versions: [1], capabilities: { drain: {}, constructor: {} } })
    expect(await client.next('welcome')).toMatchObject({ capabilities: {} })
  })

  test('a bare hello gets pure Core, byte for byte', async () => {
    const { url } = await start()
    const client = await TestClient.open(url)
    const text = new Promise((resolve) =>
      client.webSocket.once('message', (data) => {
        resolve((data as Buffer).toString())
      }),
    )
    client.send({ type: 'hello', versions: [1] })
    const { peer, session, agent } = await client.next('welcome')
    const limits =
      '{"messageBytes":262144,"idleSeconds":60,"membersPerRoom":32,"roomsPerPeer":64,"dataBytes":4096,"rate":{"perSecond":500,"burst":1000}}'
    expect(await text).toBe(
      `{"type":"welcome","version":1,"peer":"${String(peer)}","session":"${String(session)}","capabilities":{},"limits":${limits},"auth":[],"agent":${JSON.stringify(agent)}}`,
    )
  })
})

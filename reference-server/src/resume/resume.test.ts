import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { TestClient, TestClock } from '../client.test.support.ts'
import { createServer, type Server, type ServerOptions } from '../index.ts'

const capabilities = { resume: {} }
const call = '5f0c9d3be8a14b7c92d6e1f07a3b4c58'

let servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  servers = []
})

type Person = Awaited<ReturnType<typeof TestClient.greeted>>

async function openScene(options: ServerOptions = {}) {
  const clock = new TestClock()
  const server = createServer({ ratePerSecond: 0, ...options }, { clock })
  servers.push(server)
  const { url } = await server.listen()
  const client = (asked: Readonly<Record<string, object>> = capabilities) => TestClient.greeted(url, asked)
  /** Two in a room: Ada with `resume`, Ben without. */
  const pair = async () => {
    const room = randomUUID()
    const [ada, ben] = [await client(), await client({})]
    ada.send({ type: 'join', room, seq: 1 })
    await ada.next('joined')
    ben.send({ type: 'join', room })
    await ben.next('joined')
    await ada.next('peer-joined') // seq 2
    return { ada, ben, room }
  }
  const resumed = async (old: Pick<Person, 'session'>, ack: number, on?: Person) => {
    const later = on ?? (await client())
    later.send({ type: 'resume', id: 'r', session: old.session, ack })
    return { later, answer: await later.next('resumed', 'error') }
  }
  return { clock, server, url, client, pair, resumed }
}

const hangup = (to: string, room: string, more: object = {}) => ({
  type: 'hangup',
  to,
  room,
  call,
  reason: 'normal',
  ...more,
})

/** Settles when the server has noticed a cut. */
async function cut(person: Person, ben?: Person): Promise<void> {
  person.webSocket.terminate()
  await person.closed
  // The end of one socket is noticed before what comes on another afterwards.
  await new Promise((resolve) => setImmediate(resolve))
  await ben?.settled()
}

const failed = { type: 'error', code: 'resume-failed', fatal: false, of: 'resume', ref: 'r' }

describe('a session', () => {
  test('is numbered from 1 in both directions, and what is about the connection is not', async () => {
    const { pair, client } = await openScene()
    const { ada, ben, room } = await pair()
    ada.send({ type: 'ping', id: 'p' })
    expect(await ada.next('pong')).toEqual({ type: 'pong', ref: 'p' })
    ada.send({ ...hangup(ben.peer, room), id: 'h', 's\u0065q': 2 })
    expect(await ada.next('ok')).toMatchObject({ ref: 'h', seq: 3, ack: 2 })
    expect(await ben.next('hangup')).toEqual({ ...hangup(ben.peer, room), id: 'h', from: ada.peer })
    ben.send(hangup(ada.peer, room))
    expect(await ada.next('hangup')).toMatchObject({ from: ben.peer, seq: 4 })
    ada.send({ type: 'no-such-type', seq: 3 })
    expect(await ada.next('error')).toMatchObject({ code: 'unsupported-type', seq: 5 })
    ada.send({ type: 'join', room: 7, seq: 4 })
    expect(await ada.next('error')).toMatchObject({ code: 'bad-message', seq: 6 })
    for (const wrong of [{}, { seq: 0 }, { seq: 1.5 }, { seq: '5' }, { seq: null }]) {
      ada.send({ type: 'leave', room, ...wrong })
      expect(await ada.next('error')).not.toHaveProperty('seq')
    }
    ada.send('{"type":"leave","seq":5,"seq":5}')
    expect(await ada.next('error')).toMatchObject({ code: 'bad-message' })
    ada.send({ type: 'ping', seq: 5 })
    expect(await ada.next('error')).not.toHaveProperty('seq')
    ada.send({ ...hangup(ben.peer, room), seq: 4 })
    ada.send({ type: 'leave', room, seq: 5 })
    expect(await ada.next('left')).toMatchObject({ seq: 7 })
    await ben.settled()
    expect(ben.received.filter(({ type }) => type === 'hangup')).toEqual([])
    const bare = await client({})
    bare.send({ type: 'join', room, seq: 1 })
    expect(await bare.next('error')).toMatchObject({ code: 'bad-message' })
  })

  test('acknowledges by itself what has no answer', async () => {
    const { pair, clock } = await openScene()
    const { ada, ben, room } = await pair()
    ada.send({ ...hangup(ben.peer, room), seq: 2 })
    await ada.settled()
    clock.advance(250)
    expect(await ada.next('ack')).toEqual({ type: 'ack', ack: 2 })
  })

  test('refuses an ack of what it has not sent, and ignores an old one', async () => {
    const { pair } = await openScene()
    const { ada, ben, room } = await pair()
    ada.send({ type: 'ack', id: 'a', ack: 3 })
    expect(await ada.next('error')).toMatchObject({ code: 'unexpected-message', ref: 'a' })
    ada.send({ type: 'ack', id: 'b', ack: 2 })
    expect(await ada.next('ok')).toEqual({ type: 'ok', ref: 'b' })
    ada.send({ type: 'ack', id: 'c', ack: 0 })
    expect(await ada.next('ok')).toEqual({ type: 'ok', ref: 'c' })
    ada.send({ ...hangup(ben.peer, room), seq: 2, ack: 99 })
    expect(await ada.next('error')).toMatchObject({ code: 'unexpected-message', seq: 3 })
    ada.send({ ...hangup(ben.peer, room), id: 'd', seq: 3, ack: 1 })
    expect(await ada.next('ok')).toMatchObject({ ref: 'd', seq: 4 })
    await ben.settled()
    expect(ben.received.filter(({ type }) => type === 'hangup')).toHaveLength(1)
  })

  test('goes on after a loss, and nobody has seen it go', async () => {
    const { pair, resumed } = await openScene()
    const { ada, ben, room } = await pair()
    await cut(ada, ben)
    ben.send({ ...hangup(ada.peer, room), id: 'x' })
    expect(await ben.next('ok', 'error')).toMatchObject({ type: 'ok' })
    const { later, answer } = await resumed(ada, 1)
    expect(answer).toEqual({ type: 'resumed', ref: 'r', peer: ada.peer, ack: 1 })
    expect(await later.next('peer-joined')).toMatchObject({ seq: 2 })
    expect(await later.next('hangup')).toMatchObject({ seq: 3, from: ben.peer })
    later.send({ ...hangup(ben.peer, room), id: 'y', seq: 2 })
    expect(await later.next('ok')).toMatchObject({ ref: 'y', seq: 4 })
    expect(await ben.next('hangup', 'peer-left', 'peer-joined')).toMatchObject({ from: ada.peer })
    // A second loss, with the same secret.
    await cut(later, ben)
    expect((await resumed(ada, 4)).answer).toMatchObject({ peer: ada.peer, ack: 2 })
  })

  test('is taken over from a connection that is half open', async () => {
    const { pair, resumed } = await openScene()
    const { ada, ben, room } = await pair()
    const { later, answer } = await resumed(ada, 2)
    expect(answer).toMatchObject({ type: 'resumed', peer: ada.peer })
    expect(await ada.next('error')).toMatchObject({ code: 'replaced', fatal: true })
    expect(await ada.closed).toBe(4409)
    later.send({ ...hangup(ben.peer, room), seq: 2 })
    expect(await ben.next('hangup', 'peer-left')).toMatchObject({ type: 'hangup', from: ada.peer })
  })

  test.each([
    ['an unknown secret', async ({ resumed }: Scene) => resumed({ session: 'x' }, 0)],
    [
      'the secret of a connection that resumed',
      async ({ ada, resumed }: Scene) => {
        const { later } = await resumed(ada, 2)
        return resumed(later, 2)
      },
    ],
    [
      'its own secret',
      async ({ resumed, client }: Scene) => {
        const own = await client()
        return resumed(own, 0, own)
      },
    ],
    [
      'other capabilities',
      async ({ ada, resumed, client }: Scene) =>
        resumed(ada, 2, await client({ ...capabilities, drain: {} })),
    ],
    ['an ack beyond what was sent', async ({ ada, resumed }: Scene) => resumed(ada, 3)],
    [
      'an ack below one before',
      async ({ ada, resumed }: Scene) => {
        ada.send({ type: 'ack', ack: 2 })
        await ada.settled()
        return resumed(ada, 1)
      },
    ],
    [
      'a numbered message before it',
      async ({ ada, room, resumed, client }: Scene) => {
        const other = await client()
        other.send({ type: 'leave', room, seq: 1 })
        await other.next('error')
        return resumed(ada, 2, other)
      },
    ],
    [
      'a window that is over',
      async ({ ada, ben, resumed, clock }: Scene) => {
        await cut(ada, ben)
        clock.advance(30_000)
        return resumed(ada, 2)
      },
    ],
    [
      'a session that bye has ended',
      async ({ ada, resumed }: Scene) => {
        ada.send({ type: 'bye' })
        await ada.closed
        return resumed(ada, 2)
      },
    ],
  ])('is refused with one answer: %s', async (_cause, play) => {
    const scene = await openScene()
    const { later, answer } = await play({ ...scene, ...(await scene.pair()) })
    expect(answer).toMatchObject(failed)
    expect(answer['message']).toBe('Cannot resume: there is no such session to go on with here')
    await later.settled()
  })

  test('stays as it was where a resume is refused', async () => {
    const { pair, resumed } = await openScene()
    const { ada, ben, room } = await pair()
    const { later } = await resumed(ada, 3)
    later.send({ type: 'join', room, seq: 1 })
    expect(await later.next('joined')).toMatchObject({ self: { peer: later.peer }, seq: 1 })
    ada.send({ ...hangup(ben.peer, room), seq: 2 })
    expect(await ben.next('hangup')).toMatchObject({ from: ada.peer })
  })

  test.each([
    ['the window is over', 'lost', 30_000, () => Promise.resolve()],
    [
      'the client says bye',
      'bye',
      0,
      ({ ada }: Scene) => {
        ada.send({ type: 'bye' })
        return Promise.resolve()
      },
    ],
    [
      'it is replaced',
      'replaced',
      0,
      async ({ ada, url, ben }: Scene) => {
        await cut(ada, ben)
        const next = await TestClient.open(url)
        next.send({ type: 'hello', versions: [1], replaces: ada.session })
        await next.next('welcome')
      },
    ],
  ])('ends when %s', async (_how, reason, ms, play) => {
    const scene = await openScene()
    const { ada, ben, room } = await scene.pair()
    await play({ ...scene, ada, ben, room })
    if (ms > 0) {
      await cut(ada, ben)
      scene.clock.advance(ms - 250)
      await ben.settled()
      expect(ben.received.filter(({ type }) => type === 'peer-left')).toEqual([])
      scene.clock.advance(250)
    }
    expect(await ben.next('peer-left')).toMatchObject({ peer: ada.peer, reason })
    expect((await scene.resumed(ada, 2)).answer).toMatchObject(failed)
  })

  test('is over when its buffer is full, and its memory is bounded', async () => {
    const { pair, resumed, server } = await openScene({
      messageBytes: 65_536,
      resumeBytes: 131_072,
      metricsAddress: '127.0.0.1:0',
    })
    const keptBytes = async () => Number(/^parley_session_bytes (\d+)$/m.exec(await server.metrics())?.[1])
    for (const isConnected of [true, false]) {
      const { ada, ben, room } = await pair()
      if (!isConnected) await cut(ada, ben)
      let kept = 0
      while (!ben.received.some(({ type }) => type === 'peer-left')) {
        kept = await keptBytes()
        expect(kept).toBeLessThan(131_072)
        ben.send({ ...hangup(ada.peer, room), 'com.example.pad': 'x'.repeat(10_000) })
        await ben.settled()
      }
      expect(kept).toBeGreaterThan(110_000)
      expect(await ben.next('peer-left')).toMatchObject({ reason: 'lost' })
      expect(await keptBytes()).toBe(0)
      if (isConnected) {
        expect(await ada.next('error')).toMatchObject({ code: 'session-overflow', fatal: true })
        expect(await ada.closed).toBe(4445)
      }
      expect((await resumed(ada, 2)).answer).toMatchObject(failed)
    }
  })

  test('outlives a gap, and goes on where it was', async () => {
    const { pair, resumed } = await openScene()
    const { ada, ben, room } = await pair()
    ada.send({ ...hangup(ben.peer, room), seq: 3 })
    ada.send({ ...hangup(ben.peer, room), seq: 2 })
    expect(await ada.next('error')).toMatchObject({ code: 'seq-gap', fatal: true })
    expect(await ada.closed).toBe(4444)
    const { later, answer } = await resumed(ada, 2)
    expect(answer).toMatchObject({ type: 'resumed', ack: 1 })
    later.send({ ...hangup(ben.peer, room), seq: 2, id: 'again' })
    expect(await ben.next('hangup', 'peer-left')).toMatchObject({ id: 'again' })
    await ben.settled()
    expect(ben.received).toEqual([])
  })

  test('is not offered where too many wait', async () => {
    const { client, url, server, clock } = await openScene({ maxConnections: 1 })
    await cut(await client())
    const offered = async () => {
      await expect.poll(async () => (await server.health()).connections).toBe(0)
      const person = await TestClient.open(url)
      person.send({ type: 'hello', versions: [1], capabilities })
      const welcome = await person.next('welcome')
      person.webSocket.close()
      await person.closed
      return Object.keys(welcome['capabilities'] as object)
    }
    expect(await offered()).toEqual([])
    clock.advance(30_000)
    expect(await offered()).toEqual(['resume'])
  })
})

describe('authentication', () => {
  const tokens = [
    { token: 'ada-1', user: 'ada' },
    { token: 'ada-2', user: 'ada', grants: [{ room: 'hall', join: true, send: false }] },
    { token: 'ada-short', user: 'ada', expiresInMs: 10_000 },
    { token: 'ben-1', user: 'ben' },
  ]

  async function openAuthenticated() {
    const scene = await openScene({
      authenticate: (token) => tokens.find((entry) => entry.token === token),
    })
    const client = async (token: string) => {
      const person = await scene.client()
      person.send({ type: 'auth', method: 'token', token })
      expect(await person.next('authenticated')).not.toHaveProperty('seq')
      return person
    }
    return { ...scene, client }
  }

  test('has to be there, and to be that of the same user; then it is the new one', async () => {
    const { client, resumed } = await openAuthenticated()
    const ada = await client('ada-1')
    ada.send({ type: 'join', room: 'hall', seq: 1 })
    await ada.next('joined')
    await cut(ada)
    expect((await resumed(ada, 1)).answer).toMatchObject({ code: 'unauthenticated' })
    expect((await resumed(ada, 1, await client('ben-1'))).answer).toMatchObject(failed)
    const { later, answer } = await resumed(ada, 1, await client('ada-2'))
    expect(answer).toMatchObject({ type: 'resumed', peer: ada.peer })
    later.send({ ...hangup('nobody-has-this-peer', 'hall'), seq: 2 })
    expect(await later.next('error')).toMatchObject({ code: 'forbidden' })
  })

  test('ends a session that waits, too', async () => {
    const { client, resumed, clock } = await openAuthenticated()
    const [ada, ben] = [await client('ada-short'), await client('ben-1')]
    for (const person of [ben, ada]) {
      person.send({ type: 'join', room: 'hall', seq: 1 })
      await person.next('joined')
    }
    await cut(ada, ben)
    clock.advance(10_250)
    expect(await ben.next('peer-left')).toMatchObject({ peer: ada.peer, reason: 'expired' })
    expect((await resumed(ada, 1, await client('ada-1'))).answer).toMatchObject(failed)
  })
})

type Scene = Awaited<ReturnType<typeof openScene>> & {
  readonly ada: Person
  readonly ben: Person
  readonly room: string
}

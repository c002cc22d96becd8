import { describe, expect, onTestFinished, test } from 'vitest'
import { TestClient, TestClock, type Received } from '../client.test.support.ts'
import { createServer, type ServerOptions } from '../server.ts'

const users = ['ada', 'ben', 'cas']
const tokens = [
  ...users.map((user) => ({ token: user, user })),
  { token: 'dee', user: 'dee', grants: [{ prefix: 'a/', join: true, send: true }] },
]

/** A server on a clock that is turned by hand, and what makes clients of it. */
async function open(options: ServerOptions = {}) {
  const clock = new TestClock()
  const server = createServer({ tokens, seeUsers: 'anyone', findRooms: 'joinable', ...options }, { clock })
  onTestFinished(() => server.close())
  const { url } = await server.listen()
  const client = async (user?: string, capabilities: Record<string, object> = { discovery: {} }) => {
    const made = await TestClient.greeted(url, capabilities)
    if (user !== undefined) {
      made.send({ type: 'auth', method: 'token', token: user })
      await made.next('authenticated')
    }
    return made
  }
  return { clock, client }
}

async function ask(client: TestClient, message: object): Promise<Received> {
  client.send({ id: 'asked', ...message })
  return client.next('ok', 'error', 'found')
}

async function join(client: TestClient, ...rooms: readonly string[]): Promise<void> {
  for (const room of rooms) {
    client.send({ type: 'join', room })
    await client.next('joined')
  }
}

async function unread(client: TestClient): Promise<readonly Received[]> {
  await client.settled()
  return client.received.splice(0)
}

const rooms = ({ items }: Received) => (items as { room: string }[]).map(({ room }) => room)

describe('find', () => {
  test('pages through rooms, with a bound of the server', async () => {
    const { client } = await open({ pageItems: 2 })
    const [ada, ben] = [await client('ada'), await client('ben')]
    await join(ben, 'a/3', 'a/1', 'a/2', 'b/1')
    await join(ada, 'a/1')
    const first = await ask(ada, { type: 'find', kind: 'rooms', prefix: 'a/' })
    expect(first).toMatchObject({
      ref: 'asked',
      items: [
        { room: 'a/1', members: 2 },
        { room: 'a/2', members: 1 },
      ],
    })
    const { cursor } = first
    const second = { type: 'found', ref: 'asked', items: [{ room: 'a/3', members: 1 }] }
    for (const limit of [2, 1])
      expect(await ask(ada, { type: 'find', kind: 'rooms', prefix: 'a/', cursor, limit })).toEqual(second)
    for (const wrong of [{ prefix: 'a' }, { kind: 'users' }, { cursor: 'abc' }])
      expect(await ask(ada, { type: 'find', kind: 'rooms', prefix: 'a/', cursor, ...wrong })).toMatchObject({
        code: 'unknown-cursor',
        fatal: false,
      })
    expect(await ask(ben, { type: 'find', kind: 'rooms', prefix: 'a/', cursor })).toMatchObject({
      code: 'unknown-cursor',
    })
  })

  test('shows rooms that grants let join, and by default only those that one is in', async () => {
    const { client } = await open()
    const [ada, dee] = [await client('ada'), await client('dee')]
    await join(ada, 'a/1', 'a/2', 'b/1')
    await join(dee, 'a/2')
    expect(rooms(await ask(dee, { type: 'find', kind: 'rooms' }))).toEqual(['a/1', 'a/2'])
    expect(rooms(await ask(ada, { type: 'find', kind: 'rooms' }))).toEqual(['a/1', 'a/2', 'b/1'])
    const shy = await open({ findRooms: 'own' })
    const [bob, eve] = [await shy.client('ada'), await shy.client('dee')]
    await join(bob, 'a/1', 'b/1')
    await join(eve, 'a/2')
    expect(rooms(await ask(eve, { type: 'find', kind: 'rooms' }))).toEqual(['a/2'])
    expect(rooms(await ask(bob, { type: 'find', kind: 'rooms' }))).toEqual(['a/1', 'b/1'])
  })

  test('shows users that are online and seen, whatever is in force for them', async () => {
    const { client } = await open()
    const ben = await client('ben', {})
    const ada = await client('ada')
    await client('ada')
    const items = async (of: TestClient, more: object = {}) =>
      (await ask(of, { type: 'find', kind: 'users', ...more }))['items']
    expect(await items(ada)).toEqual([{ user: 'ada' }, { user: 'ben' }])
    expect(await items(ada, { prefix: 'b' })).toEqual([{ user: 'ben' }])
    ben.send({ type: 'bye' })
    await ben.closed
    expect(await items(ada)).toEqual([{ user: 'ada' }])
    const { client: shy } = await open({ seeUsers: 'self' })
    await shy('ben')
    expect(await items(await shy('ada'))).toEqual([{ user: 'ada' }])
    const { client: open_ } = await open({ tokens: [], authenticate: () => undefined })
    expect((await ask(await open_(), { type: 'find', kind: 'users' }))['code']).toBe('unauthenticated')
  })

  test('may be refused for its rate, and says when to come back', async () => {
    const { client, clock } = await open({ findsPerSecond: 1 })
    const ada = await client('ada')
    const find = { type: 'find', kind: 'rooms' }
    for (let count = 0; count < 5; count += 1) expect((await ask(ada, find))['type']).toBe('found')
    const refused = await ask(ada, find)
    expect(refused).toMatchObject({ code: 'rate-limited', fatal: false, retryAfterMs: 1000 })
    clock.advance(1000)
    expect((await ask(ada, find))['type']).toBe('found')
  })

  test('belongs to nobody who has not asked for it', async () => {
    const { client } = await open()
    const ada = await client('ada', {})
    for (const message of [
      { type: 'find', kind: 'rooms' },
      { type: 'watch', users: ['ben'] },
    ])
      expect(await ask(ada, message)).toMatchObject({ code: 'unsupported-type' })
    const ben = await client('ben')
    await ask(ben, { type: 'watch', users: ['ada'] })
    expect(await unread(ada)).toEqual([])
  })
})

describe('watch', () => {
  test('is answered, then tells each change once, until it ends', async () => {
    const { client } = await open()
    const ada = await client('ada')
    ada.send({ type: 'watch', id: '1', users: ['ben', 'nobody', 'ben', 'ada'] })
    expect(await unread(ada)).toEqual([
      { type: 'ok', ref: '1' },
      { type: 'presence', user: 'ben', online: false, revision: 1 },
      { type: 'presence', user: 'nobody', online: false, revision: 1 },
      { type: 'presence', user: 'ada', online: true, revision: 1 },
    ])
    const [phone, laptop] = [await client('ben', {}), await client('ben')]
    phone.send({ type: 'bye' })
    await phone.closed
    expect(await unread(ada)).toEqual([{ type: 'presence', user: 'ben', online: true, revision: 2 }])
    laptop.webSocket.terminate()
    expect(await ada.next('presence')).toEqual({ type: 'presence', user: 'ben', online: false, revision: 3 })
    await ask(ada, { type: 'watch', users: ['ben'] })
    expect(await unread(ada)).toEqual([{ type: 'presence', user: 'ben', online: false, revision: 4 }])
    await ask(ada, { type: 'unwatch', users: ['ben', 'cas'] })
    await client('ben')
    expect(await unread(ada)).toEqual([])
    await ask(ada, { type: 'watch', users: ['ben'] })
    expect(await unread(ada)).toEqual([{ type: 'presence', user: 'ben', online: true, revision: 1 }])
  })

  test('shows a user whose session may still be resumed online, until it may not', async () => {
    const { client, clock } = await open()
    const ben = await client('ben', { resume: {} })
    const ada = await client('ada')
    await ask(ada, { type: 'watch', users: ['ben'] })
    expect(await unread(ada)).toEqual([{ type: 'presence', user: 'ben', online: true, revision: 1 }])
    ben.webSocket.terminate()
    await ben.closed
    // Everything that the server has noticed until now has been told.
    const cas = await client('cas')
    await cas.settled()
    expect(await unread(ada)).toEqual([])
    for (let seconds = 0; seconds < 40; seconds += 10) {
      await ada.settled()
      clock.advance(10_000)
    }
    expect(await ada.next('presence')).toEqual({ type: 'presence', user: 'ben', online: false, revision: 2 })
  })

  test('is bounded, and too much of it changes nothing', async () => {
    const { client } = await open({ watches: 10 })
    const ada = await client('ada')
    const some = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => `user-${String(from + index)}`)
    await ask(ada, { type: 'watch', users: some(0, 8) })
    expect(await unread(ada)).toHaveLength(8)
    expect(await ask(ada, { type: 'watch', users: ['ben', ...some(8, 10)] })).toMatchObject({
      code: 'forbidden',
    })
    await client('ben')
    expect(await unread(ada)).toEqual([])
    expect(await ask(ada, { type: 'watch', users: some(0, 10) })).toMatchObject({ type: 'ok' })
  })

  test('shows whom the application lets be seen, and of the others nothing', async () => {
    const asked: unknown[] = []
    const { client } = await open({
      maySee: ({ user, users: wanted }) => {
        asked.push([user, wanted])
        return Promise.resolve(wanted.filter((each) => each === 'ben'))
      },
    })
    await client('ben')
    await client('cas')
    const ada = await client('ada')
    ada.send({ type: 'watch', id: '1', users: ['ada', 'ben', 'cas', 'nobody'] })
    expect((await unread(ada)).slice(1)).toEqual([
      { type: 'presence', user: 'ada', online: true, revision: 1 },
      { type: 'presence', user: 'ben', online: true, revision: 1 },
      { type: 'presence', user: 'cas', online: false, revision: 1 },
      { type: 'presence', user: 'nobody', online: false, revision: 1 },
    ])
    expect(asked).toEqual([['ada', ['ben', 'cas', 'nobody']]])
    expect((await ask(ada, { type: 'find', kind: 'users', limit: 1 }))['items']).toEqual([{ user: 'ada' }])
    expect((await ask(ada, { type: 'find', kind: 'users' }))['items']).toEqual([
      { user: 'ada' },
      { user: 'ben' },
    ])
  })

  test.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['gives no list', () => 'all' as unknown as string[]],
  ])('shows nobody but oneself where the rule %s', async (_, maySee) => {
    const { client } = await open({ maySee })
    await client('ben')
    const ada = await client('ada')
    await ask(ada, { type: 'watch', users: ['ada', 'ben'] })
    expect((await unread(ada)).map(({ online }) => online)).toEqual([true, false])
  })

  test('finds nobody where nobody authenticates', async () => {
    const server = createServer({ seeUsers: 'anyone' })
    onTestFinished(() => server.close())
    const { url } = await server.listen()
    const ada = await TestClient.greeted(url, { discovery: {} })
    expect(await ask(ada, { type: 'find', kind: 'users' })).toMatchObject({ items: [] })
    await ask(ada, { type: 'watch', users: ['ada'] })
    expect(await unread(ada)).toEqual([{ type: 'presence', user: 'ada', online: false, revision: 1 }])
  })
})

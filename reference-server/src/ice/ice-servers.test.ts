import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { TestClient, TestClock } from '../client.test.support.ts'
import { folderOfTest } from '../folder.test.support.ts'
import { TestLog } from '../jwt/jwt.test.support.ts'
import { createServer, type Server, type ServerOptions } from '../server.ts'
import { turnRestSource } from './turn-rest.ts'

const open: Server[] = []
afterEach(() => Promise.all(open.splice(0).map((server) => server.close())))

async function start(options: ServerOptions = {}) {
  const clock = new TestClock()
  const log = new TestLog()
  const server = createServer({ log, idleSeconds: 10_000, pingSeconds: 9000, ...options }, { clock })
  open.push(server)
  return { clock, log, url: (await server.listen()).url }
}

const asked = { 'ice-servers': {} }
const withTurn: ServerOptions = {
  iceUrls: ['stun:turn.example', 'turn:turn.example?transport=udp', 'turns:turn.example:5349'],
  turnSecret: 'north',
  turnSeconds: 100,
}
const stun = { urls: ['stun:turn.example'] }

const folder = folderOfTest()
let files = 0

function scratch(text: string): string {
  files += 1
  const file = join(folder, String(files))
  writeFileSync(file, text)
  return file
}

interface Given {
  readonly iceServers: readonly { readonly username: string; readonly credential: string }[]
}

describe('the capability ice-servers', () => {
  test('is offered only where there are servers to name', async () => {
    const { url } = await start()
    const client = await TestClient.open(url)
    client.send({ type: 'hello', versions: [1], capabilities: asked })
    expect(await client.next('welcome')).toMatchObject({ capabilities: {} })
    client.send({ type: 'get-ice-servers', id: '1' })
    expect(await client.next('error')).toMatchObject({ ref: '1', code: 'unsupported-type' })
  })

  test('gives each peer credentials of its own, and new ones before they end', async () => {
    const { url, clock } = await start(withTurn)
    const [ada, ben] = [await TestClient.greeted(url, asked), await TestClient.greeted(url, asked)]
    const given: Given[] = []
    for (const client of [ada, ben]) {
      client.send({ type: 'get-ice-servers', id: 'i' })
      const reply = await client.next('ice-servers')
      expect(reply).toMatchObject({ ref: 'i', expiresInMs: 100_000, iceServers: [stun, {}] })
      given.push(reply as unknown as Given)
    }
    const [first, other] = given.map(({ iceServers }) => iceServers[1])
    expect(first?.username).not.toBe(other?.username)
    expect(first?.username).not.toContain(ada.peer)
    const expected = createHmac('sha1', 'north')
      .update(first?.username ?? '')
      .digest('base64')
    expect(first?.credential).toBe(expected)
    expect(Number(first?.username.split(':')[0]) * 1000).toBeGreaterThanOrEqual(clock.now() + 100_000)
    clock.advance(74_000)
    await ada.settled()
    expect(ada.received).toEqual([])
    clock.advance(1250)
    const renewed = await ada.next('ice-servers')
    expect(renewed).not.toHaveProperty('ref')
    expect((renewed as unknown as Given).iceServers[1]?.username).not.toBe(first?.username)
    clock.advance(75_250)
    expect(await ada.next('ice-servers')).toMatchObject({ expiresInMs: 100_000 })
  })

  test('begins to count anew when it is asked again, and says nothing to who has not asked', async () => {
    const { url, clock } = await start(withTurn)
    const [ada, ben] = [await TestClient.greeted(url, asked), await TestClient.greeted(url, asked)]
    ada.send({ type: 'get-ice-servers' })
    await ada.next('ice-servers')
    clock.advance(50_000)
    ada.send({ type: 'get-ice-servers' })
    await ada.next('ice-servers')
    clock.advance(50_000)
    await Promise.all([ada.settled(), ben.settled()])
    expect([...ada.received, ...ben.received]).toEqual([])
  })

  test('needs authentication where that is needed, and names no user', async () => {
    const { url } = await start({ ...withTurn, tokens: [{ token: 't', user: 'ada lovelace' }] })
    const client = await TestClient.greeted(url, asked)
    client.send({ type: 'get-ice-servers', id: '1' })
    expect(await client.next('error')).toMatchObject({ ref: '1', code: 'unauthenticated' })
    client.send({ type: 'auth', method: 'token', token: 't' })
    client.send({ type: 'get-ice-servers', id: '2' })
    expect(JSON.stringify(await client.next('ice-servers'))).not.toContain('ada')
  })

  test('reads fixed servers from a file, which have no end', async () => {
    const fixed = [{ urls: ['turn:turn.example'], username: 'u', credential: 'planted' }]
    const { url, clock } = await start({ iceServersFile: scratch(JSON.stringify(fixed)) })
    const client = await TestClient.greeted(url, asked)
    client.send({ type: 'get-ice-servers' })
    expect(await client.next('ice-servers')).toEqual({ type: 'ice-servers', iceServers: fixed })
    clock.advance(55_000)
    await client.settled()
    expect(client.received).toEqual([])
  })

  test('asks the source of an application, and goes on when it fails', async () => {
    const askers: unknown[] = []
    let works = true
    const { url, clock, log } = await start({
      iceServers: (asker) => {
        askers.push(asker)
        return works
          ? Promise.resolve({ iceServers: [stun], expiresInMs: 40_000 })
          : Promise.reject(new Error('no'))
      },
    })
    const client = await TestClient.greeted(url, asked)
    client.send({ type: 'get-ice-servers', id: '1' })
    expect(await client.next('ice-servers')).toMatchObject({ ref: '1', expiresInMs: 40_000 })
    expect(askers).toEqual([{ peer: client.peer, user: undefined }])
    works = false
    clock.advance(30_250)
    await client.settled()
    client.send({ type: 'get-ice-servers', id: '2' })
    expect(await client.next('error')).toMatchObject({
      ref: '2',
      code: 'ice-unavailable',
      fatal: false,
      of: 'get-ice-servers',
    })
    expect(log.of('getting ICE servers failed')).toHaveLength(2)
    works = true
    clock.advance(5250)
    expect(await client.next('ice-servers')).toMatchObject({ expiresInMs: 40_000 })
  })

  test.each([
    ['of another shape', () => ({ iceServers: [{ urls: 'turn:x' }] })],
    ['never', () => new Promise(() => undefined)],
  ])('does without a source that answers %s', async (_, source) => {
    const { url, clock } = await start({ iceServers: source as NonNullable<ServerOptions['iceServers']> })
    const client = await TestClient.greeted(url, asked)
    client.send({ type: 'get-ice-servers', id: '1' })
    await client.settledByBinding()
    clock.advance(5000)
    expect(await client.next('error')).toMatchObject({ ref: '1', code: 'ice-unavailable' })
  })
})

test.each<readonly [ServerOptions, RegExp]>([
  [{ iceUrls: ['turn:a'] }, /iceUrls has "turn:a", which needs turnSecret/],
  [{ turnSecret: 'x' }, /turnSecret needs a turn: or turns: URL in iceUrls/],
  [{ iceUrls: ['turn:a'], turnSecret: 'x', turnSecretFile: 'y' }, /exclude each other/],
  [{ iceUrls: ['http://a'] }, /Bad value for iceUrls/],
  [
    { iceUrls: ['turn:a'], turnSecretFile: '/nowhere/secret' },
    /Cannot read the secret in \/nowhere\/secret: ENOENT/,
  ],
  [{ iceServersFile: '/nowhere/servers' }, /Cannot read the ICE servers in \/nowhere\/servers: ENOENT/],
  [{ iceServersFile: scratch('{') }, /it is not JSON/],
  [
    { iceServersFile: scratch('[{"urls":"turn:planted"}]') },
    /\/0: none of the forms that it may have\. It takes a list such as \[\{"urls":\[/,
  ],
  [{ iceUrls: ['stun:a'], iceServers: () => ({ iceServers: [] }) }, /exclude each other/],
])('createServer() refuses %o', (options, text) => {
  expect(() => createServer(options)).toThrow(text)
})

test('turnRestSource() makes the credential of the specification', () => {
  const clock = new TestClock()
  clock.advance(1_794_999_999_500 - clock.now())
  const source = turnRestSource({ urls: ['turn:a'], secret: Buffer.from('north'), seconds: 3600 }, clock)
  const offer = source({ peer: 'p'.repeat(22), user: undefined })
  expect(offer).toMatchObject({
    iceServers: [{ urls: ['turn:a'], username: expect.stringMatching(/^1795003600:[\w-]{16}$/) as string }],
    expiresInMs: 3_600_000,
  })
})

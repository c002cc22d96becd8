import { describe, expect, test } from 'vitest'
import { TestClient, TestClock } from '../client.test.support.ts'
import { createServer, type Server } from '../index.ts'
import type { Options } from '../option.ts'
import { file, pair, part, sign, startKeyServer, TestLog } from './jwt.test.support.ts'

const key = await pair('ES256', 'one')
const stranger = await pair('ES256', 'one')
const keyFile = file('server.pem', key.pem)

interface Scene extends AsyncDisposable {
  readonly clock: TestClock
  readonly log: TestLog
  /** A token of a user that ends in so many seconds. */
  token(user: string, seconds: number, more?: object): Promise<string>
  greeted(): ReturnType<typeof TestClient.greeted>
}

async function start(options: Partial<Options> = {}): Promise<Scene> {
  const [clock, log] = [new TestClock(), new TestLog()]
  const jwt = { jwtToleranceSeconds: 0, ...(options.jwtJwksUrl === undefined ? { jwtKeyFile: keyFile } : {}) }
  const server: Server = createServer({ ...jwt, ...options, log }, { clock })
  const { url } = await server.listen()
  return {
    clock,
    log,
    token: (sub, seconds, more = {}) =>
      sign({ sub, exp: clock.now() / 1000 + seconds, ...more }, key.privateKey, { alg: 'ES256', kid: 'one' }),
    greeted: () => TestClient.greeted(url),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** Authenticates, and gives what the server says to it. */
async function authenticate(client: TestClient, token: string) {
  client.send({ type: 'auth', id: 'a', method: 'token', token })
  return client.next('authenticated', 'error')
}

const call = '0123456789abcdef0123456789abcdef'
const offer = (to: string) => ({
  type: 'offer',
  to,
  room: 'r',
  call,
  negotiation: 1,
  sdp: 'v=0\r\n',
})
const candidate = (to: string) => ({
  type: 'candidate',
  to,
  room: 'r',
  call,
  negotiation: 1,
  candidate: { candidate: '', usernameFragment: 'EsAw' },
})

describe('a server with JSON Web Tokens', () => {
  test('says who the user is, what it may do, and for how long', async () => {
    await using scene = await start()
    const client = await scene.greeted()
    const grants = [{ prefix: 'team/', join: true, send: true }]
    const token = await scene.token('ada', 60, { grants })
    expect(await authenticate(client, token)).toEqual({
      type: 'authenticated',
      ref: 'a',
      user: 'ada',
      grants,
      expiresInMs: 60_000,
    })
    client.send({ type: 'join', id: 'j', room: 'other' })
    expect(await client.next('error')).toMatchObject({ ref: 'j', code: 'forbidden' })
    client.send({ type: 'join', id: 'k', room: 'team/red' })
    await client.next('joined')
  })

  test('answers every token that is not good alike, and the third ends the connection', async () => {
    await using scene = await start()
    const now = scene.clock.now() / 1000
    const head = { alg: 'ES256', kid: 'one' }
    const bad = [
      `${part({ alg: 'none' })}.${part({ sub: 'ada', exp: now + 60 })}.`,
      await sign({ sub: 'ada', exp: now + 60 }, Buffer.from(key.pem), { alg: 'HS256' }),
      await sign({ sub: 'ada', exp: now + 60 }, stranger.privateKey, head),
      await sign({ sub: 'ada', exp: now - 60 }, key.privateKey, head),
      await sign({ sub: 'ada', exp: now + 60, aud: 'other' }, key.privateKey, head),
      await sign({ sub: 'ada', exp: now + 60, grants: 'all' }, key.privateKey, head),
      await scene.token('ada', 60, { pad: 'x'.repeat(9000) }),
      'garbage',
    ]
    const answers = new Set<string>()
    for (const token of bad) {
      const client = await scene.greeted()
      for (let time = 1; time <= 3; time += 1) {
        const { fatal, ...answer } = await authenticate(client, token)
        expect(fatal).toBe(time === 3)
        answers.add(JSON.stringify(answer))
      }
      expect(await client.closed).toBe(4401)
    }
    expect([...answers]).toEqual([
      '{"type":"error","ref":"a","code":"auth-failed","message":"The token is not valid","of":"auth"}',
    ])
    const reasons = scene.log.of('a token was refused') as { reason: string; peer: string }[]
    expect(new Set(reasons.map(({ reason }) => reason))).toEqual(
      new Set(['algorithm', 'signature', 'expired', 'audience', 'grants-claim', 'too-long', 'malformed']),
    )
    const written = JSON.stringify(scene.log.lines)
    for (const token of bad)
      for (const piece of token.split('.').filter((each) => each.length > 0))
        expect(written).not.toContain(piece)
    expect(written).not.toContain('ada')
  })

  test('renews the authentication of a live connection, and keeps it when that fails', async () => {
    await using scene = await start()
    const client = await scene.greeted()
    await authenticate(client, await scene.token('ada', 60))
    client.send({ type: 'join', room: 'r' })
    await client.next('joined')
    scene.clock.advance(50_000)
    const mismatch = await authenticate(client, await scene.token('eve', 60))
    expect(mismatch).toMatchObject({ ref: 'a', code: 'user-mismatch', fatal: false })
    const refused = await authenticate(client, await scene.token('ada', -1))
    expect(refused).toMatchObject({ ref: 'a', code: 'auth-failed', fatal: false })
    expect(await authenticate(client, await scene.token('ada', 20))).toMatchObject({
      user: 'ada',
      expiresInMs: 20_000,
    })
    scene.clock.advance(19_000)
    client.send({ type: 'update', id: 'u', room: 'r', data: 1 })
    expect(await client.next('ok')).toMatchObject({ ref: 'u' })
    scene.clock.advance(1000)
    expect(await client.next('error')).toMatchObject({ code: 'token-expired', fatal: true })
  })

  test('ends a connection whose token ends in the middle of a call, and tells the other', async () => {
    await using scene = await start()
    const [ada, bob] = [await scene.greeted(), await scene.greeted()]
    await authenticate(ada, await scene.token('ada', 30))
    await authenticate(bob, await scene.token('bob', 600))
    for (const client of [ada, bob]) {
      client.send({ type: 'join', room: 'r' })
      await client.next('joined')
    }
    ada.send(offer(bob.peer))
    const relayed = await bob.next('offer')
    expect(relayed).toMatchObject({ from: ada.peer, call })
    scene.clock.advance(29_000)
    ada.send(candidate(bob.peer))
    expect(await bob.next('candidate')).toMatchObject({ from: ada.peer })
    scene.clock.advance(1000)
    ada.send(candidate(bob.peer))
    expect(await ada.next('error')).toMatchObject({ code: 'token-expired', fatal: true })
    expect(await bob.next('peer-left')).toMatchObject({ room: 'r', peer: ada.peer, reason: 'expired' })
    await ada.closed
    await bob.settled()
    expect(bob.received).toEqual([])
  })

  test('lets tokens of known keys in while the keys cannot be fetched', async () => {
    await using keys = await startKeyServer(key.jwk)
    await using scene = await start({ jwtJwksUrl: keys.url, jwtKeysCooldownSeconds: 10 })
    const [one, other] = [await scene.greeted(), await scene.greeted()]
    expect(await authenticate(one, await scene.token('ada', 60))).toMatchObject({ user: 'ada' })
    keys.behaviour = (response) => response.destroy()
    const now = scene.clock.now() / 1000
    const unknown = await sign({ sub: 'bob', exp: now + 60 }, stranger.privateKey, {
      alg: 'ES256',
      kid: 'new',
    })
    scene.clock.advance(10_000)
    expect(await authenticate(other, unknown)).toMatchObject({ code: 'auth-failed', fatal: false })
    expect(await authenticate(other, await scene.token('bob', 60))).toMatchObject({ user: 'bob' })
    expect(scene.log.of('a token was refused')).toMatchObject([{ reason: 'unknown-key' }])
  })
})

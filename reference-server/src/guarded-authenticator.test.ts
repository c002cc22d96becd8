import { describe, expect, test } from 'vitest'
import type { Authenticator } from './authentication.ts'
import { TestClient, TestClock } from './client.test.support.ts'
import { TestLog } from './jwt/jwt.test.support.ts'
import { createServer } from './server.ts'

const token = 'planted-head-of-it.planted-body-of-it.planted-tail-of-it'

/** What a server with this authenticator says to the token, and what it logs. */
async function outcome(authenticate: Authenticator) {
  const log = new TestLog()
  await using server = createServer({ authenticate, log })
  const { url } = await server.listen()
  const client = await TestClient.greeted(url)
  client.send({ type: 'auth', id: 'a', method: 'token', token })
  const answer = await client.next('authenticated', 'error')
  const [failure] = log.of('handling a message failed') as { err?: unknown; peer?: string }[]
  return { answer, log, failure, closed: client.closed }
}

const ada = { user: 'ada', grants: [{ prefix: '', join: true, send: true }], expiresInMs: 5000 }

describe('an authenticator of an application', () => {
  test('gets the token and the peer, and may answer later', async () => {
    const { answer } = await outcome((got, peer) =>
      Promise.resolve(got === token ? { user: peer } : undefined),
    )
    expect(answer).toMatchObject({
      type: 'authenticated',
      user: expect.stringMatching(/^[\w-]{16,64}$/) as string,
    })
    expect((await outcome(() => ada)).answer).toEqual({ type: 'authenticated', ref: 'a', ...ada })
  })

  test('refuses with undefined, and with a time that is over', async () => {
    for (const found of [undefined, { user: 'ada', expiresInMs: 0 }, { user: 'ada', expiresInMs: -5 }])
      expect((await outcome(() => found)).answer).toMatchObject({ code: 'auth-failed', fatal: false })
  })

  const failing: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new TypeError('the database is away')
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('the database is away'))],
  ]
  test.each(failing)(
    'that %s ends the connection with internal: nobody knows whether the token is good',
    async (_way, work) => {
      const { answer, failure, closed } = await outcome(work as Authenticator)
      expect(answer).toMatchObject({ code: 'internal', fatal: true })
      expect(answer.message).toBe('The server has failed')
      expect(await closed).toBe(4450)
      expect(failure?.err).toMatchObject({ name: 'TypeError', message: 'the database is away' })
    },
  )

  test('that does not answer ends the connection with internal in time', async () => {
    const clock = new TestClock()
    const log = new TestLog()
    await using server = createServer({ authenticate: () => new Promise(() => undefined), log }, { clock })
    const client = await TestClient.greeted((await server.listen()).url)
    client.send({ type: 'auth', id: 'a', method: 'token', token })
    await client.settledByBinding()
    clock.advance(5000)
    expect(await client.next('error')).toMatchObject({ code: 'internal', fatal: true })
    const [failure] = log.of('handling a message failed') as { err?: unknown }[]
    expect(String(failure?.err)).toContain('The authenticator has not answered within 4500 ms')
  })

  test.each([
    null,
    true,
    false,
    'ada',
    5,
    [],
    {},
    { user: '' },
    { user: 'é' },
    { user: 'ada', grants: 'all' },
    { user: 'ada', grants: null },
    { user: 'ada', grants: [{ prefix: '', join: true }] },
    { user: 'ada', expiresInMs: '5000' },
    { user: 'ada', expiresInMs: Number.NaN },
    { user: 'ada', expiresInMs: Infinity },
  ])('that gives %j lets nobody in', async (found) => {
    const { answer, failure } = await outcome((() => found) as unknown as Authenticator)
    expect(answer).toMatchObject({ code: 'internal', fatal: true })
    expect(String(failure?.err)).toMatch(
      /The authenticator gave what is no authentication: \/\S* has the wrong shape/,
    )
  })

  test.each([
    new Error(`bad token ${token}`) as unknown,
    new Error('outer', { cause: new Error('planted-body-of-it') }),
    Object.assign(new Error('outer'), { request: { headers: { authorization: `Bearer ${token}` } } }),
    new AggregateError([new Error('planted-tail-of-it')]),
    token,
  ])('that quotes the token in what it throws does not get that logged (%#)', async (cause) => {
    const { answer, failure } = await outcome(() => {
      throw cause
    })
    expect(answer).toMatchObject({ code: 'internal', fatal: true })
    expect(failure?.err).toEqual(new Error('The authenticator threw an error that quotes the token'))
  })
})

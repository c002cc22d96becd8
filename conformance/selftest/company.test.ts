import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { runConformance } from '@parley/conformance'
import { WebSocket } from 'ws'
import { describe, expect, test } from 'vitest'
import { presenceOver } from './altered-presence.ts'
import { startMiddleman } from './middleman.ts'
import { startReferenceServer, type RunningServer } from './running-server.ts'

/** Where runs that have bob for their second user meet: each version of the kit has to know the same room. */
const room = `parley-company-${createHash('sha256').update('company bob').digest('hex').slice(0, 16)}`

/** How many come into the room while work is done. */
async function newcomersDuring({ url, tokens }: RunningServer, work: () => Promise<unknown>) {
  const socket = new WebSocket(url, 'parley.v1')
  await once(socket, 'open')
  const told: Record<string, unknown>[] = []
  let wake: () => void = () => undefined
  socket.on('message', (data: Buffer) => {
    told.push(JSON.parse(data.toString()) as Record<string, unknown>)
    wake()
  })
  const say = async (...messages: readonly object[]) => {
    for (const message of messages) socket.send(JSON.stringify(message))
    while (told.at(-1)?.['type'] !== 'pong') await new Promise<void>((resolve) => (wake = resolve))
  }
  await say(
    { type: 'hello', versions: [1] },
    { type: 'auth', method: 'token', token: tokens[0] },
    { type: 'join', room },
    { type: 'ping' },
  )
  await work()
  const before = told.splice(0)
  await say({ type: 'ping' })
  socket.close()
  await once(socket, 'close')
  return [...before, ...told].filter(({ type }) => type === 'peer-joined').length
}

/** A device of the second user that is not the kit's and leaves every call unanswered, in that room or in none. */
async function device({ url, tokens }: RunningServer, meets: boolean): Promise<AsyncDisposable> {
  const socket = new WebSocket(url, 'parley.v1')
  await once(socket, 'open')
  const answered = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      if ((JSON.parse(data.toString()) as { readonly ref?: string }).ref === 'last') resolve()
    })
  })
  for (const message of [
    { type: 'hello', versions: [1], capabilities: { calls: {} } },
    { type: 'auth', id: 'first', method: 'token', token: tokens[1] },
    ...(meets ? [{ type: 'join', id: 'meet', room }] : []),
    { type: 'ping', id: 'last' },
  ])
    socket.send(JSON.stringify(message))
  await answered
  return {
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

async function judge({ url, tokens }: RunningServer, checks: readonly string[]) {
  const { checks: results } = await runConformance({ url, tokens, checks, peers: 'none' })
  return results.map(({ id, verdict, reason = '' }) => ({ id, verdict, reason }))
}

describe('what fails because the second user has a device beside the kit’s', () => {
  test('is held against nobody where it is that of another run', async () => {
    await using server = await startReferenceServer()
    await using _other = await device(server, true)
    const results = await judge(server, ['ring.busy:devices', 'watch.only-changes'])
    expect(results.length).toBeGreaterThanOrEqual(2)
    for (const { verdict, reason } of results) {
      expect(reason).toMatch(/^Another run of the kit has the same second user/)
      expect(verdict).toBe('inconclusive')
    }
  })

  test('is no reason why there is nothing to observe', async () => {
    // As where each device of the second user is in as many calls as it may be.
    await using server = await startReferenceServer({ mayInvite: () => false })
    const [alone] = await judge(server, ['ring.states:devices'])
    expect(alone?.verdict).toBe('not-observed')
    await using _other = await device(server, true)
    expect(await judge(server, ['ring.states:devices'])).toMatchObject([
      {
        verdict: 'inconclusive',
        reason: expect.stringMatching(/^Another run of the kit has the same second user/) as string,
      },
    ])
  })

  test('is held against nobody where another run comes in the middle of a scene', async () => {
    await using server = await startReferenceServer()
    let other: Promise<AsyncDisposable> | undefined
    await using middleman = await startMiddleman(server.url, {
      // The first session of the second user: parts of the scene have been judged, and others are to come.
      toServer: async (frame, { notes }) => {
        if (frame['type'] === 'hello') notes.set('asked', frame['capabilities'])
        const asked = Object.keys((notes.get('asked') as object | undefined) ?? {})
        if (frame['token'] !== server.tokens[1] || !asked.includes('resume')) return true
        other ??= device(server, true)
        await other
        return true
      },
    })
    const results = await judge({ ...server, url: middleman.url }, ['watch.change', 'watch.online'])
    await using _other = await other
    expect(other).toBeDefined()
    expect(results.filter(({ verdict }) => verdict === 'fail')).toEqual([])
    expect(results.map(({ verdict }) => verdict)).toContain('inconclusive')
  })

  test('leaves the run incomplete where no other run shows itself: it may be the server that keeps who has gone', async () => {
    await using server = await startReferenceServer()
    await using _other = await device(server, false)
    expect(await judge(server, ['ring.busy:devices'])).toMatchObject([
      {
        verdict: 'could-not-run',
        reason: expect.stringMatching(
          /^The second user has a device that is not of this run: give a token that nobody/,
        ) as string,
      },
    ])
  })

  test('nor is a server conformant that takes for online who has gone', async () => {
    await using server = await startReferenceServer(undefined, {
      decoratePresence: (inner) => presenceOver(inner, { detach: () => [] }),
    })
    expect(await judge(server, ['watch.change:ways'])).toMatchObject([
      {
        verdict: 'could-not-run',
        reason: expect.stringContaining(
          'either the server does not notice that a user has gone, or somebody else uses',
        ) as string,
      },
    ])
  })
})

test('a run shows others each connection of the second user, whatever it looks at', async () => {
  await using server = await startReferenceServer()
  const run = (check: string) => newcomersDuring(server, () => judge(server, [check]))
  expect(await run('resume.failed:other-user')).toBe(1)
  expect(await run('rooms.members')).toBe(0)
})

test('runs at the same time with the same users hold nothing of each other against the server', async () => {
  await using server = await startReferenceServer()
  const checks = ['ring.invited', 'ring.busy', 'ring.accept', 'watch.change', 'watch.ends']
  const results = await Promise.all(Array.from({ length: 5 }, () => judge(server, checks)))
  expect(results.flat().filter(({ verdict }) => verdict === 'fail')).toEqual([])
})

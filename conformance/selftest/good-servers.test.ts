import { readFileSync } from 'node:fs'
import { checks, runConformance, type RunResult } from '@parley/conformance'
import { defaultHandlers, type Handler, type ServerOptions, type TokenEntry } from '@parley/reference-server'
import { afterAll, describe, expect, test } from 'vitest'
import { startContraryServer } from './contrary-server.ts'
import { startEdited } from './edited.ts'
import { startMiddleman } from './middleman.ts'
import { Retelling } from './retelling.ts'
import { startMinimalServer, startReferenceServer, type RunningServer } from './running-server.ts'
import { selfTestTokens } from './self-test-token.ts'
import { slowPorts } from './slow-ports.ts'
import { unpassed } from './unpassed.ts'

const [ann, bob] = selfTestTokens as readonly [TokenEntry, TokenEntry]

/** Ids of the checks that have passed on some good server. */
const passed = new Set<string>()
/** How many passed on the reference server, in a run as its users would have. */
let ordinary = 0
afterAll(() => {
  const total = String(checks.length)
  process.stdout.write(
    `\nchecks: ${String(ordinary)} of ${total} passed on the reference server, ${String(passed.size)} of ${total} on some good server\n`,
  )
})

async function run(
  server: RunningServer,
  only: readonly string[] = [],
  exhaustive = false,
): Promise<RunResult> {
  await using target = server
  const peers = only.length > 0 ? 'none' : 'wrtc'
  const drainCommand = target.drain ? { drainCommand: target.drain } : {}
  const { url, tokens } = target
  const result = await runConformance({ url, tokens, checks: only, peers, exhaustive, ...drainCommand })
  for (const { id, verdict } of result.checks) if (verdict === 'pass') passed.add(id)
  return result
}

function blemishes({ checks: results }: RunResult): string[] {
  return results
    .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-applicable' && verdict !== 'not-observed')
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason ?? ''}`)
}

describe('the whole kit finds good servers conformant', () => {
  test('reference server, with users', async () => {
    const result = await run(await startReferenceServer())
    ordinary = result.summary.pass
    expect(blemishes(result)).toEqual([])
    expect(result.verdict).toBe('conformant')
  })

  test('reference server, without authentication', async () => {
    const result = await run(await startReferenceServer({ tokens: [] }))
    expect(blemishes(result)).toEqual([])
    expect(result.verdict).toBe('conformant')
  })

  test('reference server, whose sessions wait for two seconds', async () => {
    const server = await startReferenceServer({ resumeSeconds: 2 })
    const result = await run(server, [
      ...['resume.window', 'resume.window-over', 'resume.failure-keeps:window'],
      ...['talk.lost:window', 'ring.endpoint-lost:window', 'watch.change:window'],
    ])
    expect(blemishes(result)).toEqual([])
    expect(result.summary.pass).toBe(10)
  })

  test('reference server, that keeps little unread and much for a session', async () => {
    const server = await startReferenceServer({
      messageBytes: 65_536,
      bufferedBytes: 65_536,
      resumeBytes: 8_000_000,
    })
    const result = await run(server, ['resume.fatal:too-slow', 'delivery.slow-receiver'])
    expect(result.summary.fail).toBe(0)
    expect(result.checks.find(({ id }) => id === 'resume.fatal:too-slow')?.verdict).toBe('pass')
  })

  test('minimal server, with users', async () => {
    const result = await run(await startMinimalServer(true))
    expect(blemishes(result)).toEqual([])
    expect(result.verdict).toBe('conformant')
  })

  test('minimal server, without authentication', async () => {
    const result = await run(await startMinimalServer(false))
    expect(blemishes(result)).toEqual([])
    expect(result.verdict).toBe('conformant')
  })
})

/** A server may send `peer-updated` of its own accord, at any time. */
const talkative = [
  [
    `this.#tellOthers(name, own, { type: 'peer-joined', member: describe(own) })`,
    `this.#tellOthers(name, own, { type: 'peer-joined', member: describe(own) }), room.forEach((each) => this.#tellUpdated(name, each))`,
  ],
  [
    'const receiver = room.get(message.to)',
    'const receiver = room.get(message.to); this.#tellUpdated(message.room, room.get(connection.peer))',
  ],
] as const

/** Milliseconds between two times that it does so unprompted. */
const retellMs = 15

/** A server that tells everybody again and again what they know. */
async function startRetelling(): Promise<RunningServer> {
  const server = await startReferenceServer()
  const retelling = new Retelling()
  const { url, ...middleman } = await startMiddleman(server.url, retelling)
  const timer = setInterval(() => {
    retelling.tell()
  }, retellMs)
  return {
    url,
    tokens: server.tokens,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer)
      await middleman[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const asking: ServerOptions = {
  mayInvite: () => Promise.resolve(true),
  ...{ ratePerSecond: 50, rateBurst: 100, findsPerSecond: 4, pageItems: 5 },
}

describe('the wire checks find a server conformant that takes the freedoms another way', () => {
  const narrow = { membersPerRoom: 2, roomsPerPeer: 1, dataBytes: 1 }
  const scenes: readonly (readonly [string, () => Promise<RunningServer>])[] = [
    ['other JSON, fragments, pings', () => startContraryServer()],
    ['the same without authentication', () => startContraryServer({ tokens: [] })],
    ['the data of a peer is told again whenever it does anything', () => startEdited(talkative)],
    ['and without any reason, all the time', startRetelling],
    ['the smallest limits', () => startReferenceServer(narrow)],
    ['the smallest limits without authentication', () => startReferenceServer({ ...narrow, tokens: [] })],
    ['ports and rules that answer later', () => startReferenceServer({ ...asking, tokens: [] }, slowPorts)],
    ['one token', () => startReferenceServer({ tokens: [ann] })],
    ['two tokens of one user', () => startReferenceServer({ tokens: [ann, { ...bob, user: ann.user }] })],
  ]
  test.each(scenes)('%s', async (_scene, start) => {
    await using target = await start()
    const drainCommand = target.drain ? { drainCommand: target.drain } : {}
    const { url, tokens } = target
    const result = await runConformance({ url, tokens, peers: 'none', ...drainCommand })
    for (const { id, verdict } of result.checks) if (verdict === 'pass') passed.add(id)
    const left = result.checks.filter(({ causedBy, verdict }) => verdict === 'could-not-run' && !causedBy)
    expect(blemishes({ ...result, checks: result.checks.filter((each) => !left.includes(each)) })).toEqual([])
    expect(left.filter(({ reason }) => !reason?.includes('--peers none'))).toEqual([])
  })
})

test('a token that ends in the middle of checks makes none of them fail', async () => {
  const tokens = selfTestTokens.map((token) => ({ ...token, expiresInMs: 300 }))
  await using target = await startReferenceServer({ tokens })
  const result = await runConformance({ url: target.url, tokens: target.tokens, peers: 'none' })
  expect(result.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'kit-error')).toEqual([])
})

describe('checks that an ordinary server gives nothing to do pass on one that does', () => {
  const expiresInMs = 2000
  const scenes: readonly (readonly [string, ServerOptions, readonly string[]])[] = [
    ['one user whose token ends', { tokens: [ann, { ...bob, expiresInMs }] }, ['auth.expiry', 'rooms.ended']],
    [
      'users whose tokens end',
      {
        tokens: [
          { ...ann, expiresInMs },
          { ...bob, expiresInMs },
        ],
      },
      ['auth.refresh:expiry', 'auth.failure-keeps:end', 'auth.user-mismatch:end'],
    ],
    [
      'two tokens of one user',
      {
        tokens: [
          { ...ann, grants: [{ prefix: 'parley-', join: true, send: true }] },
          { ...bob, user: ann.user },
        ],
      },
      ['auth.refresh:grants', 'auth.grants:rejoin', 'resume.authentication:join'],
    ],
    [
      'two tokens of one user that let it send in different rooms',
      {
        tokens: [
          {
            ...ann,
            grants: ['parley-', 'listen-'].map((prefix) => ({ prefix, join: true, send: true })),
          },
          { ...bob, user: ann.user },
        ],
      },
      ['auth.refresh:send', 'resume.authentication:send'],
    ],
    [
      'two tokens of one user, of which one ends',
      { tokens: [ann, { ...ann, token: bob.token, expiresInMs }] },
      [
        'resume.authentication:end',
        'resume.authentication:earlier-end',
        'resume.expiry',
        'resume.fatal:token-expired',
      ],
    ],
    [
      'a grant that names a room',
      {
        tokens: [
          ann,
          { ...bob, grants: [...(bob.grants ?? []), { room: 'lounge', join: true, send: true }] },
        ],
      },
      ['auth.grants'],
    ],
    ['users who do not see each other', { seeUsers: 'self' }, ['watch.no-oracle']],
    [
      'a small rate',
      { rateBurst: 120, ratePerSecond: 50 },
      ['delivery.rate', 'delivery.rate-single', 'delivery.burst'],
    ],
  ]
  test.each(scenes)('%s', async (_scene, options, only) => {
    expect(blemishes(await run(await startReferenceServer(options), only))).toEqual([])
  })
})

test('a server may end the memberships that a refresh no longer allows', async () => {
  const tokens: TokenEntry[] = [
    { ...ann, grants: ['parley-', 'first-'].map((prefix) => ({ prefix, join: true, send: true })) },
    { ...ann, token: bob.token, grants: [{ prefix: 'parley-', join: true, send: true }] },
  ]
  let ended = 0
  const auth: Handler<'auth'> = async (message, connection, services, frame) => {
    await defaultHandlers.auth(message, connection, services, frame)
    const all = { prefix: 'first-', after: undefined, most: 100, member: connection.peer }
    if (message.token !== bob.token) return
    for (const { room } of await services.directory.listRooms(all)) {
      ended += 1
      await defaultHandlers.leave({ type: 'leave', room }, connection, services, frame)
    }
  }
  const server = await startReferenceServer({ tokens }, { handlers: { ...defaultHandlers, auth } })
  const result = await run(server, ['auth.grants:rejoin', 'auth.refresh'])
  expect(blemishes(result)).toEqual([])
  expect(result.checks.find(({ id }) => id === 'auth.grants:rejoin')?.verdict).toBe('pass')
  expect(ended).toBeGreaterThan(0)
})

test('a server may tell a member again, unasked, what it knows, also one whose session waits', async () => {
  const timers: NodeJS.Timeout[] = []
  const join: Handler<'join'> = async (message, client, services, frame) => {
    await defaultHandlers.join(message, client, services, frame)
    const again = { type: 'update', room: message.room, data: 1 } as const
    const repeat = async () => {
      const others = await services.directory.others(message.room, client.peer)
      if (others !== undefined) await defaultHandlers.update(again, client, services, frame)
    }
    timers.push(setInterval(() => void repeat(), 20))
  }
  const server = await startReferenceServer({}, { handlers: { ...defaultHandlers, join } })
  const result = await run(server, [
    'resume.failed',
    'resume.no-oracle',
    'resume.failure-keeps',
    'resume.goes-on',
    'ack.beyond',
    'ack.old',
  ])
  for (const timer of timers) clearInterval(timer)
  expect(blemishes(result)).toEqual([])
})

test('a server that rings peers and no users fails nothing: that users can be rung is recommended', async () => {
  await using server = await startReferenceServer()
  await using middleman = await startMiddleman(server.url, {
    // The server itself refuses it, as it does for whoever is not there.
    toServer: (frame) =>
      frame['type'] === 'invite' && 'user' in (frame['callee'] as object)
        ? { ...frame, callee: { user: 'nobody' } }
        : true,
  })
  const { checks: results } = await runConformance({
    url: middleman.url,
    tokens: server.tokens,
    filter: 'ring.',
    peers: 'none',
  })
  expect(results.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual([])
})

test('more than any connection holds is seen to hold up nobody', async () => {
  const result = await run(await startReferenceServer(), ['delivery.slow-alone'], true)
  expect(blemishes(result)).toEqual([])
  expect(result.checks[0]?.evidence?.[0]).toMatch(/: its connection was ended before all had come$/)
})

test('every check has passed on some good server, or has a reason why it cannot in this time', () => {
  // Those of a slow run: what is called off has had its time.
  const either = ['connection.hello-wait:over', 'auth.wait:over']
  const idle = checks.map(({ id }) => id).filter((id) => !passed.has(id) || either.includes(id))
  expect(idle.toSorted()).toEqual(Object.keys(unpassed).toSorted())
})

test('the minimal server has at most 400 lines that are neither blank nor comment', () => {
  const file = new URL('../../docs/examples/minimal-server/server.js', import.meta.url)
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const lines = code.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('//'))
  expect(lines.length).toBeGreaterThan(200)
  expect(lines.length).toBeLessThanOrEqual(400)
})

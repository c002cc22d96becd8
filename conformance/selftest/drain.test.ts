import { runConformance, type CheckResult, type ConformanceOptions } from '@parley/conformance'
import type { ServerOptions } from '@parley/reference-server'
import { describe, expect, test } from 'vitest'
import { startMiddleman } from './middleman.ts'
import { changed } from './rule.ts'
import { startMinimalServer, startReferenceServer, type RunningServer } from './running-server.ts'

const drainChecks = [
  'drain.goaway',
  'drain.newcomer',
  'drain.joins',
  'drain.joins:resumed',
  'drain.untold',
  'drain.under-way',
  'drain.not-before',
  'drain.ends',
  'websocket.draining-code',
]

/** Verdict and reason of each check of a server that drains. */
async function run(
  server: RunningServer,
  options: Pick<ConformanceOptions, 'checks' | 'drainCommand' | 'timeoutScale'> = {},
): Promise<Record<string, Pick<CheckResult, 'verdict' | 'reason'>>> {
  const { url, tokens } = server
  const result = await runConformance({ url, tokens, checks: drainChecks, peers: 'none', ...options })
  return Object.fromEntries(
    result.checks.map(({ id, verdict, reason }) => [
      id,
      { verdict, ...(reason === undefined ? {} : { reason }) },
    ]),
  )
}

const start = (options: ServerOptions = {}) => startReferenceServer({ tokens: [], ...options })

/** All checks with one verdict and reason. */
const all = (verdict: CheckResult['verdict'], reason: unknown) =>
  Object.fromEntries(drainChecks.map((id) => [id, { verdict, reason }]))

describe('checks of a server that drains', () => {
  test('are not observed unless the user says how it begins to', async () => {
    await using server = await start()
    const reason = expect.stringContaining('run with --drain-command CMD') as unknown
    expect(await run(server)).toEqual(all('not-observed', reason))
  })

  test('come to no judgement where the command fails, with its words', async () => {
    await using server = await start()
    const drainCommand = 'echo "no such process" >&2; exit 3'
    expect(await run(server, { drainCommand, timeoutScale: 0.2 })).toEqual(
      all('could-not-run', 'The command of --drain-command ended with 3: no such process'),
    )
  })

  test('come to no judgement where the command makes nothing happen', async () => {
    await using server = await start()
    const reason = expect.stringMatching(
      /^The command of --drain-command has ended, and \d+ s later no goaway had come.*: does it make this server drain\?$/,
    ) as unknown
    expect(await run(server, { drainCommand: 'true', timeoutScale: 0.2 })).toEqual(
      all('could-not-run', reason),
    )
  })

  test('wait for no end that is far away', async () => {
    await using server = await start({ drainSeconds: 3600 })
    const found = await run(server, { drainCommand: server.drain ?? '' })
    const reason = expect.stringMatching(
      /^The server drains for 3\d{6} ms: run with --exhaustive to wait for its end$/,
    ) as unknown
    for (const id of ['drain.not-before', 'drain.ends', 'websocket.draining-code'])
      expect(found[id]).toEqual({ verdict: 'not-observed', reason })
    expect(found['drain.under-way']).toEqual({ verdict: 'pass' })
  })

  test('come to no judgement of what is over before it could be looked at', async () => {
    await using server = await start()
    await using middleman = await startMiddleman(server.url, {
      toClient: changed('goaway', (frame, passage) => {
        setImmediate(() => {
          passage.end(1001)
        })
        return { ...frame, inMs: 0 }
      }),
    })
    const hasty = { ...server, url: middleman.url }
    const found = await run(hasty, { drainCommand: server.drain ?? '' })
    const ended =
      /^The server ended the connection after the 0 ms of its goaway, before everything had been looked at/
    expect(found).toMatchObject({
      'drain.goaway': { verdict: 'pass' },
      'drain.under-way': { verdict: 'not-observed', reason: expect.stringMatching(ended) as unknown },
      'drain.not-before': { verdict: 'pass' },
      'drain.ends': { verdict: 'pass' },
    })
  })

  test('look at the close code of a server that has no drain', async () => {
    await using server = await startMinimalServer(false)
    const found = await run(server, { drainCommand: server.drain ?? '' })
    const reason = 'The server does not offer the capability drain'
    expect(found).toEqual({
      ...all('not-applicable', reason),
      'websocket.draining-code': { verdict: 'pass' },
    })
  })

  test('see credentials renewed that end before the server does', async () => {
    await using server = await start({ drainSeconds: 4, turnSeconds: 2 })
    const checks = ['ice.renewed:draining']
    expect(await run(server, { checks, drainCommand: server.drain ?? '' })).toEqual({
      'ice.renewed:draining': { verdict: 'pass' },
    })
  })

  test('run after all others, and whether the server is still there is asked before', async () => {
    await using server = await start()
    const { url, tokens } = server
    let drained = 0
    const { phases = [], checks } = await runConformance({
      url,
      tokens,
      peers: 'none',
      checks: [
        'relay.delivered',
        'drain.goaway',
        'frames.others-unharmed',
        'frames.shape',
        'connection.pong',
      ],
      drainCommand: () => {
        drained += 1
        return server.drain?.()
      },
    })
    expect(drained).toBe(1)
    expect(phases.map(({ name }) => name)).toEqual([
      'preflight',
      'ordinary',
      'hostile',
      'still there',
      'draining',
      'in hindsight',
    ])
    expect(checks.filter(({ verdict }) => verdict !== 'pass').map(({ id, reason }) => [id, reason])).toEqual(
      checks.filter(({ chapter }) => chapter === 'end-to-end').map(({ id, reason }) => [id, reason]),
    )
  })
})

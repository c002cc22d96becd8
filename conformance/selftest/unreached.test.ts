import { runConformance, type RunResult } from '@parley/conformance'
import { expect, test } from 'vitest'
import { startCountingProxy } from './counting-proxy.ts'
import { startReferenceServer } from './running-server.ts'

/** @param held - Number of the connection that is taken and gets no further. */
async function run(held = 0): Promise<{ readonly result: RunResult; readonly connections: number }> {
  await using server = await startReferenceServer()
  await using proxy = await startCountingProxy(server.url, (number) => number === held)
  const options = {
    tokens: server.tokens,
    peers: 'none',
    checks: ['rooms.leave'],
    timeoutScale: 0.3,
  } as const
  const result = await runConformance({ ...options, url: proxy.url })
  return { result, connections: proxy.count.total }
}

test('a check that could not connect in time is asked again alone', async () => {
  const { connections } = await run()
  const { result } = await run(connections - 1)
  const judged = result.checks.filter(({ verdict }) => verdict !== 'not-observed')
  expect(judged.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
  expect(judged.some(({ attempts }) => attempts === 2)).toBe(true)
})

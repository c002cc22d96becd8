import { runConformance, type ConformanceOptions } from '@parley/conformance'
import { expect, test } from 'vitest'
import { startReferenceServer } from './running-server.ts'

const checks = ['ring.invited', 'ring.busy', 'ring.accept', 'watch.change', 'watch.ends']

test('runs at the same time with the same users hold nothing of each other against the server', async () => {
  await using server = await startReferenceServer()
  const options: ConformanceOptions = { url: server.url, tokens: server.tokens, checks, peers: 'none' }
  const results = await Promise.all(Array.from({ length: 5 }, () => runConformance(options)))
  const judged = results.flatMap((result) => result.checks)
  const failed = judged.filter(({ verdict }) => verdict === 'fail')
  expect(failed.map(({ id, reason = '' }) => `${id}: ${reason}`)).toEqual([])
  const excused = judged.filter(({ reason = '' }) => reason.includes('Another run of the kit'))
  expect(excused.length).toBeGreaterThan(0)
})

import { runConformance, type ConformanceOptions } from '@parley/conformance'
import { expect, test } from 'vitest'
import { startReferenceServer } from './running-server.ts'

/** Most checks that ran at the same time, by when each ended and how long it took; rounding makes a check up to a millisecond longer than it was. */
async function mostAtOnce(options: Pick<ConformanceOptions, 'concurrency' | 'filter'>): Promise<number> {
  await using server = await startReferenceServer()
  const spans: { readonly from: number; readonly to: number }[] = []
  const { url, tokens } = server
  await runConformance({
    ...options,
    url,
    tokens,
    peers: 'none',
    onEvent: (event) => {
      if (event.type !== 'check') return
      const to = performance.now()
      // What did not apply took no time.
      spans.push({ from: to - event.result.durationMs + 1, to })
    },
  })
  return Math.max(
    ...spans.map(({ from }) => spans.filter((span) => span.from <= from && from < span.to).length),
  )
}

test('no more checks run at a time than the user wants, those that only wait among them', async () => {
  const most = await mostAtOnce({ concurrency: 3, filter: 'ring.' })
  expect(most).toBe(3)
})

test('one check runs after the other where the user wants that', async () => {
  expect(await mostAtOnce({ concurrency: 1, filter: 'rooms.u' })).toBe(1)
})

test('checks that only wait take no place of others where the user has said nothing', async () => {
  expect(await mostAtOnce({ filter: 'ring.' })).toBeGreaterThan(24)
})

test('what takes longest begins first, so that no run ends with waiting for it alone', async () => {
  await using server = await startReferenceServer()
  const order: string[] = []
  await runConformance({
    url: server.url,
    tokens: server.tokens,
    peers: 'none',
    concurrency: 1,
    checks: ['rooms.name'],
    onEvent: (event) => {
      if (event.type === 'check') order.push(event.result.id)
    },
  })
  expect(order.length).toBeGreaterThan(3)
  expect(order[0]).toBe('rooms.name:literal')
})

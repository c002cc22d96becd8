import { runConformance } from '@parley/conformance'
import { expect, test } from 'vitest'
import { startMiddleman } from '../middleman.ts'
import { startReferenceServer } from '../running-server.ts'

/** Longer than the credentials of the self-test's server last, and shorter than a message may take. */
const heldMs = 4500

test('a call that was so slow that its credentials had ended is tried again', async () => {
  await using server = await startReferenceServer()
  let offers = 0
  await using middleman = await startMiddleman(server.url, {
    toClient: async (frame) => {
      if (frame['type'] !== 'offer') return true
      offers += 1
      if (offers === 1) await new Promise((resolve) => setTimeout(resolve, heldMs))
      return true
    },
  })
  const { checks } = await runConformance({
    url: middleman.url,
    tokens: server.tokens,
    checks: ['ice.accepted:peers'],
  })
  const call = checks.find(({ id }) => id === 'ice.accepted:peers')
  expect(call).toMatchObject({ verdict: 'pass', attempts: 2 })
})

import { runConformance } from '@parley/conformance'
import { expect, test } from 'vitest'
import { startMiddleman } from '../middleman.ts'
import { startReferenceServer } from '../running-server.ts'

/** Credentials of this server end 2 to 3 s after they were given: a TURN server counts whole seconds. */
const turnSeconds = 2

/** Longer than the credentials last, and shorter than a message may take. */
const heldMs = 4000

test.each([
  { held: 'offer', what: 'the callee gets no relay' },
  { held: 'answer', what: 'the caller is refused a permission for the relay of the callee' },
])('a call whose $held came after its credentials had ended is tried again: $what', async ({ held }) => {
  await using server = await startReferenceServer({ turnSeconds })
  let seen = 0
  await using middleman = await startMiddleman(server.url, {
    toClient: async (frame) => {
      if (frame['type'] !== held) return true
      seen += 1
      if (seen === 1) await new Promise((resolve) => setTimeout(resolve, heldMs))
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

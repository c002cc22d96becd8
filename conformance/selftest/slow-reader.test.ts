import { runConformance, type CheckResult } from '@parley/conformance'
import { expect, test } from 'vitest'
import type { MiddlemanRules, Passage } from './middleman.ts'
import { tampered } from './mutant.ts'
import { isRelayed } from './rule.ts'
import { startReferenceServer, type RunningServer } from './running-server.ts'

async function judge(start: Promise<RunningServer>): Promise<CheckResult | undefined> {
  await using server = await start
  const { url, tokens } = server
  const options = { url, tokens, checks: ['delivery.slow-alone'], peers: 'none', timeoutScale: 0.2 } as const
  return (await runConformance(options)).checks[0]
}

/** Answers the sender of long messages only once their receiver has read them. */
function untilRead(): MiddlemanRules {
  const passages = new Set<Passage>()
  let read: Promise<void> | undefined
  return {
    passages,
    toServer: async (frame, _passage, text) => {
      if (!isRelayed(frame) || text.length < 10_000) return true
      read ??= [...passages].find(({ peer }) => peer === frame['to'])?.hasRead()
      await read
      return true
    },
  }
}

test('what may have fitted into the buffers of a connection shows nothing of who is held up', async () => {
  const result = await judge(startReferenceServer())
  expect(result?.verdict).toBe('not-observed')
  expect(result?.reason).toMatch(/^Nobody was held up, but the 5\.\d MB .* may have fitted into the buffers/)
})

test('a sender that has to wait shows that its receiver was full', async () => {
  const { start } = tampered('of this test', 'delivery.slow-alone', untilRead)
  expect(await judge(start())).toMatchObject({
    verdict: 'pass',
    evidence: [expect.stringMatching(/: its sender had to wait$/)],
  })
})

import { runConformance, TargetProblem } from '@parley/conformance'
import { describe, expect, test } from 'vitest'
import { miniatures, type Miniature } from './miniatures.ts'

async function fateOf(miniature: Miniature): Promise<string> {
  await using server = await miniature.start()
  try {
    // The end-to-end checks have no part in this: their absence alone would make a run incomplete.
    const { verdict, checks } = await runConformance({
      url: server.url,
      tokens: server.tokens,
      peers: 'none',
      timeoutScale: 0.2,
    })
    const judged = checks.filter(({ chapter }) => chapter !== 'end-to-end')
    const clean = judged.every((check) => ['pass', 'not-applicable', 'not-observed'].includes(check.verdict))
    return verdict === 'incomplete' && clean ? 'conformant' : verdict
  } catch (error) {
    if (error instanceof TargetProblem) return error.kind
    throw error
  }
}

describe('runConformance() against miniatures', () => {
  test.each(miniatures)('$name: $fate', async (miniature) => {
    expect(await fateOf(miniature)).toBe(miniature.fate)
  })
})

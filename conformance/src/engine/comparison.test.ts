import { describe, expect, test } from 'vitest'
import { checkResult, runResult } from '../report/result.test.fixture.ts'
import { compareResults } from './comparison.ts'
import type { RunResult } from './result.ts'
import type { CheckVerdict } from './verdict.ts'

function run(verdicts: Readonly<Record<string, CheckVerdict>>, verdict: RunResult['verdict'] = 'incomplete') {
  return runResult(
    Object.entries(verdicts).map(([id, each]) => checkResult({ id, verdict: each })),
    { verdict },
  )
}

describe('compareResults()', () => {
  test.each([
    ['pass', 'fail', 'worse'],
    ['pass', 'warn', 'worse'],
    ['pass', 'inconclusive', 'worse'],
    ['not-applicable', 'fail', 'worse'],
    ['could-not-run', 'fail', 'worse'],
    ['fail', 'pass', 'better'],
    ['warn', 'pass', 'better'],
    ['fail', 'could-not-run', 'better'],
    ['pass', 'not-observed', 'other'],
    ['could-not-run', 'inconclusive', 'other'],
  ] as const)('%s to %s is %s', (before, after, side) => {
    const comparison = compareResults(run({ 'a.b': before }), run({ 'a.b': after }))
    expect(comparison[side].map((change) => change.after.id)).toEqual(['a.b'])
    expect(comparison.worse.length + comparison.better.length + comparison.other.length).toBe(1)
    expect(comparison.gotWorse).toBe(side === 'worse')
  })

  test('the same again is no change', () => {
    const same = run({ 'a.b': 'fail', 'a.c': 'pass' })
    expect(compareResults(same, same)).toMatchObject({ worse: [], better: [], other: [], gotWorse: false })
  })

  test('a new check that fails is worse, one that passes or is gone is not', () => {
    const before = run({ 'a.b': 'pass' })
    expect(compareResults(before, run({ 'a.b': 'pass', 'a.c': 'fail' })).gotWorse).toBe(true)
    expect(compareResults(before, run({ 'a.b': 'pass', 'a.c': 'pass' })).gotWorse).toBe(false)
    expect(compareResults(run({ 'a.b': 'pass', 'a.c': 'pass' }), before)).toMatchObject({
      removed: [{ id: 'a.c' }],
      gotWorse: false,
    })
  })

  test('a worse verdict of the run is worse though no check is', () => {
    expect(compareResults(run({}, 'conformant'), run({}, 'incomplete')).gotWorse).toBe(true)
    expect(compareResults(run({}, 'non-conformant'), run({}, 'incomplete')).gotWorse).toBe(false)
  })
})

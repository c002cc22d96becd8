import { describe, expect, test } from 'vitest'
import { checkResult, runResult } from '../report/result.test.fixture.ts'
import type { Baseline } from './baseline.ts'
import { expectedExitCode, withExpectation } from './expectation.ts'
import type { RunResult } from './result.ts'
import { runVerdict, tally, type CheckVerdict } from './verdict.ts'

const known: Baseline = {
  format: 1,
  failures: [
    { check: 'a.fails', verdict: 'fail', reason: 'issue 1' },
    { check: 'a.blocked', verdict: 'could-not-run', reason: 'needs a.fails' },
  ],
}

function judge(verdicts: Readonly<Record<string, CheckVerdict>>, complete = true) {
  const checks = Object.entries(verdicts).map(([id, verdict]) => checkResult({ id, verdict }))
  const verdict = runVerdict(tally(Object.values(verdicts)), complete)
  const selection: RunResult['selection'] = { complete, checks: [], exhaustive: false, peers: 'wrtc' }
  const result = withExpectation(runResult(checks, { verdict, selection }), known)
  const { expectation } = result
  if (!expectation) throw new Error('a result without expectation')
  return { code: expectedExitCode(result, expectation), verdict: result.verdict, expectation }
}

const asExpected = { 'a.fails': 'fail', 'a.blocked': 'could-not-run', 'a.good': 'pass' } as const

describe('withExpectation()', () => {
  test('exactly as expected ends with 0, and stays non-conformant', () => {
    const { code, verdict, expectation } = judge(asExpected)
    expect([code, verdict]).toEqual([0, 'non-conformant'])
    expect(expectation.known.map(({ check }) => check)).toEqual(['a.fails', 'a.blocked'])
  })

  test.each([
    ['a new failure', { 'a.good': 'fail' }, 1, { newFailures: ['a.good'] }],
    ['a new pass', { 'a.fails': 'pass' }, 1, { newPasses: ['a.fails'] }],
    [
      'a known failure that does not apply any more',
      { 'a.fails': 'not-applicable' },
      1,
      { newPasses: ['a.fails'] },
    ],
    ['a blocked check that runs and fails', { 'a.blocked': 'fail' }, 1, { newFailures: ['a.blocked'] }],
    ['a known failure that was not judged', { 'a.fails': 'inconclusive' }, 3, { undecided: ['a.fails'] }],
    ['a check that could not run', { 'a.good': 'could-not-run' }, 3, { undecided: ['a.good'] }],
    ['a warning', { 'a.good': 'warn' }, 0, { newFailures: [], newPasses: [] }],
    ['a fault of the kit', { 'a.good': 'kit-error' }, 5, { newFailures: [] }],
  ] as const)('%s', (_name, change, code, expectation) => {
    expect(judge({ ...asExpected, ...change })).toMatchObject({ code, expectation })
  })

  test('a part of the checks is incomplete, and says what it did not look at', () => {
    const { code, expectation } = judge({ 'a.good': 'pass', 'a.fails': 'fail' }, false)
    expect(code).toBe(3)
    expect(expectation.notRun).toEqual(['a.blocked'])
  })
})

import { describe, expect, test } from 'vitest'
import { runVerdict, tally, type CheckVerdict } from './verdict.ts'

function verdictOf(verdicts: CheckVerdict[], complete = true) {
  return runVerdict(tally(verdicts), complete)
}

describe('runVerdict()', () => {
  test('calls a run without blemish conformant, whatever could not apply', () => {
    expect(verdictOf(['pass', 'warn', 'not-applicable', 'not-observed'])).toBe('conformant')
  })

  test('never calls a run conformant in which nothing was executed', () => {
    expect(verdictOf([])).toBe('incomplete')
    expect(verdictOf(['not-applicable', 'not-observed'])).toBe('incomplete')
  })

  test('never calls a part of the checks conformant', () => {
    expect(verdictOf(['pass'], false)).toBe('incomplete')
  })

  test.each<[CheckVerdict, string]>([
    ['fail', 'non-conformant'],
    ['kit-error', 'kit-error'],
    ['could-not-run', 'incomplete'],
    ['inconclusive', 'incomplete'],
  ])('one %s makes it %s', (verdict, expected) => {
    expect(verdictOf(['pass', verdict])).toBe(expected)
  })

  test('a failure of a part is a failure', () => {
    expect(verdictOf(['fail', 'could-not-run'], false)).toBe('non-conformant')
  })
})

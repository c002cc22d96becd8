import type { Expectation } from '../engine/expectation.ts'
import { plural } from './words.ts'

/** What a comparison with the known failures has to say: a sentence, and the checks that it is about. */
export interface ExpectationLine {
  readonly good: boolean
  readonly text: string
  readonly checks: readonly string[]
}

/** How a run compares with its known failures, in sentences; the worst first. */
export function expectationLines(expectation: Expectation): ExpectationLine[] {
  const { known, newFailures, newPasses, undecided, notRun } = expectation
  const lines: ExpectationLine[] = [
    {
      good: false,
      text: `${plural(newFailures.length, 'new failure')}, not among the known ones`,
      checks: newFailures,
    },
    {
      good: false,
      text: `${plural(newPasses.length, 'known failure')} no longer there: take out of the file what does not fail any more`,
      checks: newPasses,
    },
    {
      good: false,
      text: `${plural(undecided.length, 'check')} not judged, and not expected so`,
      checks: undecided,
    },
    {
      good: true,
      text: `${plural(notRun.length, 'known failure')} not looked at in this selection`,
      checks: notRun,
    },
    {
      good: true,
      text: `${plural(known.length, 'known failure')}, as expected; the verdict stays what it is`,
      checks: known.map(({ check }) => check),
    },
  ]
  return lines.filter(({ checks }) => checks.length > 0)
}

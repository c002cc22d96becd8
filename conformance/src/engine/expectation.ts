import { exitCodes } from '../exit-code.ts'
import type { Baseline } from './baseline.ts'
import type { RunResult } from './result.ts'

/** How a run compares with its baseline. */
export type Expectation = NonNullable<RunResult['expectation']>

/**
 * Adds to a result how it compares with what was expected. The verdict stays what it is: a failure that is known is a failure.
 */
export function withExpectation(result: RunResult, { failures }: Baseline): RunResult {
  const listed = new Map(failures.map((entry) => [entry.check, entry]))
  const seen = new Set(result.checks.map(({ id }) => id))
  const expectation: Expectation = {
    known: [],
    newFailures: [],
    newPasses: [],
    undecided: [],
    notRun: failures.map(({ check }) => check).filter((check) => !seen.has(check)),
  }
  for (const { id, verdict } of result.checks) {
    const entry = listed.get(id)
    if (entry?.verdict === verdict) expectation.known.push(entry)
    else if (verdict === 'fail') expectation.newFailures.push(id)
    else if (verdict === 'could-not-run' || verdict === 'inconclusive') expectation.undecided.push(id)
    else if (entry && verdict !== 'kit-error') expectation.newPasses.push(id)
  }
  return { ...result, expectation }
}

/**
 * The exit code of a run with a baseline: 0 only when every check was judged exactly as expected. What was not judged, and was not expected
 * so, is incomplete; it is neither a new failure nor a new pass.
 */
export function expectedExitCode({ verdict, selection }: RunResult, expectation: Expectation): number {
  if (verdict === 'kit-error') return exitCodes['kit-error']
  if (expectation.newFailures.length + expectation.newPasses.length > 0) return exitCodes['non-conformant']
  if (expectation.undecided.length > 0 || !selection.complete) return exitCodes.incomplete
  return exitCodes.conformant
}

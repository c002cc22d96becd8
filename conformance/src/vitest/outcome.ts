import type { TestContext } from 'vitest'
import type { CheckResult, RunResult } from '../engine/result.ts'
import { paletteFor } from '../report/palette.ts'
import { problem, type TerminalStyle } from '../report/problem.ts'
import { verdictMeanings } from '../report/words.ts'

/** A test's error has the report's text, without colours: vitest adds its own. */
const style: TerminalStyle = { palette: paletteFor({}, true), columns: 100, verbose: true }

/**
 * Ends a test the way its check ended.
 *
 * @throws A {@link plainError} when the server failed, or could not be judged.
 */
export function tellOutcome(run: RunResult | undefined, id: string, context: TestContext): void {
  const result = run?.checks.find((check) => check.id === id)
  if (!run || !result) throw plainError(`The kit did not run the check "${id}"; please report it`)
  if (leftOut(run, result)) context.skip(`${result.verdict}: ${result.reason ?? ''}`)
  switch (result.verdict) {
    case 'pass':
      return
    case 'warn':
      warn(result, context)
      return
    case 'not-applicable':
    case 'not-observed':
      return context.skip(`${result.verdict}: ${result.reason ?? ''}`)
    case 'fail':
    case 'could-not-run':
    case 'inconclusive':
    case 'kit-error':
      throw plainError(problem(result, style))
  }
}

/**
 * Ends the test of the run's verdict. A run in which the author left checks out cannot show conformance: it is skipped, never passed.
 *
 * @throws A {@link plainError} unless the server conforms.
 */
export function tellVerdict(run: RunResult | undefined, context: TestContext): void {
  if (!run) throw plainError('The kit did not run; please report it')
  if (run.verdict === 'conformant') return
  const text = `${run.verdict}: ${verdictMeanings[run.verdict]}\n${run.reason ?? ''}`
  const undecided = run.checks.some(
    (check) =>
      (check.verdict === 'could-not-run' || check.verdict === 'inconclusive') && !leftOut(run, check),
  )
  if (run.verdict === 'incomplete' && !run.selection.complete && !undecided) context.skip(text)
  throw plainError(text)
}

/** An error without a stack: the place in the kit's code says nothing to the author of a server. */
export function plainError(cause: unknown): Error {
  const error = new Error(cause instanceof Error ? cause.message : String(cause))
  error.name = cause instanceof Error ? cause.name : 'Conformance'
  error.stack = `${error.name}: ${error.message}`
  return error
}

function warn(result: CheckResult, context: TestContext): void {
  const text = problem(result, style)
  console.warn(text)
  void context.annotate(text, 'warning')
}

/** Whether the author of the suite chose not to run a check: `peers: 'none'` leaves out those with real peers. */
function leftOut({ selection }: RunResult, { chapter, verdict }: CheckResult): boolean {
  return selection.peers === 'none' && chapter === 'end-to-end' && verdict === 'could-not-run'
}

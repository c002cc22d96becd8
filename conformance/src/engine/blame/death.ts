import type { CheckResult } from '../result.ts'
import type { CheckFact } from './fact.ts'
import { togetherMs, wasEnded } from './suspect.ts'

/** Id of the check that says whether the server is still there when the run is over. */
export const survival = 'frames.others-unharmed:outlives'

/** How the message of that check begins where nothing listens any more; otherwise the server is there, and silent. */
export const stopped = 'nothing listens there any more'

/**
 * Where the server has stopped during the run: the check that says so, and the failures that are but connections which ended with it.
 */
export interface Death {
  readonly check: CheckResult
  readonly victims: readonly CheckResult[]
}

/** When connections of a check ended without its doing. */
function endsOf({ transcript = [] }: CheckResult): number[] {
  return transcript.filter(wasEnded).map(({ at }) => at)
}

/** Finds out whether the server has stopped during the run; `undefined` where it has not. */
export function deathOf(
  failed: readonly CheckResult[],
  facts: ReadonlyMap<string, CheckFact>,
): Death | undefined {
  const check = failed.find(({ id }) => id === survival)
  if (!check) return undefined
  // A server that is merely silent ends no connections; those that ended before that ended for a reason of their own.
  const last = check.actual?.startsWith(stopped) ? Math.max(...failed.flatMap(endsOf)) : Infinity
  const victims = failed.filter(
    (each) => facts.get(each.id)?.lost === true || endsOf(each).some((at) => at >= last - togetherMs),
  )
  return { check, victims }
}

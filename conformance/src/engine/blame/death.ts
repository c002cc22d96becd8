import type { CheckResult } from '../result.ts'
import type { CheckFact } from './fact.ts'

/** The check that says whether the server is still there when the run is over. */
const survival = 'frames.others-unharmed:outlives'

/** Checks that are named as those that may have ended a server. */
const namedSuspects = 4

/**
 * Where the server has stopped during the run: the check that says so, with those who sent something last before that, and the failures that
 * are but connections which ended with it.
 */
export interface Death {
  readonly check: CheckResult
  readonly victims: readonly CheckResult[]
}

/** Milliseconds before the end within which who sent something may have brought it about. */
const suspectMs = 50

/** Milliseconds within which a server that stops ends all of its connections. */
const togetherMs = 250

/** When connections of a check ended without its doing. */
function endsOf({ transcript = [] }: CheckResult): number[] {
  return transcript
    .filter(({ direction, text }) => direction === 'event' && text.startsWith('connection ended'))
    .map(({ at }) => at)
}

/** Finds out whether the server has stopped during the run; `undefined` where it has not. */
export function deathOf(
  failed: readonly CheckResult[],
  facts: ReadonlyMap<string, CheckFact>,
): Death | undefined {
  const check = failed.find(({ id }) => id === survival)
  if (!check) return undefined
  const last = Math.max(...failed.flatMap(endsOf))
  const victims = failed.filter(
    (each) => facts.get(each.id)?.lost === true || endsOf(each).some((at) => at >= last - togetherMs),
  )
  const stopped = Math.min(...victims.flatMap(endsOf))
  const suspects = victims
    .flatMap(({ id, transcript = [] }) => {
      const sent = transcript.findLast(
        ({ direction, at }) => direction === 'sent' && at <= stopped && at >= stopped - suspectMs,
      )
      return sent ? [{ id, ...sent }] : []
    })
    .toSorted((a, b) => b.at - a.at)
    .slice(0, namedSuspects)
    .map(({ id, at, text }) => `sent ${(stopped - at).toFixed(1)} ms before it stopped, by ${id}: ${text}`)
  const evidence = [...(check.evidence ?? []), ...suspects]
  return { check: evidence.length > 0 ? { ...check, evidence } : check, victims }
}

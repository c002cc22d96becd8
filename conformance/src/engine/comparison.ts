import type { CheckResult, RunResult } from './result.ts'
import type { CheckVerdict, RunVerdict } from './verdict.ts'

/** A check of which two runs say different things. */
export interface Change {
  readonly before: CheckResult
  readonly after: CheckResult
}

/** What changed between two runs. */
export interface Comparison {
  readonly worse: readonly Change[]
  readonly better: readonly Change[]
  /** Changes that are neither, such as a pass that is not observed any more. */
  readonly other: readonly Change[]
  /** Checks of the second run alone; those that fail are in {@link newFailures}, too. */
  readonly added: readonly CheckResult[]
  readonly newFailures: readonly CheckResult[]
  readonly removed: readonly CheckResult[]
  /** Whether the run's own verdict got worse. */
  readonly verdictWorse: boolean
  /** Whether anything got worse: a check, the verdict, or a new check that fails. */
  readonly gotWorse: boolean
}

/** From good to bad; a check that does not apply is no worse than one that passes. */
const checkRanks: Readonly<Record<CheckVerdict, number>> = {
  pass: 0,
  'not-applicable': 0,
  'not-observed': 0,
  warn: 1,
  'could-not-run': 2,
  inconclusive: 2,
  'kit-error': 2,
  fail: 3,
}

const runRanks: Readonly<Record<RunVerdict, number>> = {
  conformant: 0,
  incomplete: 1,
  'kit-error': 1,
  'non-conformant': 2,
}

/** Compares two runs check by check. */
export function compareResults(before: RunResult, after: RunResult): Comparison {
  const earlier = new Map(before.checks.map((check) => [check.id, check]))
  const later = new Set(after.checks.map(({ id }) => id))
  const changes = after.checks.flatMap((check) => {
    const known = earlier.get(check.id)
    return known && known.verdict !== check.verdict ? [{ before: known, after: check }] : []
  })
  const step = (change: Change) => checkRanks[change.after.verdict] - checkRanks[change.before.verdict]
  const worse = changes.filter((change) => step(change) > 0)
  const added = after.checks.filter(({ id }) => !earlier.has(id))
  const newFailures = added.filter(({ verdict }) => verdict === 'fail')
  const verdictWorse = runRanks[after.verdict] > runRanks[before.verdict]
  return {
    worse,
    better: changes.filter((change) => step(change) < 0),
    other: changes.filter((change) => step(change) === 0),
    added,
    newFailures,
    removed: before.checks.filter(({ id }) => !later.has(id)),
    verdictWorse,
    gotWorse: worse.length > 0 || newFailures.length > 0 || verdictWorse,
  }
}

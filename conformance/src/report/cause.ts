import type { CheckResult, RunResult } from '../engine/result.ts'
import type { CheckVerdict } from '../engine/verdict.ts'

/** A failure that names a fault, and the failures that most likely come of the same fault. */
export interface Cause {
  readonly check: CheckResult
  readonly consequences: readonly CheckResult[]
}

/** Checks that came to no judgement, all for the same reason. */
export interface Undecided {
  readonly reason: string
  readonly checks: readonly CheckResult[]
}

/** The failures of a run, each once: as a cause, or among the consequences of one. What explains most comes first. */
export function causesOf({ checks }: RunResult): Cause[] {
  const failures = checks.filter(({ verdict }) => verdict === 'fail')
  const failed = new Map(failures.map((check) => [check.id, check]))
  const groups = new Map<string, CheckResult[]>()
  for (const check of failures) {
    const root = rootOf(check, failed)
    const group = groups.get(root.id)
    if (group) group.push(check)
    else groups.set(root.id, [check])
  }
  const causes = [...groups].flatMap(([id, group]) => {
    const check = failed.get(id)
    return check ? [{ check, consequences: group.filter((each) => each !== check) }] : []
  })
  return causes.toSorted((a, b) => b.consequences.length - a.consequences.length)
}

/** Follows `causedBy`; a result from elsewhere may name what is not there, or go round in a circle. */
function rootOf(check: CheckResult, failed: ReadonlyMap<string, CheckResult>): CheckResult {
  const seen = new Set([check.id])
  let root = check
  for (;;) {
    const next = root.causedBy === undefined ? undefined : failed.get(root.causedBy)
    if (!next) return root
    if (seen.has(next.id)) return check
    seen.add(next.id)
    root = next
  }
}

const undecided: ReadonlySet<CheckVerdict> = new Set(['could-not-run', 'inconclusive', 'kit-error'])

/** The checks of a run that came to no judgement about the server, by reason; faults of the kit are among them. */
export function undecidedOf({ checks }: RunResult): Undecided[] {
  const groups = new Map<string, CheckResult[]>()
  for (const check of checks) {
    if (!undecided.has(check.verdict)) continue
    const reason = check.reason ?? 'no reason was given'
    const group = groups.get(reason)
    if (group) group.push(check)
    else groups.set(reason, [check])
  }
  return [...groups].map(([reason, group]) => ({ reason, checks: group }))
}

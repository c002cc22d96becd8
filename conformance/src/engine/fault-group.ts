import type { CheckResult, RunResult } from './result.ts'
import type { CheckVerdict } from './verdict.ts'

/** A failure that names a fault, and what most likely comes of the same fault. */
export interface Cause {
  readonly check: CheckResult
  /** Further failures. */
  readonly consequences: readonly CheckResult[]
  /** Checks that could not run, as they did not come to what they look at. */
  readonly hindered: readonly CheckResult[]
}

/** Checks that came to no judgement, all for the same reason. */
export interface Undecided {
  readonly reason: string
  readonly checks: readonly CheckResult[]
}

/** Consequences from which on a cause is one that explains much. */
const much = 4

/**
 * The failures of a run, each once: as a cause, or among the consequences of one. What explains much comes first; then what is easiest to
 * understand: Core, on which everything else rests, and the plain check of a sentence before those that play further cases of it.
 */
export function causesOf({ checks }: { readonly checks: readonly CheckResult[] }): Cause[] {
  const failed = failuresOf(checks)
  const groups = new Map<CheckResult, CheckResult[]>()
  for (const check of checks) {
    const root = rootOf(check, failed)
    if (failed.has(root.id)) groups.set(root, [...(groups.get(root) ?? []), check])
  }
  return [...groups]
    .map(([check, group]) => ({
      check,
      consequences: group.filter((each) => each !== check && failed.has(each.id)),
      hindered: group.filter((each) => !failed.has(each.id)),
    }))
    .toSorted(
      (a, b) =>
        explainedBy(b, much) - explainedBy(a, much) ||
        depthOf(a) - depthOf(b) ||
        explainedBy(b) - explainedBy(a),
    )
}

/** How many failures a cause explains; none where they are fewer. */
function explainedBy({ consequences: { length } }: Cause, least = 0): number {
  return length < least ? 0 : length
}

/** How much one has to know to understand a cause. */
function depthOf({ check: { capability, id, requirement } }: Cause): number {
  return (capability === undefined ? 0 : 2) + (id === requirement ? 0 : 1)
}

function failuresOf(checks: readonly CheckResult[]): ReadonlyMap<string, CheckResult> {
  return new Map(checks.filter(({ verdict }) => verdict === 'fail').map((check) => [check.id, check]))
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

/** The checks of a run that came to no judgement about the server for no fault that it shows, by reason; faults of the kit are among them. */
export function undecidedOf({ checks }: RunResult): Undecided[] {
  const failed = failuresOf(checks)
  const groups = new Map<string, CheckResult[]>()
  for (const check of checks) {
    if (!undecided.has(check.verdict) || rootOf(check, failed) !== check) continue
    const reason = check.reason ?? 'no reason was given'
    const group = groups.get(reason)
    if (group) group.push(check)
    else groups.set(reason, [check])
  }
  return [...groups].map(([reason, group]) => ({ reason, checks: group }))
}

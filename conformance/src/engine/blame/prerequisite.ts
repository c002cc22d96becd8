import type { ServerRequirementId } from '../../generated/requirement.ts'
import type { CheckResult } from '../result.ts'
import { Failures, type CheckFact } from './fact.ts'

/** Requirements that a step rests on besides the one that it names: where one of these is broken the step may fail with it. */
const alsoRestsOn: Readonly<Partial<Record<ServerRequirementId, readonly ServerRequirementId[]>>> = {
  'relay.delivered': ['delivery.no-gap'],
  'rooms.peer-joined': ['rooms.known-first'],
}

/**
 * Takes back what was said of a requirement whose check never came to what it looks at: it failed at a step that only leads there, and the
 * requirement of that step is broken, as a check of its own shows. That one is the red line; this check could not run. Where nothing
 * else shows what is wrong, the failure stands.
 */
export function withoutStumbles(
  results: readonly CheckResult[],
  facts: ReadonlyMap<string, CheckFact>,
): readonly CheckResult[] {
  const failures = new Failures(
    results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn'),
    facts,
  )
  const shows = (requirement: string) =>
    failures.of(requirement).some((check) => check.verdict === 'fail' && failures.isOwn(check))
  return results.map((check) => {
    const { presupposes } = failures.factOf(check)
    if (!failures.checks.includes(check) || presupposes === undefined || failures.isOwn(check)) return check
    const bases: readonly string[] = [presupposes, ...(alsoRestsOn[presupposes] ?? [])]
    const broken = bases.includes(check.requirement) ? undefined : bases.find(shows)
    if (broken === undefined) return check
    const { expected: _expected, actual: _actual, ...rest } = check
    const reason = `A step that leads to what this check looks at failed (see ${broken}): ${check.reason ?? ''}`
    return { ...rest, verdict: 'could-not-run', reason }
  })
}

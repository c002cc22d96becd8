import type { ServerRequirementId } from '../../generated/requirement.ts'
import type { CheckResult } from '../result.ts'
import { Failures, type CheckFact } from './fact.ts'

/** Requirements that a step rests on besides the one that it names: where one of these is broken the step may fail with it. */
const alsoRestsOn: Readonly<Partial<Record<ServerRequirementId, readonly ServerRequirementId[]>>> = {
  'auth.token': ['connection.back-to-back'],
  'outcomes.exactly-one': ['outcomes.ok'],
  'relay.delivered': ['delivery.no-gap'],
  'ring.accept': ['ring.states', 'ring.only-endpoints'],
  'ring.busy': ['ring.states'],
  'ring.cancel': ['ring.states'],
  'ring.decline': ['ring.states'],
  'ring.invited': ['ring.only-endpoints', 'ring.calls-per-peer', 'ring.glare'],
  'ring.members': ['ring.calls-per-peer'],
  'replaces.peer-left': ['rooms.left-once', 'replaces.old-ends'],
  'rooms.bye': ['rooms.left-once'],
  'rooms.leave': ['rooms.left-once', 'outcomes.in-time'],
  'rooms.left-once': ['rooms.leave', 'rooms.bye', 'rooms.lost', 'replaces.peer-left', 'replaces.old-ends'],
  'rooms.lost': ['rooms.left-once', 'connection.end-noticed'],
  'rooms.peer-joined': ['rooms.known-first'],
}

/** Requirements whose checks look at a step that is but a step for others, by the requirement that this step names. */
const aboutTheStep: Readonly<Partial<Record<ServerRequirementId, readonly ServerRequirementId[]>>> = {
  // Each says of what a message must not be refused for, which its shape allows as well.
  'frames.good-shape': ['frames.nesting', 'frames.unknown-members', 'relay.opaque-sdp', 'relay.unread'],
  'rooms.left-once': [
    'connection.end-noticed',
    'delivery.slow-receiver',
    'replaces.before-welcome',
    'replaces.peer-left',
    'rooms.bye',
    'rooms.ended',
    'rooms.leave',
    'rooms.lost',
  ],
  'rooms.update': ['connection.order', 'rooms.bye', 'rooms.equal-data', 'rooms.rejoin-data'],
}

/**
 * The requirement that a failed step names, as far as the check's own is another: what only leads one check to what it looks at is what
 * another one looks at.
 *
 * @param own - The requirement that the check judges.
 */
export function stumbledOver(
  own: string,
  step: ServerRequirementId | undefined,
): ServerRequirementId | undefined {
  const about: readonly string[] = step === undefined ? [] : (aboutTheStep[step] ?? [])
  return about.includes(own) ? undefined : step
}

/**
 * Takes back what was said of a requirement whose check never came to what it looks at: it failed at a step that only leads there, and the
 * requirement of that step is broken, as a check of its own shows. That one is the red line; this check could not run. Where nothing
 * else shows what is wrong, the failure stands. A walk through everything (`net`) yields to any other check that shows something.
 */
export function withoutStumbles(
  results: readonly CheckResult[],
  facts: ReadonlyMap<string, CheckFact>,
): readonly CheckResult[] {
  const failures = new Failures(
    results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn'),
    facts,
  )
  const isShown = (check: CheckResult) => check.verdict === 'fail' && failures.isOwn(check)
  const cause = failures.checks.find((check) => isShown(check) && !failures.factOf(check).net)
  return results.map((check) => {
    const { presupposes, net } = failures.factOf(check)
    if (!failures.checks.includes(check)) return check
    if (net && cause !== undefined) return notReached(check, 'What this walk comes by is broken', cause)
    if (presupposes === undefined || failures.isOwn(check)) return check
    const bases: readonly string[] = [presupposes, ...(alsoRestsOn[presupposes] ?? [])]
    if (bases.includes(check.requirement)) return check
    const [broken] = bases.flatMap((requirement) =>
      failures.of(requirement).filter((base) => isShown(base) && !failures.factOf(base).net),
    )
    if (broken === undefined) return check
    return notReached(check, 'A step that leads to what this check looks at failed', broken)
  })
}

/** @param cause - The check that shows what stood in the way. */
function notReached(check: CheckResult, why: string, cause: CheckResult): CheckResult {
  const { expected: _expected, actual: _actual, ...rest } = check
  const reason = `${why} (see ${cause.requirement}): ${check.reason ?? ''}`
  return { ...rest, verdict: 'could-not-run', reason, causedBy: cause.id }
}

import type { RunResult } from '@parley/conformance'

/** What a run said otherwise than it should. */
export interface Deviation {
  readonly check: string
  readonly what: string
}

const undecided: ReadonlySet<string> = new Set(['inconclusive', 'could-not-run'])

/** Judged where connections of the run last for a minute: what makes a run slow gives them something to look at. */
const byDuration: ReadonlySet<string> = new Set(['auth.wait:over', 'connection.hello-wait:over'])

/** Not observed, which is said with the reason, where everything takes longer than what they look at. */
const tooSlowFor: ReadonlySet<string> = new Set([
  'ring.no-timing',
  'ice.accepted:to-the-end',
  'ice.accepted:renewed-to-the-end',
  'ice.renewed:refreshed',
  'ice.renewed:resumed',
  'ring.ended:seconds',
  'ring.reused:seconds',
  'ring.timeout:alerted',
  'ring.timeout:resumed',
])

/** How a run differs from the one that nothing disturbed. */
export function deviations(result: RunResult, calm: RunResult): readonly Deviation[] {
  const expected = new Map(calm.checks.map(({ id, verdict }) => [id, verdict]))
  return result.checks.flatMap(({ id, verdict, reason = '' }) => {
    if (verdict === expected.get(id) || (undecided.has(verdict) && reason !== '')) return []
    if (byDuration.has(id) && verdict === 'pass') return []
    if (tooSlowFor.has(id) && verdict === 'not-observed') return []
    return [{ check: id, what: `${verdict} instead of ${expected.get(id) ?? 'nothing'}: ${reason}` }]
  })
}

/** Checks of a run that came to no judgement, with their reasons. */
export function undecidedIn(result: RunResult): readonly Deviation[] {
  return result.checks
    .filter(({ verdict }) => undecided.has(verdict))
    .map(({ id, verdict, reason = '' }) => ({ check: id, what: `${verdict}: ${reason}` }))
}

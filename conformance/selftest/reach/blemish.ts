import type { RunResult } from '@parley/conformance'

/** What a run against a good server has no reason to say; the end-to-end checks are left out where there are no peers. */
export function blemishes({ checks, selection }: RunResult): string[] {
  return checks
    .filter(({ verdict, reason = '' }) => {
      if (verdict === 'pass' || verdict === 'not-applicable' || verdict === 'not-observed') return false
      return !(selection.peers === 'none' && reason.startsWith('No real peers'))
    })
    .map(({ id, verdict, reason }) => `${verdict} ${id}: ${reason ?? ''}`)
}

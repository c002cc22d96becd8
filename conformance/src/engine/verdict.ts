/** What can be said of one check, from good to bad. */
export const checkVerdicts = {
  pass: 'the server did what the requirement says',
  warn: 'a SHOULD was not followed',
  fail: 'a MUST was broken',
  'not-applicable': 'the server does not announce what the requirement is about',
  'not-observed': 'looking takes more than this run may spend or was given: the reason says what',
  'could-not-run': 'a prerequisite, or the WebRTC library, failed',
  inconclusive: 'the network or the server went silent before an answer was due',
  'kit-error': 'the kit itself is at fault',
} as const

/** Verdict of one check. */
export type CheckVerdict = keyof typeof checkVerdicts

/** What can be said of a whole run. */
export const runVerdicts = {
  conformant: 'every requirement that was looked at holds',
  'non-conformant': 'at least one MUST is broken',
  incomplete: 'nothing is broken, but not everything could be looked at',
  'kit-error': 'the kit itself is at fault',
} as const

/** Verdict of a run. */
export type RunVerdict = keyof typeof runVerdicts

/** How many checks came to which verdict. */
export type Tally = Readonly<Record<CheckVerdict, number>>

/** Counts verdicts. */
export function tally(verdicts: readonly CheckVerdict[]): Tally {
  const counts = Object.fromEntries(Object.keys(checkVerdicts).map((verdict) => [verdict, 0])) as Record<
    CheckVerdict,
    number
  >
  for (const verdict of verdicts) counts[verdict] += 1
  return counts
}

/**
 * Verdict of a run from those of its checks.
 *
 * @param complete - Whether every check of the profile was selected: a part of them never shows conformance.
 */
export function runVerdict(counts: Tally, complete: boolean): RunVerdict {
  if (counts['kit-error'] > 0) return 'kit-error'
  if (counts.fail > 0) return 'non-conformant'
  const executed = counts.pass + counts.warn
  if (!complete || executed === 0 || counts['could-not-run'] > 0 || counts.inconclusive > 0)
    return 'incomplete'
  return 'conformant'
}

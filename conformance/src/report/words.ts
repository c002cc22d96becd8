import type { CheckResult } from '../engine/result.ts'
import { checkVerdicts, tally, type CheckVerdict, type RunVerdict, type Tally } from '../engine/verdict.ts'

const chapterTitles: Readonly<Record<string, string>> = {
  frames: 'Frames',
  connection: 'Connection',
  versions: 'Versions and capabilities',
  outcomes: 'Outcomes and errors',
  delivery: 'Delivery',
  rooms: 'Rooms',
  negotiation: 'Relaying negotiation',
  authentication: 'Authentication',
  calls: 'Calls',
  drain: 'Drain',
  'ice-servers': 'ICE servers',
  discovery: 'Discovery',
  resume: 'Resume',
  custom: 'Custom messages',
  limits: 'Limits',
  security: 'Security',
  websocket: 'WebSocket binding',
  'end-to-end': 'Real WebRTC peers',
}

/** Title of a chapter, for people. */
export function chapterTitle(chapter: string): string {
  return chapterTitles[chapter] ?? chapter
}

/** What a report says of several checks of one verdict. */
export const verdictWords: Readonly<Record<CheckVerdict, string>> = {
  pass: 'passed',
  warn: 'warnings',
  fail: 'failed',
  'not-applicable': 'not applicable',
  'not-observed': 'not observed',
  'could-not-run': 'could not run',
  inconclusive: 'inconclusive',
  'kit-error': 'kit errors',
}

/** What a run's verdict means for whoever reads it. */
export const verdictMeanings: Readonly<Record<RunVerdict, string>> = {
  conformant:
    'The server keeps every requirement that this run looked at, of Core and of the capabilities that it offers.',
  'non-conformant': 'The server breaks the specification; each failure names the sentence.',
  incomplete: 'Nothing was found broken, but this run cannot show conformance.',
  'kit-error': 'The kit failed; this says nothing about the server.',
}

const gravest: readonly CheckVerdict[] = [
  'kit-error',
  'fail',
  'could-not-run',
  'inconclusive',
  'warn',
  'pass',
  'not-observed',
  'not-applicable',
]

/** The gravest verdict of several checks. */
export function worst(checks: readonly CheckResult[]): CheckVerdict {
  return gravest.find((verdict) => checks.some((check) => check.verdict === verdict)) ?? 'pass'
}

/** The checks of each chapter, in the order of the run. */
export function groupByChapter(checks: readonly CheckResult[]): Map<string, CheckResult[]> {
  const chapters = new Map<string, CheckResult[]>()
  for (const check of checks) {
    const group = chapters.get(check.chapter)
    if (group) group.push(check)
    else chapters.set(check.chapter, [check])
  }
  return chapters
}

/** How many checks came to which verdict, without zeros: `69 passed, 1 failed`. */
export function counts(checks: readonly CheckResult[]): string {
  return countsOf(tally(checks.map(({ verdict }) => verdict)))
}

/** The same of a tally. */
export function countsOf(of: Tally): string {
  return (Object.keys(checkVerdicts) as CheckVerdict[])
    .map((verdict) => [verdict, of[verdict]] as const)
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${String(count)} ${verdictWords[verdict]}`)
    .join(', ')
}

/** A number with its noun: `1 check`, `2 checks`. */
export function plural(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`
}

import type { CheckResult, RunResult } from '../engine/result.ts'
import { checkVerdicts, type CheckVerdict } from '../engine/verdict.ts'
import { capabilityLines } from './capability.ts'
import { causesOf, type Cause } from '../engine/fault-group.ts'
import { expectationLines } from './expectation-text.ts'
import { visibleCopy } from './markup.ts'
import { clipped, faultText, problem, type TerminalStyle } from './problem.ts'
import type { Palette } from './palette.ts'
import {
  chapterTitle,
  counts,
  groupByChapter,
  plural,
  verdictMeanings,
  verdictWords,
  worst,
} from './words.ts'
import { wrap } from './wrap.ts'

/**
 * The report of a run for people, as text with line ends. Where something failed it is about that alone: first what names the fault, then in
 * brief what most likely comes of it; `verbose` shows the rest, too.
 */
export function terminalReport(original: RunResult, style: TerminalStyle): string {
  const result = visibleCopy(original)
  const causes = causesOf(result)
  const told = new Set(
    causes.flatMap(({ check, consequences, hindered }) => [check, ...consequences, ...hindered]),
  )
  const others = result.checks.filter(
    (check) => !quiet.has(check.verdict) && !told.has(check) && check.causedBy === undefined,
  )
  const everything = causes.length === 0 || style.verbose
  const parts = [
    everything ? chapterTable(result, style) : '',
    ...causes.slice(0, fullCauses).map((cause) => faultText(cause, style)),
    furtherCauses(causes.slice(fullCauses), style),
    ...byReason(others).map((checks) => problemOf(checks, style)),
    everything ? notes(result, style) : '',
    capabilities(result, style),
    verdict(result, style),
    expectation(result, style),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Faults that are shown in full; more would not be read. */
const fullCauses = 3

function furtherCauses(causes: readonly Cause[], { palette, columns }: TerminalStyle): string {
  if (causes.length === 0) return ''
  const { bold, dim, red } = palette
  const lines = causes.map(({ check, consequences }) => {
    const more = consequences.length === 0 ? '' : ` (and ${plural(consequences.length, 'consequence')})`
    return clipped(`    ${check.id}${more}: ${check.actual ?? check.reason ?? ''}`, columns)
  })
  return [
    `${red(bold('FAIL'))} ${bold(`${plural(causes.length, 'fault')} more`)}`,
    ...lines,
    dim('  --check ID shows one of them in full.'),
  ].join('\n')
}

const quiet: ReadonlySet<CheckVerdict> = new Set(['pass', 'not-applicable', 'not-observed'])

/**
 * The first lines: who tests whom.
 *
 * @param proxy - URL of the proxy that connections go through, if any.
 */
export function heading(
  kit: { readonly version: string },
  url: string,
  checks: number,
  proxy: string | undefined,
  { palette }: TerminalStyle,
): string {
  const { bold, dim } = palette
  return `${bold(`Parley conformance ${kit.version}`)} ${dim('·')} Core profile, revision 1 ${dim('·')} ${String(checks)} checks\n${dim('Target')} ${url}${proxy === undefined ? '' : ` ${dim('through the proxy')} ${proxy}`}\n`
}

function chapterTable(result: RunResult, style: TerminalStyle): string {
  const chapters = groupByChapter(result.checks)
  const titles = [...chapters.keys()].map((chapter) => chapterTitle(chapter))
  const width = Math.max(0, ...titles.map(({ length }) => length))
  return [...chapters]
    .map(([chapter, checks]) => {
      const title = chapterTitle(chapter).padEnd(width)
      const line = `  ${mark(worst(checks), style.palette)} ${title}  ${counts(checks)}`
      return style.verbose ? [line, ...checks.map((check) => passedLine(check, style))].join('\n') : line
    })
    .join('\n')
}

function passedLine(check: CheckResult, { palette }: TerminalStyle): string {
  const evidence = check.evidence ? palette.dim(` (${check.evidence.join('; ')})`) : ''
  return `      ${mark(check.verdict, palette)} ${check.id}: ${check.title}${evidence}`
}

function mark(verdict: CheckVerdict, { green, red, yellow, dim }: Palette): string {
  if (verdict === 'pass') return green('✔')
  if (verdict === 'fail' || verdict === 'kit-error') return red('✘')
  if (verdict === 'not-applicable' || verdict === 'not-observed') return dim('–')
  return yellow('!')
}

const judged: ReadonlySet<CheckVerdict> = new Set(['pass', 'warn', 'fail', 'kit-error'])

/** Checks that came to no judgement for the same reason stand together; all others alone. */
function byReason(checks: readonly CheckResult[]): CheckResult[][] {
  const groups = new Map<string, CheckResult[]>()
  for (const check of checks) {
    const key = judged.has(check.verdict) ? check.id : `${check.verdict} ${check.reason ?? ''}`
    groups.set(key, [...(groups.get(key) ?? []), check])
  }
  return [...groups.values()]
}

/** Ids that are written out before the rest is only counted. */
const namedChecks = 12

function namesOf(checks: readonly CheckResult[]): string {
  const names = checks.slice(0, namedChecks).map(({ id }) => id)
  const more = checks.length - names.length
  return `${names.join(' ')}${more > 0 ? ` and ${String(more)} more` : ''}`
}

function problemOf(checks: readonly CheckResult[], style: TerminalStyle): string {
  const [first] = checks
  if (!first) return ''
  if (checks.length === 1) return problem(first, style)
  const { bold, yellow, dim } = style.palette
  const width = Math.max(30, Math.min(style.columns, 110) - 4)
  return [
    `${yellow(bold(first.verdict.toUpperCase()))} ${bold(`${String(checks.length)} checks`)}`,
    dim('  Because'),
    wrap(first.reason ?? '', width, '    '),
    dim('  Which'),
    wrap(namesOf(checks), width, '    '),
  ].join('\n')
}

/** What was not judged and need not have been: each reason once, with the checks that it stands for. */
function notes(result: RunResult, { palette, columns, verbose }: TerminalStyle): string {
  const width = Math.max(30, columns - 6)
  const groups = (['not-observed', 'not-applicable'] as const).map((verdict) => {
    const checks = result.checks.filter((check) => check.verdict === verdict)
    if (checks.length === 0) return ''
    const lines = byReason(checks).flatMap((alike) => [
      wrap(alike[0]?.reason ?? '', width, '    '),
      palette.dim(wrap(verbose ? alike.map(({ id }) => id).join(' ') : namesOf(alike), width - 2, '      ')),
    ])
    return [palette.dim(`  ${verdictWords[verdict]} (${checkVerdicts[verdict]})`), ...lines].join('\n')
  })
  return groups.filter((group) => group !== '').join('\n')
}

/** One line for each capability that the server offers, and one for all others. */
function capabilities(result: RunResult, { palette }: TerminalStyle): string {
  const lines = capabilityLines(result)
  if (lines.length === 0) return ''
  const shown = lines.filter(({ offer }) => offer.startsWith('offered'))
  const width = Math.max(0, ...shown.map(({ name }) => name.length))
  const others = ['not offered', 'not known']
    .map((words) => [words, lines.filter(({ offer }) => offer === words)] as const)
    .filter(([, group]) => group.length > 0)
  return [
    palette.bold('  Capabilities'),
    ...shown.map(
      ({ name, verdict: worstOf, offer, outcome }) =>
        `  ${mark(worstOf, palette)} ${name.padEnd(width)}  ${offer}: ${outcome || 'no check selected'}`,
    ),
    ...others.map(([words, group]) =>
      palette.dim(`  – ${words}: ${group.map(({ name }) => name).join(', ')}`),
    ),
  ].join('\n')
}

function verdict(result: RunResult, { palette, columns }: TerminalStyle): string {
  const { bold, green, red, yellow, dim } = palette
  const paint = { conformant: green, 'non-conformant': red, incomplete: yellow, 'kit-error': red }[
    result.verdict
  ]
  const seconds = (result.durationMs / 1000).toFixed(1)
  const why = result.reason === undefined ? '' : `\n${wrap(result.reason, Math.max(30, columns - 2), '  ')}`
  return [
    `  ${counts(result.checks)} ${dim(`in ${seconds} s, seed ${result.seed}`)}`,
    `  ${paint(bold(result.verdict))}`,
    `${wrap(verdictMeanings[result.verdict], Math.max(30, columns - 2), '  ')}${why}`,
  ].join('\n')
}

function expectation({ expectation: expected }: RunResult, { palette, columns }: TerminalStyle): string {
  if (!expected) return ''
  const width = Math.max(30, Math.min(columns, 110) - 6)
  const lines = expectationLines(expected).map(({ good, text, checks }) => {
    const paint = good ? palette.green : palette.red
    return `  ${paint(text)}\n${wrap(checks.join(' '), width, '    ')}`
  })
  return [
    palette.bold('  Compared with the known failures'),
    ...(lines.length > 0 ? lines : ['  none known, and none seen']),
  ].join('\n')
}

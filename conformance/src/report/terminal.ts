import type { TranscriptEntry } from '../endpoint/transcript.ts'
import type { CheckResult, RunResult } from '../engine/result.ts'
import { checkVerdicts, type CheckVerdict } from '../engine/verdict.ts'
import type { Palette } from './palette.ts'
import { chapterTitle, counts, groupByChapter, verdictMeanings, verdictWords, worst } from './words.ts'
import { wrap } from './wrap.ts'

/** How the report is to look. */
export interface TerminalStyle {
  readonly palette: Palette
  /** Columns of the terminal. */
  readonly columns: number
  /** Also list what passed. */
  readonly verbose: boolean
}

/** The report of a run for people, as text with line ends. */
export function terminalReport(result: RunResult, style: TerminalStyle): string {
  const problems = result.checks.filter(({ verdict }) => !quiet.has(verdict))
  const plain = problems.filter((check) => !isConsequence(check, problems))
  const consequences = problems.filter((check) => isConsequence(check, problems))
  const parts = [
    chapterTable(result, style),
    ...byReason(plain).map((checks) => problemOf(checks, style)),
    consequenceList(consequences, style),
    notes(result, style),
    verdict(result, style),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const quiet: ReadonlySet<CheckVerdict> = new Set(['pass', 'not-applicable', 'not-observed'])

/** The first lines: who tests whom. */
export function heading(
  kit: { readonly version: string },
  url: string,
  checks: number,
  { palette }: TerminalStyle,
): string {
  const { bold, dim } = palette
  return `${bold(`Parley conformance ${kit.version}`)} ${dim('·')} Core profile, revision 1 ${dim('·')} ${String(checks)} checks\n${dim('Target')} ${url}\n`
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

function problem(check: CheckResult, style: TerminalStyle): string {
  const { palette, columns } = style
  const width = Math.max(30, Math.min(columns, 110) - 4)
  const { bold, dim, red, yellow } = palette
  const paint = check.verdict === 'fail' || check.verdict === 'kit-error' ? red : yellow
  const lines = [`${paint(bold(check.verdict.toUpperCase()))} ${bold(check.id)}: ${check.title}`]
  if (check.statement !== undefined) {
    lines.push(
      dim(`  The specification (${check.level}, ${check.location ?? ''}):`),
      wrap(check.statement, width, '    '),
    )
  }
  if (check.expected !== undefined && check.actual !== undefined) {
    lines.push(
      dim('  Expected'),
      wrap(check.expected, width, '    '),
      dim('  But'),
      wrap(check.actual, width, '    '),
    )
  } else if (check.reason !== undefined) {
    lines.push(dim('  Because'), wrap(check.reason, width, '    '))
  }
  if (check.evidence)
    lines.push(dim('  Evidence'), ...check.evidence.map((text) => wrap(text, width, '    ')))
  const frames = check.transcript ?? []
  if (frames.length > 0 && (check.verdict === 'fail' || check.verdict === 'warn' || style.verbose)) {
    lines.push(
      dim('  Last frames (ms, endpoint of the kit)'),
      ...frames.map((entry) => frameLine(entry, style)),
    )
  }
  if (check.replay !== undefined) lines.push(dim('  Again'), `    ${check.replay}`)
  return lines.join('\n')
}

/** Checks that came to no judgement for the same reason stand together; all others alone. */
function byReason(checks: readonly CheckResult[]): CheckResult[][] {
  const groups = new Map<string, CheckResult[]>()
  for (const check of checks) {
    const undecided = check.verdict === 'could-not-run' || check.verdict === 'inconclusive'
    const key = undecided ? `${check.verdict} ${check.reason ?? ''}` : check.id
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

/**
 * What real peers stumble over is nearly always what a wire check has named already, more exactly: it is listed behind it, in brief.
 */
function isConsequence({ chapter, verdict }: CheckResult, problems: readonly CheckResult[]): boolean {
  const wireFailed = problems.some((check) => check.chapter !== 'end-to-end' && check.verdict === 'fail')
  return wireFailed && chapter === 'end-to-end' && verdict === 'fail'
}

function consequenceList(checks: readonly CheckResult[], { palette, columns }: TerminalStyle): string {
  if (checks.length === 0) return ''
  const { bold, red, dim } = palette
  const width = Math.max(30, Math.min(columns, 110) - 6)
  const lines = checks.map(({ id, actual }) => wrap(`${id}: ${actual ?? ''}`, width, '    '))
  return [
    `${red(bold('FAIL'))} ${bold(`${String(checks.length)} checks with real peers, most likely by the same fault`)}`,
    ...lines,
    dim('  --check ID --verbose shows one of them in full.'),
  ].join('\n')
}

function frameLine(
  { at, endpoint, direction, text }: TranscriptEntry,
  { palette, columns, verbose }: TerminalStyle,
): string {
  const arrow = { sent: '→', received: '←', event: '·' }[direction]
  const head = `    ${at.toFixed(1).padStart(8)} ${endpoint} ${arrow} `
  const room = Math.max(30, columns - head.length)
  const line = verbose || text.length <= room ? text : `${text.slice(0, room - 1)}…`
  return palette.dim(head) + (direction === 'event' ? palette.dim(line) : line)
}

function notes(result: RunResult, { palette, columns }: TerminalStyle): string {
  const groups = (['not-observed', 'not-applicable'] as const).map((verdict) => {
    const checks = result.checks.filter((check) => check.verdict === verdict)
    if (checks.length === 0) return ''
    const lines = checks.map((check) =>
      wrap(`${check.id}: ${check.reason ?? ''}`, Math.max(30, columns - 6), '    '),
    )
    return [palette.dim(`  ${verdictWords[verdict]} (${checkVerdicts[verdict]})`), ...lines].join('\n')
  })
  return groups.filter((group) => group !== '').join('\n')
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

import { legs, type CheckResult } from '../engine/result.ts'
import { abbreviated } from '../endpoint/abbreviated.ts'
import { onOneLine } from '../observer/clip.ts'
import type { Cause } from '../engine/fault-group.ts'
import type { Palette } from './palette.ts'
import { plural } from './words.ts'
import { wrap } from './wrap.ts'

/** How the report is to look. */
export interface TerminalStyle {
  readonly palette: Palette
  /** Columns of the terminal. */
  readonly columns: number
  /** Also list what passed. */
  readonly verbose: boolean
}

/** A check that needs attention, in full. */
export function problem(check: CheckResult, style: TerminalStyle): string {
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
  if (check.leg !== undefined)
    lines.push(dim('  Leg'), wrap(`${check.leg}: ${legs[check.leg]}`, width, '    '))
  if (check.evidence)
    lines.push(dim('  Evidence'), ...check.evidence.map((text) => wrap(text, width, '    ')))
  const frames = framesOf(check, style)
  if (frames.length > 0)
    lines.push(dim('  Frames (ms, endpoint of the kit)'), ...frames.map((entry) => frameLine(entry, style)))
  if (check.replay !== undefined) lines.push(dim('  Again'), `    ${check.replay}`)
  return lines.join('\n')
}

/** A frame or event of a transcript. */
type ShownFrame = NonNullable<CheckResult['transcript']>[number]

/** Frames that are shown of a failure; `--verbose` shows all. */
const shownFrames = 8

/** Frames that are shown beside those that decide. */
const framesAround = 2

/** Lines of a frame that decides. */
const decisiveLines = 3

/** The frames that decide, and where there is place the last ones before the end. */
function framesOf(
  { transcript = [], verdict }: CheckResult,
  { verbose }: TerminalStyle,
): readonly ShownFrame[] {
  if (verbose) return transcript
  if (verdict !== 'fail' && verdict !== 'warn') return []
  const decisive = transcript.filter((entry) => entry.decisive)
  const shown = new Set(decisive.slice(-shownFrames))
  const telling = transcript.filter((entry) => !isRoutine(entry))
  const most = decisive.length > 0 ? Math.min(shownFrames, shown.size + framesAround) : shownFrames
  for (const entry of telling.toReversed()) if (shown.size < most) shown.add(entry)
  return transcript.filter((entry) => shown.has(entry))
}

/** What every transcript has: coming in, and the `ping` by which the kit proves silence. */
function isRoutine({ direction, text }: ShownFrame): boolean {
  if (direction === 'event')
    return text === 'connection open' || text.startsWith('connection closed by the kit')
  return /^\{"type":"(hello|welcome|auth|authenticated|ping|pong)"/.test(text)
}

/** Requirements of which consequences are listed. */
const shownConsequences = 5

/** A fault: the check that names it, and in brief what most likely comes of it. */
export function faultText(cause: Cause, style: TerminalStyle): string {
  const parts = [problem(cause.check, style), consequencesText(cause, style), hinderedText(cause, style)]
  return parts.filter((part) => part !== '').join('\n')
}

function consequencesText({ consequences }: Cause, style: TerminalStyle): string {
  if (consequences.length === 0) return ''
  const { bold, dim } = style.palette
  const groups = new Map<string, CheckResult[]>()
  for (const each of consequences)
    groups.set(each.requirement, [...(groups.get(each.requirement) ?? []), each])
  const shown = style.verbose ? groups.size : shownConsequences
  const lines = [...groups].slice(0, shown).map(([requirement, checks]) => {
    const name =
      checks.length === 1 ? (checks[0]?.id ?? requirement) : `${requirement} ×${String(checks.length)}`
    return clipped(`    ${name}: ${inBrief(checks[0])}`, style.columns)
  })
  const rest = [...groups].slice(shown)
  if (rest.length > 0)
    lines.push(clipped(`    and ${rest.map(([requirement]) => requirement).join(', ')}`, style.columns))
  return [
    `  ${bold(plural(consequences.length, 'further failure'))} ${dim('most likely of the same fault:')}`,
    ...lines,
  ].join('\n')
}

function hinderedText({ hindered }: Cause, { palette, columns, verbose }: TerminalStyle): string {
  if (hindered.length === 0) return ''
  const requirements = [...new Set(hindered.map(({ requirement }) => requirement))].join(', ')
  return [
    `  ${palette.bold(plural(hindered.length, 'check'))} ${palette.dim('that could not run for it:')}`,
    verbose ? `    ${requirements}` : clipped(`    ${requirements}`, columns),
  ].join('\n')
}

/** What was seen, or what was missing. */
function inBrief(check: CheckResult | undefined): string {
  const { expected = '', actual = check?.reason ?? '' } = check ?? {}
  return actual.startsWith('nothing of the kind came') ? `missing: ${expected}` : actual
}

/** A line that ends where the terminal does. */
export function clipped(line: string, columns: number): string {
  const room = Math.max(60, columns)
  return line.length <= room ? line : `${line.slice(0, room - 1)}…`
}

function frameLine(
  { at, endpoint, direction, text: original, decisive }: ShownFrame,
  { palette, columns, verbose }: TerminalStyle,
): string {
  const text = onOneLine(original)
  const arrow = { sent: '→', received: '←', event: '·' }[direction]
  const head = `    ${at.toFixed(1).padStart(8)} ${endpoint} ${arrow} `
  const room = Math.max(30, columns - head.length)
  const lines = decisive ? decisiveLines : 1
  const line = verbose ? text : abbreviated(text, room * lines)
  // A frame has no blanks to break it at.
  const broken = verbose ? [line] : (line.match(new RegExp(`.{1,${String(room)}}`, 'gsu')) ?? [''])
  const shown = broken.join(`\n${' '.repeat(head.length)}`)
  return palette.dim(head) + (direction === 'event' ? palette.dim(shown) : shown)
}

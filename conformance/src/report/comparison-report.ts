import type { Change, Comparison } from '../engine/comparison.ts'
import type { CheckResult, RunResult } from '../engine/result.ts'
import type { Palette } from './palette.ts'
import { plural } from './words.ts'

/** Checks that are written out in a list of new or removed ones. */
const shownChecks = 12

/** What changed between two runs, as text for people. */
export function comparisonReport(
  before: RunResult,
  after: RunResult,
  comparison: Comparison,
  palette: Palette,
): string {
  const { worse, better, other, added, newFailures, removed } = comparison
  const { bold, green, red, yellow } = palette
  const parts = [
    [runLine('A', before, palette), runLine('B', after, palette)].join('\n'),
    changeList(red(bold(`Worse (${String(worse.length)})`)), worse, palette),
    checkList(red(bold(`New checks that fail (${String(newFailures.length)})`)), newFailures),
    changeList(green(bold(`Better (${String(better.length)})`)), better, palette),
    changeList(yellow(bold(`Changed otherwise (${String(other.length)})`)), other, palette),
    checkList(bold(`Only in B (${String(added.length)})`), added),
    checkList(bold(`Only in A (${String(removed.length)})`), removed),
    facts(before, after),
    summary(comparison, palette),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function runLine(name: string, run: RunResult, { bold, dim }: Palette): string {
  const { verdict, startedAt, target, summary } = run
  const failed = summary.fail > 0 ? `, ${String(summary.fail)} failed` : ''
  return `${bold(name)}  ${verdict} ${dim(`(${String(summary.pass)} of ${String(summary.total)} passed${failed})`)}  ${target.url}  ${dim(startedAt)}`
}

function changeList(title: string, changes: readonly Change[], { dim }: Palette): string {
  if (changes.length === 0) return ''
  const lines = changes.map(({ before, after }) => {
    const why = after.verdict === 'pass' || after.reason === undefined ? '' : `\n      ${dim(after.reason)}`
    return `  ${before.verdict} → ${after.verdict}  ${after.id}: ${after.title}${why}`
  })
  return [title, ...lines].join('\n')
}

function checkList(title: string, checks: readonly CheckResult[]): string {
  if (checks.length === 0) return ''
  const lines = checks.slice(0, shownChecks).map(({ id, verdict }) => `  ${verdict}  ${id}`)
  const more = checks.length - lines.length
  return [title, ...lines, ...(more > 0 ? [`  and ${String(more)} more`] : [])].join('\n')
}

function facts(before: RunResult, after: RunResult): string {
  const agent = ({ target }: RunResult) =>
    target.agent ? `${target.agent.name} ${target.agent.version}` : 'unnamed'
  const pairs: readonly (readonly [string, string, string])[] = [
    ['Verdict', before.verdict, after.verdict],
    ['Kit', before.kit.version, after.kit.version],
    ['Protocol', `revision ${String(before.spec.version)}`, `revision ${String(after.spec.version)}`],
    ['Requirements', String(before.spec.requirements), String(after.spec.requirements)],
    ['Server', agent(before), agent(after)],
    ['Address', before.target.url, after.target.url],
    ['Peers', before.selection.peers, after.selection.peers],
    ['Checks', String(before.summary.total), String(after.summary.total)],
  ]
  const seconds = ({ durationMs }: RunResult) => `${(durationMs / 1000).toFixed(1)} s`
  return [...pairs.filter(([, one, other]) => one !== other), ['Duration', seconds(before), seconds(after)]]
    .map(
      ([name = '', one = '', other = '']) =>
        `${name.padEnd(13)} ${one === other ? one : `${one} → ${other}`}`,
    )
    .join('\n')
}

function summary(
  { worse, better, newFailures, verdictWorse, gotWorse }: Comparison,
  palette: Palette,
): string {
  const got = `${plural(worse.length, 'check')} got worse, ${String(better.length)} better`
  if (gotWorse) {
    const more = [
      ...(newFailures.length > 0 ? [`${plural(newFailures.length, 'new check')} failed`] : []),
      ...(verdictWorse ? ['the verdict got worse'] : []),
    ]
    return palette.red([got, ...more].join('; '))
  }
  return palette.green(better.length > 0 ? `${got}: nothing got worse` : 'Nothing got worse')
}

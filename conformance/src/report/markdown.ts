import type { RunResult } from '../engine/result.ts'
import { checkVerdicts, type CheckVerdict } from '../engine/verdict.ts'
import { capabilityLines } from './capability.ts'
import { causesOf, undecidedOf, type Cause } from '../engine/fault-group.ts'
import { expectationLines } from './expectation-text.ts'
import { codeSpan, escapeMarkdown, proseMarkdown } from './markdown-text.ts'
import { serverWords } from './server-words.ts'
import {
  chapterTitle,
  counts,
  groupByChapter,
  plural,
  verdictMeanings,
  verdictWords,
  worst,
} from './words.ts'

/** Faults that are written out; the rest is named. A job summary is read in a minute, and GitHub cuts it at 1 MiB. */
const shownFaults = 10

const namedFaults = 40

const signs: Readonly<Record<CheckVerdict, string>> = {
  pass: '✅',
  warn: '⚠️',
  fail: '❌',
  'not-applicable': '➖',
  'not-observed': '➖',
  'could-not-run': '❔',
  inconclusive: '❔',
  'kit-error': '❌',
}

const runSigns: Readonly<Record<RunResult['verdict'], string>> = {
  conformant: '✅',
  'non-conformant': '❌',
  incomplete: '❔',
  'kit-error': '❌',
}

/** The result as Markdown for the job summary of a CI: the verdict, what is wrong, and a table by chapter. */
export function markdownReport(result: RunResult): string {
  const { verdict, target, kit, spec, checks, seed, durationMs, reason } = result
  const agent = target.agent ? ` (${codeSpan(`${target.agent.name} ${target.agent.version}`)})` : ''
  const parts = [
    `## ${runSigns[verdict]} Parley: ${verdict}`,
    `${codeSpan(target.url)}${agent}: ${counts(checks)} in ${(durationMs / 1000).toFixed(1)} s.`,
    `${verdictMeanings[verdict]}${reason === undefined ? '' : ` Why: ${codeSpan(reason)}`}`,
    expectation(result),
    faults(causesOf(result)),
    undecided(result),
    chapterTable(result),
    capabilityTable(result),
    `Kit ${codeSpan(kit.version)}, protocol revision ${String(spec.version)}, seed ${codeSpan(seed)}.`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n\n`
}

function expectation({ expectation: expected }: RunResult): string {
  if (!expected) return ''
  const lines = expectationLines(expected).map(({ good, text, checks }) => {
    const named = checks.slice(0, namedFaults).map(codeSpan)
    const more = checks.length - named.length
    return `- ${good ? '✅' : '❌'} ${text}: ${named.join(', ')}${more > 0 ? ` and ${String(more)} others` : ''}`
  })
  return ['### Compared with the known failures', lines.join('\n') || 'None known, and none seen.'].join(
    '\n\n',
  )
}

function faults(causes: readonly Cause[]): string {
  if (causes.length === 0) return ''
  const rest = causes.slice(shownFaults)
  const named = rest.slice(0, namedFaults).map(({ check }) => codeSpan(check.id))
  const unnamed = rest.length - named.length
  return [
    '### What is wrong, and what to change',
    causes.slice(0, shownFaults).map(fault).join('\n'),
    ...(rest.length > 0
      ? [
          `And ${plural(rest.length, 'more failed check')}: ${named.join(', ')}${unnamed > 0 ? ` and ${String(unnamed)} others` : ''}.`,
        ]
      : []),
  ].join('\n\n')
}

function fault({ check, consequences, hindered }: Cause): string {
  const { id, title, level, statement, location, expected, actual, reason, leg } = check
  const words = serverWords(check)
  const lines = [
    `1. **${escapeMarkdown(title)}** ${codeSpan(id)}`,
    expected === undefined
      ? `Why: ${codeSpan(reason ?? '')}`
      : `Expected: ${codeSpan(expected)}<br>But: ${codeSpan(actual ?? '')}`,
    ...(words === undefined ? [] : [`In the server’s own words: ${codeSpan(words)}`]),
    ...(leg === undefined ? [] : [`Leg of the call that failed: ${leg}`]),
    ...(statement === undefined
      ? []
      : [
          `Rule to keep (${escapeMarkdown(level)}, ${escapeMarkdown(location ?? '')}): ${proseMarkdown(statement)}`,
        ]),
    ...(consequences.length > 0
      ? [`Most likely explains ${plural(consequences.length, 'other failure')}.`]
      : []),
    ...(hindered.length > 0 ? [`For it ${plural(hindered.length, 'check')} could not run.`] : []),
  ]
  return lines.join('\n   - ')
}

function undecided(result: RunResult): string {
  const groups = undecidedOf(result)
  if (groups.length === 0) return ''
  const lines = groups
    .slice(0, shownFaults)
    .map(({ reason, checks }) => `- ${plural(checks.length, 'check')}: ${codeSpan(reason)}`)
  const more = groups.length - lines.length
  return [
    '### Not judged',
    [...lines, ...(more > 0 ? [`- ${plural(more, 'more reason')}`] : [])].join('\n'),
  ].join('\n\n')
}

function capabilityTable(result: RunResult): string {
  const rows = capabilityLines(result).map(({ name, verdict, offer, passed, failed, other }) =>
    row([
      `${signs[verdict]} ${escapeMarkdown(name)}`,
      offer,
      ...[passed, failed, other].map((count) => String(count || '')),
    ]),
  )
  if (rows.length === 0) return ''
  return [
    row(['Capability', 'Server', 'passed', 'failed', 'other']),
    row(['---', '---', '--:', '--:', '--:']),
    ...rows,
  ].join('\n')
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function chapterTable({ checks }: RunResult): string {
  const verdicts = (Object.keys(checkVerdicts) as CheckVerdict[]).filter((verdict) =>
    checks.some((check) => check.verdict === verdict),
  )
  const rows = [...groupByChapter(checks)].map(([chapter, group]) =>
    row([
      `${signs[worst(group)]} ${escapeMarkdown(chapterTitle(chapter))}`,
      ...verdicts.map((verdict) => String(group.filter((check) => check.verdict === verdict).length || '')),
    ]),
  )
  return [
    row(['Chapter', ...verdicts.map((verdict) => verdictWords[verdict])]),
    row(['---', ...verdicts.map(() => '--:')]),
    ...rows,
  ].join('\n')
}

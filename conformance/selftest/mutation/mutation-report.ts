import { keyOf, type Explanation } from './explanation.ts'
import type { CodeMutant } from './instrument.ts'
import type { Fate, Judgement } from './judge.ts'

/** Share of the judged mutants that the kit has to catch. */
export const wantedShare = 0.8

/** Numbers of a run. */
export interface Score {
  readonly counts: Readonly<Record<Fate, number>>
  /** Caught, of all that were judged. */
  readonly share: number
}

/** Counts what became of the mutants. */
export function scoreOf(judgements: readonly Judgement[]): Score {
  const counts: Record<Fate, number> = {
    killed: 0,
    died: 0,
    survived: 0,
    incomplete: 0,
    timeout: 0,
    unreached: 0,
  }
  for (const { fate } of judgements) counts[fate] += 1
  return { counts, share: (counts.killed + counts.died) / Math.max(1, judgements.length) }
}

/** One line about a mutant: place, original → mutated. */
export function lineOf({ file, line, original, replacement, mutator }: CodeMutant): string {
  return `${file}:${line} ${mutator}: ${clip(original)} → ${clip(replacement)}`
}

/** The report as Markdown. */
export function reportOf(
  judgements: readonly Judgement[],
  explanations: readonly Explanation[],
  run: { readonly seed: string; readonly all: number },
): string {
  const { counts, share } = scoreOf(judgements)
  const byKey = new Map(explanations.map((explanation) => [keyOf(explanation), explanation]))
  const rows = judgements
    .filter(({ fate }) => fate !== 'killed' && fate !== 'died')
    .map(({ mutant, fate, by }) => {
      const known = byKey.get(keyOf(mutant))
      const why = known ? `${known.kind}: ${known.reason}` : '**not explained**'
      const cells = [`${mutant.file}:${mutant.line}`, code(mutant.original), code(mutant.replacement)]
      return `| ${[...cells, by === undefined ? fate : `${fate} (${by})`, why].join(' | ')} |`
    })
  return `# Mutation run of the server's protocol code

Written by \`npm run mutation\`: small changes of the server's code (Stryker's mutators), one at a time, judged by the conformance kit alone.

- Judged: ${judgements.length} of ${run.all} mutants, seed \`${run.seed}\`.
- Caught: ${percent(share)} (${counts.killed} by a check that failed, ${counts.died} because the server no longer answered).
- Not caught: ${counts.survived} survived, ${counts.incomplete} left the run incomplete, ${counts.timeout} timed out, ${counts.unreached} are reached by no check.

## Not caught

| place | original | mutated | fate | why |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

/** A share in words. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function clip(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length <= 90 ? line : `${line.slice(0, 89)}…`
}

function code(text: string): string {
  return `<code>${clip(text).replace(/[&<>|`*_\\]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</code>`
}

import type { Explanation } from './explanation.ts'
import { grouped } from './grouped.ts'
import { keyOf, type CodeMutant } from './instrument.ts'
import { caughtFates, fates, type Fate, type Judgement } from './judge.ts'
import { situations, type Situation } from './situation.ts'

/** Share of the judged mutants that the kit has to catch. */
export const wantedShare = 0.8

/** Numbers of a run. */
export interface Score {
  readonly counts: Readonly<Record<Fate, number>>
  /** Mutants that were judged; a server that does not start is no subject. */
  readonly judged: number
  /** Those of them that no check has caught, and that behave as the original does, as their explanation shows. */
  readonly equivalent: number
  /** Caught, of the judged ones that are not equivalent: what testing calls the mutation score. */
  readonly share: number
  /** Caught, of all that were judged. */
  readonly shareOfAll: number
}

/** Counts what became of the mutants. */
export function scoreOf(
  judgements: readonly Judgement[],
  explained: ReadonlyMap<string, Explanation>,
): Score {
  const counts = Object.fromEntries(Object.keys(fates).map((fate) => [fate, 0])) as Record<Fate, number>
  for (const { fate } of judgements) counts[fate] += 1
  const valid = judgements.filter(({ fate }) => fate !== 'no start')
  const caught = valid.filter(({ fate }) => caughtFates.has(fate)).length
  const equivalent = valid.filter(
    ({ fate, mutant }) => !caughtFates.has(fate) && explained.get(keyOf(mutant))?.kind === 'equivalent',
  ).length
  return {
    counts,
    judged: valid.length,
    equivalent,
    share: caught / Math.max(1, valid.length - equivalent),
    shareOfAll: caught / Math.max(1, valid.length),
  }
}

/** One line about a mutant: place, original → mutated. */
export function lineOf({ file, line, original, replacement, mutator }: CodeMutant): string {
  return `${file}:${line} ${mutator}: ${clip(original)} → ${clip(replacement)}`
}

/** What a report says of itself that no run over all mutants has made at one go. */
const patchwork =
  'Put together from what several runs have judged, each with the kit of its day, on a machine that was busy with other things.'

/** What a situation is for, after its name. */
const lookWords: Readonly<Record<Situation['look'], string>> = {
  all: '',
  rest: ', for the checks that the situations before say nothing to',
  discovery: ', for the checks of discovery',
  drain: ', for the checks that take one',
  slow: ', for the checks of slow readers',
  patient: ', `--exhaustive`, for checks that wait for a time',
}

/** What a report says besides the judgements. */
export interface RunFacts {
  readonly seed: string
  /** Those of the judgements whose mutants the seed has drawn from all. */
  readonly drawn: readonly Judgement[]
  /** Mutants that there are to judge. */
  readonly subjects: readonly CodeMutant[]
  readonly aside: readonly CodeMutant[]
  /** Servers without a mutant that were judged among the others; 0 where the report is put together from earlier runs. */
  readonly sound: number
}

/** The report as Markdown. */
export function reportOf(
  judgements: readonly Judgement[],
  explained: ReadonlyMap<string, Explanation>,
  facts: RunFacts,
): string {
  const { aside, sound, subjects } = facts
  const { counts } = scoreOf(judgements, explained)
  const open = judgements
    .filter(({ fate }) => !caughtFates.has(fate) && fate !== 'no start')
    .toSorted((a, b) => a.mutant.file.localeCompare(b.mutant.file) || a.mutant.line - b.mutant.line)
  const groups = grouped(open, ({ mutant }) => explained.get(keyOf(mutant)))
  return `# Mutants of the server's code

Written by \`npm run mutation\`; do not edit. Small changes of the reference server's protocol code (Stryker's mutators), one at a time, judged by
the wire checks of the conformance kit alone: no unit test has a say.

${summary(judgements, explained, facts)}

| fate | mutants | meaning |
| --- | --- | --- |
${Object.entries(fates)
  .map(([fate, meaning]) => `| ${fate} | ${counts[fate as Fate]} | ${meaning} |`)
  .join('\n')}

Caught are the killed, the refused and the warned; all others count as not caught, those with an explanation too, save the equivalent ones.${
    sound === 0
      ? ''
      : ` Among the
mutants ${sound} servers without a mutant were judged in the same way.`
  }

A mutant meets the checks that come to its place, in these situations, until one fails:

${situations.map(({ name, look }) => `- ${name}${lookWords[look]}`).join('\n')}

## Set aside

${aside.length} mutants are not judged, by rules that stand in \`conformance/selftest/mutation/aside.ts\`:

${[...grouped(aside, ({ aside: reason }) => reason)]
  .map(([reason = '', mutants]) => `- ${mutants.length}: ${reason}: ${placesOf(mutants)}`)
  .join('\n')}

## By file

| file | mutants | judged | caught |
| --- | --- | --- | --- |
${byFile(judgements, subjects)}

## Not caught, and why

${[...groups].map(([explanation, members]) => section(explanation, members)).join('\n')}`
}

function summary(
  judgements: readonly Judgement[],
  explained: ReadonlyMap<string, Explanation>,
  { seed, drawn, subjects, sound }: RunFacts,
): string {
  const all = subjects.length
  const whole = sentence(scoreOf(judgements, explained))
  const open = judgements.filter(({ fate }) => fate === 'open').length
  const least =
    open === 0
      ? ''
      : `\n\nThat is the least that it can be: ${open} that the nearest checks did not catch have been asked no others yet, and count as not caught.`
  if (judgements.length === all)
    return drawn.length === all
      ? `${whole} ${sound === 0 ? patchwork : `The order is that of the seed \`${seed}\`.`}${least}`
      : `${whole} ${patchwork}${least}\n\nOf ${drawn.length} drawn at random with the seed \`${seed}\`, from all files: ${sentence(scoreOf(drawn, explained))} ${openWords(drawn)}`
  const judged = `There are ${all} mutants, of which ${judgements.length} have been judged; nothing here says how the others would fare.`
  if (drawn.length === judgements.length)
    return `${whole} They were drawn at random with the seed \`${seed}\` from the ${all} of all files; the others have not been judged.${sound === 0 ? ` ${patchwork}` : ''}${least}`
  return `${judged} ${patchwork}

- ${drawn.length} drawn at random with the seed \`${seed}\`, from all files: ${sentence(scoreOf(drawn, explained))} ${openWords(drawn)}
- All ${judgements.length} that have been judged, whole files and those that are hard to catch among them: ${whole} ${openWords(judgements)}

An open one counts as not caught, so these shares are the least that they can be.`
}

function openWords(judgements: readonly Judgement[]): string {
  const open = judgements.filter(({ fate }) => fate === 'open').length
  return open === 0 ? 'All of them have met every check that comes to their place.' : `${open} are open.`
}

function sentence({ judged, equivalent, share, shareOfAll }: Score): string {
  return `**${percent(share)} caught** of ${judged - equivalent} mutants that behave otherwise than the original; with the ${equivalent} that do not, each explained below, ${percent(shareOfAll)} of ${judged}.`
}

function section(explanation: Explanation | undefined, members: readonly Judgement[]): string {
  const title =
    explanation === undefined ? '### Not explained' : `### ${explanation.kind}: ${explanation.reason}`
  const rows = members.map(({ mutant, fate, by }) => {
    const cells = [
      `${shortName(mutant.file)}:${mutant.line}`,
      code(mutant.original),
      code(mutant.replacement),
    ]
    return `| ${[...cells, by === undefined ? fate : `${fate} (${escaped(by)})`].join(' | ')} |`
  })
  return `${title}\n\n| place | original | mutated | fate |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

function byFile(judgements: readonly Judgement[], subjects: readonly CodeMutant[]): string {
  const valid = grouped(
    judgements.filter(({ fate }) => fate !== 'no start'),
    ({ mutant }) => mutant.file,
  )
  return [...grouped(subjects, ({ file }) => file)]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([file, mutants]) => {
      const members = valid.get(file) ?? []
      const caught = members.filter(({ fate }) => caughtFates.has(fate)).length
      const share = members.length === 0 ? '' : ` (${percent(caught / members.length)})`
      return `| ${shortName(file)} | ${mutants.length} | ${members.length} | ${caught}${share} |`
    })
    .join('\n')
}

function placesOf(mutants: readonly CodeMutant[]): string {
  return [...grouped(mutants, ({ file }) => file)]
    .map(
      ([file, members]) =>
        `${shortName(file)} ${[...new Set(members.map(({ line }) => String(line)))].join(', ')}`,
    )
    .join('; ')
}

function shortName(file: string): string {
  return file.replace(/^reference-server\/src\//, '')
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
  return `<code>${escaped(clip(text))}</code>`
}

function escaped(text: string): string {
  return text.replace(/[&<>|`*_\\]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

import { causesOf, type RunResult } from '@parley/conformance'
import { huntPatiently } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants/index.ts'
import { numberOf, toolOptions } from './tool-options.ts'

/**
 * Measures how often a run blames the right requirement: runs the whole kit, without peers, against a sample of mutants, at most one for each
 * requirement.
 */
const usage =
  'npm run check:blame -- [--sample N] [--seed N] [--only PART-OF-NAME-OR-REQUIREMENT] [--at-once N]'
const { values } = toolOptions(usage, {
  options: {
    sample: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    'at-once': { type: 'string', default: '3' },
  },
})

/** Share of the runs whose first cause has to be right. */
const target = 0.9

interface Blame {
  readonly mutant: Mutant
  /** Requirements of the causes, the one that explains most first. */
  readonly causes: readonly string[]
  readonly failed: number
}

const sampleSize = numberOf('sample', values.sample, 1)
const turn = inTurn(numberOf('at-once', values['at-once'], 1))
const blames = await Promise.all(
  sample().map((mutant) => turn(async () => blameOf(mutant, (await huntPatiently(mutant)).result))),
)
const seen = blames.filter(({ failed }) => failed > 0)
const right = seen.filter(({ mutant, causes }) => causes[0] === mutant.breaks)
const related = seen.filter(
  ({ mutant, causes: [first = ''] }) => first === mutant.breaks || first in (mutant.consequences ?? {}),
)
const counts = seen.map(({ causes }) => causes.length).toSorted((a, b) => a - b)
console.log(
  [
    `${String(seen.length)} runs that failed, of ${String(blames.length)}`,
    `first cause is the broken requirement: ${share(right.length)}`,
    `first cause is that or a consequence it lists: ${share(related.length)}`,
    `causes: median ${String(counts[Math.floor(counts.length / 2)] ?? 0)}, most ${String(counts.at(-1) ?? 0)}`,
  ].join('\n'),
)
process.exit(right.length >= target * seen.length ? 0 : 1)

function blameOf(mutant: Mutant, result: RunResult): Blame {
  const failed = result.checks.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  const warned = failed.filter(({ verdict, causedBy }) => verdict === 'warn' && causedBy === undefined)
  const causes = [...causesOf(result).map(({ check }) => check), ...warned].map(
    ({ requirement }) => requirement,
  )
  const mark = causes[0] === mutant.breaks ? 'ok  ' : 'MISS'
  console.log(
    `${mark} ${mutant.breaks}: ${mutant.name}: ${causes.join(', ')} (${String(failed.length)} failed)`,
  )
  return { mutant, causes, failed: failed.length }
}

function share(count: number): string {
  return `${String(count)} (${((100 * count) / Math.max(1, seen.length)).toFixed(0)} %)`
}

function sample(): readonly Mutant[] {
  const eligible = mutants.filter(
    ({ slow, only, peers, name, breaks }) =>
      !slow && !peers && only === undefined && `${breaks}: ${name}`.includes(values.only),
  )
  const shuffled = eligible
    .map((mutant) => ({ mutant, key: hash(`${values.seed} ${mutant.breaks} ${mutant.name}`) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ mutant }) => mutant)
  return shuffled
    .filter(({ breaks }, place, all) => all.findIndex((other) => other.breaks === breaks) === place)
    .slice(0, sampleSize)
}

/** FNV-1a: a number that repeats for the same text. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return value
}

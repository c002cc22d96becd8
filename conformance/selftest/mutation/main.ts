import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildMutatedServer } from './build.ts'
import { KitExamination } from './examination.ts'
import { keyOf, staleExplanations, type Explanation } from './explanation.ts'
import { judge, type Judgement } from './judge.ts'
import { lineOf, percent, reportOf, scoreOf, wantedShare } from './mutation-report.ts'
import { sampleOf } from './sample.ts'
import { repositoryRoot } from './subject.ts'

// Usage: npm run mutation -- [--sample N] [--seed TEXT] [--file PART] [--minutes N] [--workers N] [--report FILE]
const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '0' },
    seed: { type: 'string', default: 'parley' },
    file: { type: 'string', default: '' },
    minutes: { type: 'string', default: '60' },
    workers: { type: 'string', default: '2' },
    report: { type: 'string', default: 'docs/reference/mutation.md' },
  },
})

/** A whole number from the command line. */
function countOf(name: 'sample' | 'minutes' | 'workers', least: number): number {
  const number = Number(values[name])
  if (Number.isInteger(number) && number >= least) return number
  console.error(`Cannot begin: --${name} is "${values[name]}", and has to be a whole number from ${least}`)
  process.exit(2)
}

const [size, minutes, workers] = [countOf('sample', 0), countOf('minutes', 1), countOf('workers', 1)]
const explanationFile = join(repositoryRoot, 'reference-server/mutation-explained.json')
const explanations = JSON.parse(readFileSync(explanationFile, 'utf8')) as readonly Explanation[]
const { entry, mutants } = await buildMutatedServer()
const chosen = sampleOf(
  mutants.filter(({ file }) => file.includes(values.file)),
  size,
  values.seed,
)
if (chosen.length === 0) {
  console.error(`Cannot begin: no file of the server's protocol code contains "${values.file}"`)
  process.exit(2)
}
console.log(
  `${chosen.length} of ${mutants.length} mutants, seed ${values.seed}; first the kit against the sound server`,
)
const examination = await KitExamination.prepare(entry)

const end = performance.now() + minutes * 60_000
const queue = [...chosen]
const judgements: Judgement[] = []
await Promise.all(
  Array.from({ length: workers }, async () => {
    for (let mutant = queue.shift(); mutant && performance.now() < end; mutant = queue.shift()) {
      const judgement: Judgement = examination.reaches(mutant)
        ? await judge(mutant, examination)
        : { mutant, fate: 'unreached' }
      examination.learn(judgement)
      judgements.push(judgement)
      const { fate, by } = judgement
      console.log(
        `${judgements.length}/${chosen.length} ${fate} ${lineOf(mutant)}${by === undefined ? '' : `  [${by}]`}`,
      )
    }
  }),
)

const { counts, share } = scoreOf(judgements)
writeFileSync(
  join(repositoryRoot, values.report),
  reportOf(judgements, explanations, { seed: values.seed, all: mutants.length }),
)
const explained = new Set(explanations.map(keyOf))
const open = judgements.filter(
  ({ fate, mutant }) => fate !== 'killed' && fate !== 'died' && !explained.has(keyOf(mutant)),
)
const stale = staleExplanations(explanations, mutants, judgements)
for (const { mutant, fate } of open) console.log(`NOT EXPLAINED (${fate}) ${lineOf(mutant)}`)
for (const explanation of stale) console.log(`STALE EXPLANATION ${keyOf(explanation)}`)
if (judgements.length < chosen.length)
  console.log(`The time was over after ${judgements.length} of ${chosen.length} mutants`)
console.log(
  `${JSON.stringify(counts)}: ${percent(share)} caught, ${open.length} not explained; ${values.report}`,
)
const whole = judgements.length === chosen.length
process.exit(whole && share >= wantedShare && open.length === 0 && stale.length === 0 ? 0 : 1)

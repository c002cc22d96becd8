import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildMutatedServer } from './build.ts'
import { explainedMutant, explanationsByKey, staleKeys, type Explanation } from './explanation.ts'
import { keyOf, type CodeMutant } from './instrument.ts'
import { judgeAll } from './judge-queue.ts'
import { caughtFates, type Judgement } from './judge.ts'
import { lineOf, percent, reportOf, scoreOf, wantedShare } from './mutation-report.ts'
import { numberOf, refuse, toolOptions } from '../tool-options.ts'
import { assemblePanel, soundMutant } from './panel.ts'
import { JudgementRecord } from './record.ts'
import { sampleOf } from './sample.ts'
import { repositoryRoot } from './subject.ts'

const usage =
  'npm run mutation -- [--sample N] [--seed TEXT] [--file PART] [--minutes N] [--workers N] [--hasty] [--resume | --recorded] [--report FILE] [--open FILE]'
const { values } = toolOptions(usage, {
  options: {
    sample: { type: 'string', default: '0' },
    seed: { type: 'string', default: 'parley' },
    /** Parts of file names, separated by commas. */
    file: { type: 'string', default: '' },
    minutes: { type: 'string', default: '240' },
    workers: { type: 'string', default: '2' },
    /** Asks the checks nearest to a mutant's place alone: a short way to find those that a full run has to look at. */
    hasty: { type: 'boolean', default: false },
    /** Takes over who was caught in an earlier run, as long as the mutated file has not changed. */
    resume: { type: 'boolean', default: false },
    /**
     * Judges nothing: counts and writes what earlier runs on this machine have found, and with `--sample` what they found of the mutants that
     * are drawn so.
     */
    recorded: { type: 'boolean', default: false },
    /** Where the report goes; of a whole run to its place in the docs. */
    report: { type: 'string' },
    /** Where to write the survivors without an explanation, as the file of explanations wants them. */
    open: { type: 'string' },
  },
})

// Ends with what was started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** One server without a mutant is judged after so many with one. */
const soundEvery = 25

const size = numberOf('sample', values.sample, 0)
const minutes = numberOf('minutes', values.minutes, 1)
const workers = numberOf('workers', values.workers, 1)
const explanationFile = join(repositoryRoot, 'reference-server/mutation-explained.json')
const explanations = JSON.parse(readFileSync(explanationFile, 'utf8')) as readonly Explanation[]
const { entry, mutants } = await buildMutatedServer()
const aside = mutants.filter((mutant) => mutant.aside !== undefined)
const subjects = mutants.filter((mutant) => mutant.aside === undefined)
const inFiles = subjects.filter(({ file }) => values.file.split(',').some((part) => file.includes(part)))
const drawn = new Set(sampleOf(inFiles, size, values.seed))
const chosen = values.recorded ? inFiles : [...drawn]
if (chosen.length === 0) refuse(`no file of the server's protocol code contains "${values.file}"`)
const began = performance.now()
const secondsGone = () => Math.round((performance.now() - began) / 1000)
console.log(
  `${chosen.length} of ${subjects.length} mutants, seed ${values.seed} (${aside.length} more are set aside)`,
)
const record = new JudgementRecord()
const judgements: Judgement[] = []
const keep = (judgement: Judgement, note = '') => {
  const { mutant, fate, by } = judgement
  judgements.push(judgement)
  console.log(
    `${judgements.length}/${chosen.length} ${secondsGone()} s ${fate}${note} ${lineOf(mutant)}${by === undefined ? '' : `  [${by}]`}`,
  )
}
const known = new Map(
  (values.resume || values.recorded ? chosen : []).flatMap((mutant) => {
    const judgement = values.recorded ? record.known(mutant) : record.caught(mutant)
    return judgement === undefined ? [] : [[mutant, judgement] as const]
  }),
)
for (const judgement of known.values()) keep(judgement, ' (before)')
const soundFates: Judgement[] = []
if (!values.recorded) await judgeRest(chosen.filter((mutant) => !known.has(mutant)))

const explained = explanationsByKey(explanations)
const { counts, share, shareOfAll } = scoreOf(judgements, explained)
const whole = judgements.length === chosen.length
const everything = whole && chosen.length === subjects.length
const report = values.report ?? (everything ? join(repositoryRoot, 'docs/reference/mutation.md') : undefined)
if (report !== undefined) {
  writeFileSync(
    report,
    reportOf(judgements, explained, {
      seed: values.seed,
      drawn: judgements.filter(({ mutant }) => drawn.has(mutant)),
      subjects,
      aside,
      sound: soundFates.length,
    }),
  )
}
const open = judgements.filter(({ fate, mutant }) => isOpen(fate) && !explained.has(keyOf(mutant)))
const falseFinds = soundFates.filter(({ fate }) => fate !== 'survived' && fate !== 'open')
const stale = staleKeys(explanations, mutants)
for (const { mutant, fate, by = '' } of open)
  console.log(`NOT EXPLAINED (${fate}) ${lineOf(mutant)}  [${by}]`)
for (const { fate, by = '' } of falseFinds) console.log(`A SOUND SERVER: ${fate} ${by}`)
for (const key of stale) console.log(`EXPLAINED, AND NOT THERE: ${key}`)
if (values.open !== undefined)
  writeFileSync(
    values.open,
    `${JSON.stringify(
      open.map(({ mutant, fate, by }) => ({ ...explainedMutant(mutant), fate, by, line: mutant.line })),
      null,
      2,
    )}\n`,
  )
if (!whole) console.log(`The time was over after ${judgements.length} of ${chosen.length} mutants`)
console.log(
  `${JSON.stringify(counts)}: ${percent(share)} caught (${percent(shareOfAll)} with equivalent ones), ${open.length} not explained, ${soundFates.length} sound servers judged, ${secondsGone()} s`,
)
const good = share >= wantedShare && open.length === 0 && stale.length === 0 && falseFinds.length === 0
process.exit(whole && good ? 0 : 1)

function isOpen(fate: Judgement['fate']): boolean {
  return !caughtFates.has(fate) && fate !== 'no start'
}

/** Judges mutants, and sound servers among them. */
async function judgeRest(mutants: readonly CodeMutant[]): Promise<void> {
  console.log('first the kit against the sound server')
  const panel = await assemblePanel(
    entry,
    subjects.flatMap((mutant) => record.caught(mutant) ?? []),
    values.hasty,
  )
  console.log(`the sound server conforms (${secondsGone()} s)`)
  const queue = mutants.flatMap((mutant, place) =>
    place % soundEvery === 0 ? [soundMutant, mutant] : [mutant],
  )
  await judgeAll(queue, panel, { workers, until: began + minutes * 60_000, settle })
}

function settle(judgement: Judgement): void {
  if (judgement.mutant === soundMutant) {
    soundFates.push(judgement)
    console.log(`the sound server again: ${judgement.fate} ${judgement.by ?? ''}`)
    return
  }
  record.add(judgement)
  keep(judgement)
}

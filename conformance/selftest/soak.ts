import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { conditions, impose, stopAgainAndAgain, type Condition } from './soak/condition.ts'
import { deviations, undecidedIn, type Deviation } from './soak/deviation.ts'
import { runKit } from './soak/kit-run.ts'
import { serve } from './soak/served.ts'
import type { RunResult, ServerRequirementId } from '@parley/conformance'
import { mutants } from './mutants/index.ts'
import { numberOf, refuse, toolOptions } from './tool-options.ts'

/*
 * The kit, again and again, under conditions that must not change a verdict.
 * --keep writes the result of every run that was not as it should be. --verbose says how each run went.
 * Ends with 1 where a check came to another verdict than on an idle machine, other than having no judgement, or where a mutant passed; with 2
 * for an option that it cannot use.
 */
const usage =
  'npm run soak -- [--condition a,b] [--runs N] [--share 0.1] [--mutants] [--keep FOLDER] [--verbose]'
const { values } = toolOptions(usage, {
  options: {
    condition: { type: 'string' },
    runs: { type: 'string' },
    share: { type: 'string' },
    mutants: { type: 'boolean' },
    verbose: { type: 'boolean' },
    keep: { type: 'string' },
  },
})
const wanted = values.condition?.split(',') ?? conditions.map(({ letter }) => letter)
const chosen = conditions.filter(({ letter }) => wanted.includes(letter))
const strange = wanted.filter((letter) => !conditions.some((condition) => condition.letter === letter))
if (strange.length > 0)
  refuse(
    `there is no condition ${strange.join(', ')}, only\n${conditions.map(({ letter, title }) => `  ${letter}  ${title}`).join('\n')}`,
  )
const share = values.share === undefined ? 1 : numberOf('share', values.share, 0, true)
const wantedRuns = values.runs === undefined ? undefined : numberOf('runs', values.runs, 1)

/** Faults of different kinds, of Core and of each capability that a client can provoke, seen by checks without peers. */
const faults: readonly ServerRequirementId[] = [
  'rooms.left-once',
  'delivery.order',
  'delivery.once',
  'delivery.no-gap',
  'relay.from',
  'outcomes.exactly-one',
  'rooms.members',
  'frames.bad-shape',
  'connection.peer-id',
  'limits.enforced',
  'auth.grants',
  'ring.decline',
  'ring.endpoint-lost',
  'talk.hangup',
  'seq.seen',
  'resume.again',
  'resume.unseen',
  'find.complete',
  'watch.change',
  'custom.one',
  'ice.renewed',
]

let wrong = 0
if (values.mutants) await soakMutants()
else await soakServers()
process.exit(wrong === 0 ? 0 : 1)

async function soakServers(): Promise<void> {
  const calm = new Map<string, RunResult>()
  for (const name of ['reference', 'minimal']) {
    await using server = await serve(name)
    const result = await runKit(server.url, server.tokens, [])
    if (typeof result === 'string') throw new Error(result)
    if (result.verdict !== 'conformant')
      throw new Error(`The ${name} server is ${result.verdict} when all is calm`)
    calm.set(name, result)
  }
  for (const condition of chosen) {
    const runs = wantedRuns ?? Math.max(1, Math.round(condition.runs * share))
    const began = performance.now()
    const found = new Map<string, number>()
    const open = new Map<string, number>()
    let done = 0
    let conformant = 0
    const one = async (turn: number) => {
      const name = turn % 2 === 0 ? 'reference' : 'minimal'
      for (const result of await runUnder(condition, name, [], `${condition.letter}${String(turn)}`)) {
        done += 1
        const wrongs = wrongIn(result, calm.get(name))
        const undecided = typeof result === 'string' ? [] : undecidedIn(result)
        for (const each of wrongs) count(found, each)
        for (const each of undecided) count(open, each)
        if (typeof result !== 'string' && result.verdict === 'conformant') conformant += 1
        if (wrongs.length + undecided.length > 0) await keep(result, `${condition.letter}-${String(done)}`)
        if (values.verbose)
          console.log(
            `${condition.letter} ${String(done)} ${name}: ${String(wrongs.length)} wrong, ${String(undecided.length)} undecided ${wrongs.map(({ check, what }) => `WRONG ${check}: ${what}`).join('; ')}`,
          )
      }
    }
    const turns = Math.ceil(runs / (condition.kits ?? 1))
    await abreast(turns, condition.abreast, one)
    wrong += found.size
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    console.log(
      `${condition.letter}  ${condition.title}: ${String(done)} runs, ${String(conformant)} conformant, ${String(total(found))} wrong, ${String(total(open))} checks undecided (${seconds} s)`,
    )
    for (const [what, times] of found) console.log(`     WRONG ${String(times)} × ${what}`)
    if (values.verbose) for (const [what, times] of open) console.log(`     open ${String(times)} × ${what}`)
  }
}

function wrongIn(result: RunResult | string, calm: RunResult | undefined): readonly Deviation[] {
  if (typeof result === 'string') return [{ check: 'the run', what: result }]
  return calm ? deviations(result, calm) : []
}

async function keep(result: RunResult | string, name: string): Promise<void> {
  if (values.keep === undefined) return
  await mkdir(values.keep, { recursive: true })
  await writeFile(join(values.keep, `${name}.json`), JSON.stringify(result, undefined, 2))
}

async function soakMutants(): Promise<void> {
  const rounds = wantedRuns ?? 3
  const victims = faults.map((requirement) =>
    mutants.find(({ breaks, peers, slow, drains }) => breaks === requirement && !peers && !slow && !drains),
  )
  for (const condition of chosen) {
    let killed = 0
    let open = 0
    let runs = 0
    for (const mutant of victims) {
      if (!mutant) throw new Error('A fault of the list has no mutant that is seen without peers')
      for (let round = 0; round < rounds; round += 1) {
        const { only, breaks, provokedBy } = mutant
        const checks = [only ?? breaks, ...(provokedBy === undefined ? [] : [provokedBy])]
        const args = ['--peers', 'none', '--check', checks.join(',')]
        const [result] = await runUnder({ ...condition, kits: 1 }, mutant.name, args, `m${String(round)}`)
        runs += 1
        const verdicts = typeof result === 'object' ? result.checks.map(({ verdict }) => verdict) : []
        if (verdicts.some((verdict) => verdict === 'fail' || verdict === 'warn')) killed += 1
        else if (verdicts.some((verdict) => verdict === 'could-not-run' || verdict === 'inconclusive'))
          open += 1
        else {
          wrong += 1
          console.log(
            `     WRONG ${mutant.breaks}: ${mutant.name}: ${typeof result === 'string' ? result : verdicts.join(' ')}`,
          )
        }
      }
    }
    console.log(
      `${condition.letter}  ${condition.title}: ${String(runs)} runs against mutants, ${String(killed)} killed, ${String(open)} undecided`,
    )
  }
}

/** Runs as many kits as the condition wants against one server. */
async function runUnder(
  condition: Condition,
  name: string,
  args: readonly string[],
  seed: string,
): Promise<readonly (RunResult | string)[]> {
  await using server = await serve(name)
  await using imposed = await impose(condition, server, seed)
  const release = condition.stops ? [stopAgainAndAgain(server.process)] : []
  const kits = Array.from({ length: condition.kits ?? 1 }, () =>
    runKit(imposed.url, server.tokens, args, (kit) => {
      if (condition.stops) release.push(stopAgainAndAgain(kit))
    }),
  )
  try {
    return await Promise.all(kits)
  } finally {
    for (const each of release) each()
  }
}

async function abreast(turns: number, width: number, work: (turn: number) => Promise<void>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: Math.min(width, turns) }, async () => {
      while (next < turns) {
        const turn = next
        next += 1
        await work(turn)
      }
    }),
  )
}

function count(counts: Map<string, number>, { check, what }: Deviation): void {
  const text = `${check}: ${what}`
  counts.set(text, (counts.get(text) ?? 0) + 1)
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, each) => sum + each, 0)
}

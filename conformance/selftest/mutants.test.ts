import { alike } from './alike.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { huntDown, type Hunt } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import {
  contradictionOf,
  differenceFrom,
  keyOf,
  killRecords,
  likeness,
  vagueness,
  type KillRecord,
} from './kill-record.ts'
import type { Mutant } from './mutant.ts'
import { killTable } from './kill-table.ts'
import { mutants } from './mutants/index.ts'

const hunts: Hunt[] = []
afterAll(() => {
  process.stdout.write(`\n${killTable(hunts)}\n`)
})

const turn = inTurn()
const alone = inTurn(1)
const hunted = mutants.filter(({ slow }) => !slow)
/** Every mutant is hunted from the beginning on, however many tests the runner lets wait at the same time. */
const first = new Map<Mutant, Promise<Hunt>>()
let quiet: Promise<unknown> = Promise.resolve()
beforeAll(() => {
  for (const mutant of hunted)
    first.set(
      mutant,
      turn(() => huntDown(mutant)),
    )
  quiet = Promise.allSettled(first.values())
})

/** The hunt of a mutant; where it is not as published, another one when all others are in: a busy machine can keep a check from a judgement. */
async function settledHunt(mutant: Mutant, record: KillRecord | undefined): Promise<Hunt> {
  const found = await first.get(mutant)
  if (found && differenceFrom(record, found) === undefined && found.strays.length === 0) return found
  await quiet
  let again = await alone(() => huntDown(mutant))
  for (let left = 1; left > 0 && differenceFrom(record, again) !== undefined; left -= 1)
    again = await alone(() => huntDown(mutant))
  return again
}
const published = new Map(killRecords().map((record) => [keyOf(record), record]))

describe('the kit against mutants', () => {
  test('there are many of them, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(510)
    const names = mutants.map(({ breaks, name }) => `${breaks}: ${name}`)
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([])
  })

  test('two mutants of one requirement are told apart by what is said of them, or there is a reason', () => {
    const groups = new Map<string, KillRecord[]>()
    // A mutant of one constraint of the schemas may be the same fault as one that was thought of.
    const ofConstraint = /^(overlooks \S|refuses \S+\/)/
    for (const record of killRecords().filter(({ mutant }) => !ofConstraint.test(mutant))) {
      const key = [record.breaks, likeness(record.message), ...record.killers].join('\n')
      groups.set(key, [...(groups.get(key) ?? []), record])
    }
    const same = [...groups.values()].filter((group) => group.length > 1)
    const listed = (breaks: string, names: readonly string[]) => `${breaks}: ${names.toSorted().join('; ')}`
    expect(
      same
        .map((group) =>
          listed(
            group[0]?.breaks ?? '',
            group.map(({ mutant }) => mutant),
          ),
        )
        .toSorted(),
    ).toEqual(alike.map(({ breaks, mutants: names }) => listed(breaks, names)).toSorted())
  })

  test('each published message names its fault', () => {
    const vague = killRecords().map((record) => [keyOf(record), vagueness(record)] as const)
    expect(vague.filter(([, why]) => why !== undefined)).toEqual([])
  })

  // Whether anything unrelated turns red takes the whole kit: `npm run check:strays`, which is not in the gate.
  test.concurrent.each(hunted.map((mutant) => [mutant.breaks, mutant.name, mutant] as const))(
    '%s: %s',
    async (breaks, name, mutant) => {
      const record = published.get(keyOf({ breaks, mutant: name }))
      const found = await settledHunt(mutant, record)
      hunts.push(found)
      const verdicts = found.result.checks.map(
        ({ id, verdict, reason }) => `${id} ${verdict}: ${reason ?? ''}`,
      )
      expect(
        found.killers.length,
        `no check of ${mutant.breaks} failed${mutant.says ? ` and said ${String(mutant.says)}` : ''}:\n${verdicts.join('\n')}`,
      ).toBeGreaterThan(0)
      expect(found.strays.map(({ id, verdict, reason }) => `${id} ${verdict}: ${reason ?? ''}`)).toEqual([])
      expect(
        contradictionOf(record, found),
        `the kill table is stale: npm run generate:kill-table -- "${name}"`,
      ).toBeUndefined()
    },
    600_000,
  )
})

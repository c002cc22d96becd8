import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { huntDown, type Hunt } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import { contradictionOf, differenceFrom, keyOf, killRecords, type KillRecord } from './kill-record.ts'
import { killTable } from './kill-table.ts'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants/index.ts'

/** Test files over which the hunts are spread: each is a process of its own, and hunting keeps one processor busy. */
export const huntingFiles = 2

/** Mutants that one of them hunts at the same time, for each core: together not many more than one file alone would. */
const huntsPerCore = 2

/** Registers a test for each mutant of a share: all shares together hunt every one. */
export function huntShare(share: number): void {
  const hunted = mutants.filter(({ slow }) => !slow).filter((_, place) => place % huntingFiles === share)
  const hunts: Hunt[] = []
  afterAll(() => {
    process.stdout.write(`\n${killTable(hunts)}\n`)
  })

  const turn = inTurn(huntsPerCore * availableParallelism())
  const alone = inTurn(1)
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
}

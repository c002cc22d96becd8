import { afterAll, describe, expect, test } from 'vitest'
import { huntDown, type Hunt } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import { keyOf, killRecords, recordOf } from './kill-record.ts'
import { killTable } from './kill-table.ts'
import { mutants } from './mutants/index.ts'

const hunts: Hunt[] = []
afterAll(() => {
  process.stdout.write(`\n${killTable(hunts)}\n`)
})

const turn = inTurn()
const published = new Map(killRecords().map((record) => [keyOf(record), record.killers]))

describe('the kit against mutants', () => {
  test('there are many of them, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(400)
    const names = mutants.map(({ breaks, name }) => `${breaks}: ${name}`)
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([])
  })

  // Whether anything unrelated turns red takes the whole kit, for each of them: `npm run check:strays`, which is not in the gate.
  test.concurrent.each(
    mutants.filter(({ slow }) => !slow).map((mutant) => [mutant.breaks, mutant.name, mutant] as const),
  )(
    '%s: %s',
    async (breaks, name, mutant) => {
      const killers = published.get(keyOf({ breaks, mutant: name }))
      const isAsPublished = (each: Hunt) => String(recordOf(each).killers) === String(killers)
      const first = await turn(() => huntDown(mutant))
      // A machine under load can keep a check from a judgement; what differs twice is a change.
      const found = isAsPublished(first) ? first : await turn(() => huntDown(mutant))
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
        recordOf(found).killers,
        `the kill table is stale: npm run generate:kill-table -- "${name}"`,
      ).toEqual(killers)
    },
    600_000,
  )
})

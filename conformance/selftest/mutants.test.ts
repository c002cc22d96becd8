import { afterAll, describe, expect, test } from 'vitest'
import { huntDown, type Hunt } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import { differenceFrom, keyOf, killRecords, vagueness } from './kill-record.ts'
import { killTable } from './kill-table.ts'
import { mutants } from './mutants/index.ts'

const hunts: Hunt[] = []
afterAll(() => {
  process.stdout.write(`\n${killTable(hunts)}\n`)
})

const turn = inTurn()
const published = new Map(killRecords().map((record) => [keyOf(record), record]))

describe('the kit against mutants', () => {
  test('there are many of them, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(510)
    const names = mutants.map(({ breaks, name }) => `${breaks}: ${name}`)
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([])
  })

  test('each published message names its fault', () => {
    const vague = killRecords().map((record) => [keyOf(record), vagueness(record)] as const)
    expect(vague.filter(([, why]) => why !== undefined)).toEqual([])
  })

  // Whether anything unrelated turns red takes the whole kit: strays.test.ts.
  test.concurrent.each(
    mutants.filter(({ slow }) => !slow).map((mutant) => [mutant.breaks, mutant.name, mutant] as const),
  )(
    '%s: %s',
    async (breaks, name, mutant) => {
      const record = published.get(keyOf({ breaks, mutant: name }))
      const first = await turn(() => huntDown(mutant))
      // A machine under load can keep a check from a judgement; what differs twice is a change.
      const found = differenceFrom(record, first) === undefined ? first : await turn(() => huntDown(mutant))
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
        differenceFrom(record, found),
        `the kill table is stale: npm run generate:kill-table -- "${name}"`,
      ).toBeUndefined()
    },
    600_000,
  )
})

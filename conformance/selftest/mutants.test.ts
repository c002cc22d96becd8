import { afterAll, describe, expect, test } from 'vitest'
import { hunt, type Hunt } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import { killTable } from './kill-table.ts'
import { mutants } from './mutants/index.ts'

const hunts: Hunt[] = []
afterAll(() => {
  process.stdout.write(`\n${killTable(hunts)}\n`)
})

const turn = inTurn()

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
    async (_breaks, _name, mutant) => {
      const narrow = await turn(() => hunt(mutant, [mutant.breaks]))
      // What the checks of the requirement do not provoke by themselves, the frames of all others do.
      const found = narrow.killers.length > 0 ? narrow : await turn(() => hunt(mutant))
      hunts.push(found)
      const verdicts = found.result.checks.map(
        ({ id, verdict, reason }) => `${id} ${verdict}: ${reason ?? ''}`,
      )
      expect(
        found.killers.length,
        `no check of ${mutant.breaks} failed:\n${verdicts.join('\n')}`,
      ).toBeGreaterThan(0)
      expect(found.strays.map(({ id, verdict, reason }) => `${id} ${verdict}: ${reason ?? ''}`)).toEqual([])
    },
    600_000,
  )
})

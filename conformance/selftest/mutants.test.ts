import { availableParallelism } from 'node:os'
import { afterAll, describe, expect, test } from 'vitest'
import { hunt, type Hunt } from './hunt.ts'
import { killTable } from './kill-table.ts'
import { mutants } from './mutants/index.ts'

/** Mutants that are hunted at the same time, for each core: they mostly wait. */
const huntsPerCore = 3

const hunts: Hunt[] = []
afterAll(() => {
  process.stdout.write(`\n${killTable(hunts)}\n`)
})

/** Lets only so many work at once; the others wait in line. */
function gate(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = places
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}

const inTurn = gate(availableParallelism() * huntsPerCore)

describe('the kit against mutants', () => {
  test('there are at least 25 of them, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(25)
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  })

  test.concurrent.each(mutants.map((mutant) => [mutant.breaks, mutant.name, mutant] as const))(
    '%s: %s',
    async (_breaks, _name, mutant) => {
      const found = await inTurn(() => hunt(mutant))
      hunts.push(found)
      const told = (results: Hunt['killers']) =>
        results.map(({ id, verdict, reason }) => `${id} ${verdict}: ${reason ?? ''}`)
      expect(told(found.strays), 'checks of other requirements that turned red').toEqual([])
      expect(found.killers.length, 'checks of the broken requirement that failed').toBeGreaterThan(0)
    },
    600_000,
  )
})

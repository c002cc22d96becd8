import { describe, expect, test } from 'vitest'
import { hunt } from './hunt.ts'
import { mutants } from './mutants/index.ts'

describe('the kit against mutants', () => {
  test('there are at least 25 of them, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(25)
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  })

  test.concurrent.each(mutants.map((mutant) => [mutant.breaks, mutant.name, mutant] as const))(
    '%s: %s',
    async (_breaks, _name, mutant) => {
      const { killers, strays } = await hunt(mutant)
      const told = (results: typeof killers) => results.map(({ id, verdict, reason }) => `${id} ${verdict}: ${reason ?? ''}`)
      expect(told(strays), 'checks of other requirements that turned red').toEqual([])
      expect(killers.length, 'checks of the broken requirement that failed').toBeGreaterThan(0)
    },
  )
})

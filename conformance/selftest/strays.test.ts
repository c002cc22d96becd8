import { afterAll, describe, expect, test } from 'vitest'
import { inTurn } from './in-turn.ts'
import { mutants } from './mutants/index.ts'
import { drawn, huntStrays, isForStrays, strayLine } from './stray-hunt.ts'

/** Mutants that each run of the tests holds against the whole kit: two seconds of a processor each. All of them: `npm run check:strays -- --all`. */
const perRun = 40

/** Other mutants every day; one day's are drawn again with its date. */
const seed = process.env['PARLEY_STRAYS_SEED'] ?? new Date().toISOString().slice(0, 10)

const turn = inTurn(3)
const chosen = drawn(mutants.filter(isForStrays), perRun, seed)
let clean = 0
afterAll(() => {
  process.stdout.write(
    `\nwhole kit: nothing unrelated turned red under ${String(clean)} of ${String(chosen.length)} mutants, drawn with PARLEY_STRAYS_SEED=${seed}\n`,
  )
})

describe('the whole kit against mutants', () => {
  test.concurrent.each(chosen.map((mutant) => [mutant.breaks, mutant.name, mutant] as const))(
    '%s: %s: nothing unrelated turns red',
    async (_breaks, _name, mutant) => {
      const found = await turn(() => huntStrays(mutant))
      expect(found.hasRun, 'no run came to its checks').toBe(true)
      expect(found.strays.map((stray) => strayLine(found, stray))).toEqual([])
      expect(found.killers.length, `no check of ${mutant.breaks} failed`).toBeGreaterThan(0)
      clean += 1
    },
    600_000,
  )
})

import { hunt, type Hunt } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import { killTable } from './kill-table.ts'
import { mutants } from './mutants/index.ts'

/**
 * Runs the whole kit against mutants, to see that nothing unrelated turns red: one mutant of each requirement, or with `--all` every one.
 * Usage: node conformance/selftest/dist/strays.js [--all] [PART-OF-REQUIREMENT]
 */
const all = process.argv.includes('--all')
const part = process.argv.slice(2).find((arg) => !arg.startsWith('--')) ?? ''
const chosen = mutants
  .filter(({ slow, only }) => !slow && only === undefined)
  .filter(({ breaks }) => breaks.includes(part))
  .filter(({ breaks }, place, list) => all || list.findIndex((other) => other.breaks === breaks) === place)

const turn = inTurn()
const hunts: Hunt[] = await Promise.all(chosen.map((mutant) => turn(() => hunt(mutant))))
for (const { mutant, strays } of hunts) {
  for (const { id, verdict, reason } of strays) {
    console.log(`STRAY ${id} ${verdict} for "${mutant.name}" (${mutant.breaks}): ${reason ?? ''}`)
  }
}
console.log(killTable(hunts))
const clean = hunts.every(({ killers, strays }) => killers.length > 0 && strays.length === 0)
process.exit(clean ? 0 : 1)

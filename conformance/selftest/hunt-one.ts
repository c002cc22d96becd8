import { parseArgs } from 'node:util'
import { hunt, huntDown } from './hunt.ts'
import { mutants } from './mutants/index.ts'
import { slowMutants } from './mutants/slow.ts'

/**
 * Runs the whole kit against mutants, or with `--narrow` the checks of the requirement that each breaks, and shows what each check says.
 * Usage: node conformance/selftest/dist/hunt-one.js [--slow] [--narrow] [PART-OF-NAME-OR-REQUIREMENT]
 */
const { values, positionals } = parseArgs({
  options: { slow: { type: 'boolean' }, narrow: { type: 'boolean' } },
  allowPositionals: true,
})
const [part = ''] = positionals
const list = values.slow ? slowMutants : mutants
for (const mutant of list.filter(({ name, breaks }) => name.includes(part) || breaks.includes(part))) {
  const { killers, strays, result } = values.narrow ? await huntDown(mutant) : await hunt(mutant)
  console.log(
    `${killers.length > 0 ? 'killed' : 'SURVIVED'} ${mutant.breaks}: ${mutant.name} (${String(result.durationMs)} ms)`,
  )
  for (const killer of killers) console.log(`    by ${killer.id}: ${killer.reason ?? ''}`)
  for (const stray of strays) console.log(`    STRAY ${stray.verdict} ${stray.id}: ${stray.reason ?? ''}`)
}
process.exit()

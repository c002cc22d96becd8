import { hunt, huntDown } from './hunt.ts'
import { mutants } from './mutants/index.ts'
import { slowMutants } from './mutants/slow.ts'
import { refuse, toolOptions } from './tool-options.ts'

/**
 * Runs the whole kit against mutants, or with `--narrow` the checks of the requirement that each breaks, and shows what each check says.
 */
const usage = 'node conformance/selftest/dist/hunt-one.js [--slow] [--narrow] [PART-OF-NAME-OR-REQUIREMENT]'
const { values, positionals } = toolOptions(usage, {
  options: { slow: { type: 'boolean' }, narrow: { type: 'boolean' } },
  allowPositionals: true,
})
const [part = ''] = positionals
const list = (values.slow ? slowMutants : mutants).filter(
  ({ name, breaks }) => name.includes(part) || breaks.includes(part),
)
if (list.length === 0) refuse(`no mutant has "${part}" in its name or requirement`)
for (const mutant of list) {
  const { killers, strays, result } = values.narrow ? await huntDown(mutant) : await hunt(mutant)
  console.log(
    `${killers.length > 0 ? 'killed' : 'SURVIVED'} ${mutant.breaks}: ${mutant.name} (${String(result.durationMs)} ms)`,
  )
  for (const killer of killers) console.log(`    by ${killer.id}: ${killer.reason ?? ''}`)
  for (const stray of strays) console.log(`    STRAY ${stray.verdict} ${stray.id}: ${stray.reason ?? ''}`)
}
process.exit()

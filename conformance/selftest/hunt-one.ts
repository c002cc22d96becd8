import { hunt } from './hunt.ts'
import { mutants } from './mutants/index.ts'
import { slowMutants } from './mutants/slow.ts'

// Usage: node conformance/selftest/dist/hunt-one.js [--slow] PART-OF-NAME-OR-REQUIREMENT
const part = process.argv.slice(2).find((word) => !word.startsWith('--')) ?? ''
const list = process.argv.includes('--slow') ? slowMutants : mutants
for (const mutant of list.filter(({ name, breaks }) => name.includes(part) || breaks.includes(part))) {
  const { killers, strays, result } = await hunt(mutant)
  console.log(
    `${killers.length > 0 ? 'killed' : 'SURVIVED'} ${mutant.breaks}: ${mutant.name} (${String(result.durationMs)} ms)`,
  )
  for (const killer of killers) console.log(`    by ${killer.id}: ${killer.reason ?? ''}`)
  for (const stray of strays) console.log(`    STRAY ${stray.verdict} ${stray.id}: ${stray.reason ?? ''}`)
}
process.exit()

import { generateFile } from './generated-file.ts'
import { constraintMutants } from './mutants/constraint.ts'
import { mutants } from './mutants/index.ts'

/**
 * Writes what the mutants declare of themselves as a table that the kit tells causes from consequences by, or with `--check` compares it.
 * Usage: node conformance/selftest/dist/generate-consequence.js [--check]
 */
// Those made from the schemas are hunted by one check each: they say nothing of what fails with it, and are many.
const isMade = new Set(constraintMutants)
const rows = new Map<string, number>()
for (const { breaks, consequences = {} } of mutants.filter((mutant) => !isMade.has(mutant))) {
  const brings = Object.keys(consequences)
    .filter((each) => each !== breaks)
    .toSorted()
  const row = JSON.stringify([breaks, brings])
  rows.set(row, (rows.get(row) ?? 0) + 1)
}
const lines = [...rows]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([row, times]) => {
    const [breaks, brings] = JSON.parse(row) as [string, string[]]
    return `  { breaks: ${JSON.stringify(breaks)}, brings: ${JSON.stringify(brings)}, times: ${String(times)} },`
  })
const source = `// Generated from conformance/selftest/mutants by \`npm run generate:consequence\`; do not edit.
import type { ServerRequirementId } from './requirement.ts'

/** A kind of fault, as the mutants of the self-test are: what it breaks, and what may fail with it. */
interface Fault {
  readonly breaks: ServerRequirementId
  readonly brings: readonly ServerRequirementId[]
  /** How many mutants are like that. */
  readonly times: number
}

/** Every kind of fault in the self-test. */
export const faults: readonly Fault[] = [
${lines.join('\n')}
]
`
await generateFile('conformance/src/generated/consequence.ts', source)

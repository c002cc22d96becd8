import { generalConsequences } from './general-consequence.ts'
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
const add = (breaks: string, brings: readonly string[], times: number) => {
  const row = JSON.stringify([breaks, brings.filter((each) => each !== breaks).toSorted()])
  rows.set(row, (rows.get(row) ?? 0) + times)
}
const telling = mutants.filter((mutant) => !isMade.has(mutant))
for (const { breaks, consequences = {} } of telling) add(breaks, Object.keys(consequences), 1)
// What goes along with a requirement in general does so with some of its faults, one thing at a time: together these count as much as the mutants.
for (const breaks of new Set(telling.map((mutant) => mutant.breaks))) {
  const count = telling.filter((mutant) => mutant.breaks === breaks).length
  const general = Object.keys(generalConsequences(breaks))
  for (const each of general) add(breaks, [each], Math.ceil(count / general.length))
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

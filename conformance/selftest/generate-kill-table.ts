import { generateFile } from './generated-file.ts'
import { huntDown } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import { killPage } from './kill-page.ts'
import { keyOf, killRecords, killRecordsPath, recordOf, type KillRecord } from './kill-record.ts'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants/index.ts'
import { slowMutants } from './mutants/slow.ts'
import { toolOptions } from './tool-options.ts'

/**
 * Hunts mutants and writes the kill table, as records and as a page. Without arguments all of them (minutes); with a part of a name or
 * requirement those, and all that are not in the table as killed. With `--check` it hunts none, and compares the page.
 */
const usage = 'npm run generate:kill-table -- [--check] [PART-OF-NAME-OR-REQUIREMENT]'
const { values, positionals } = toolOptions(usage, {
  options: { check: { type: 'boolean' } },
  allowPositionals: true,
})
const isCheck = values.check ?? false
const [part] = positionals
const before = new Map(killRecords().map((record) => [keyOf(record), record]))
/** Hunts for one mutant, at most. */
const mostHunts = 5
const turn = inTurn()
const wholly = new Set<string>()
const records = await Promise.all(mutants.map(recordFor))
const lost = records.filter(({ killers }) => killers.length === 0).map(keyOf)
if (lost.length > 0) {
  console.error(`Not in the kill table, or not killed. Run: npm run generate:kill-table\n${lost.join('\n')}`)
  process.exitCode = 1
}
if (wholly.size > 0)
  console.error(
    `Killed by the whole kit alone; name what provokes it (provokedBy):\n${[...wholly].join('\n')}`,
  )
await generateFile(killRecordsPath, JSON.stringify(records))
await generateFile('docs/reference/kill-table.md', killPage(mutants, slowMutants, records))
// What a connection or a timer still holds open is over.
process.exit()

async function recordFor(mutant: Mutant): Promise<KillRecord> {
  const key = keyOf({ breaks: mutant.breaks, mutant: mutant.name })
  const known = before.get(key)
  if (isCheck) return known ?? { breaks: mutant.breaks, mutant: mutant.name, killers: [], message: '' }
  const isWanted = part === undefined || key.includes(part)
  const isKilled = known !== undefined && known.killers.length > 0
  return isKilled && !isWanted ? known : await agreed(mutant)
}

/** What two hunts agree on: on a busy machine one of them can come to less. */
async function agreed(mutant: Mutant): Promise<KillRecord> {
  let previous: KillRecord | undefined
  for (let tries = 0; tries < mostHunts; tries += 1) {
    const found = await turn(() => huntDown(mutant))
    const record = recordOf(found)
    if (found.isWhole && found.killers.length > 0) wholly.add(keyOf(record))
    if (record.killers.length > 0 && String(record.killers) === String(previous?.killers)) return record
    previous = record
  }
  return previous ?? { breaks: mutant.breaks, mutant: mutant.name, killers: [], message: '' }
}

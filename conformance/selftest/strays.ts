import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { inTurn } from './in-turn.ts'
import { mutants } from './mutants/index.ts'
import { huntStrays, isForStrays, strayLine } from './stray-hunt.ts'

/**
 * Runs the whole kit against mutants, to see that nothing unrelated turns red: one mutant of each requirement, or with `--all` every one. A
 * process for each core; prints what it finds as it goes. With `--consequences` it also names each listed consequence that did not occur.
 * Usage: node conformance/selftest/dist/strays.js [--all] [--consequences] [PART-OF-NAME-OR-REQUIREMENT]
 */
const { values, positionals } = parseArgs({
  options: { all: { type: 'boolean' }, consequences: { type: 'boolean' }, share: { type: 'string' } },
  allowPositionals: true,
})
const [part = ''] = positionals
const chosen = mutants
  .filter(isForStrays)
  .filter(({ breaks, name }) => `${breaks}: ${name}`.includes(part))
  .filter(
    ({ breaks }, place, list) =>
      values.all || part !== '' || list.findIndex((other) => other.breaks === breaks) === place,
  )
const huntsAtOnce = 2

if (values.share === undefined) {
  const processes = availableParallelism()
  const codes = await Promise.all(
    Array.from({ length: processes }, async (_, place) => {
      const args = [...process.argv.slice(2), '--share', `${String(place)}/${String(processes)}`]
      const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' })
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    }),
  )
  console.log(`${String(chosen.length)} mutants, each against the whole kit`)
  process.exit(codes.every((code) => code === 0) ? 0 : 1)
}

const [place = 0, processes = 1] = values.share.split('/').map(Number)
const turn = inTurn(huntsAtOnce)
const outcomes = await Promise.all(
  chosen
    .filter((_mutant, index) => index % processes === place)
    .map((mutant) =>
      turn(async () => {
        const found = await huntStrays(mutant)
        const fate = !found.hasRun ? 'NOT RUN' : found.killers.length === 0 ? 'SURVIVED' : 'killed'
        console.log(`${fate} "${mutant.name}" (${mutant.breaks})`)
        for (const stray of found.strays) console.log(strayLine(found, stray))
        const idle = Object.keys(mutant.consequences ?? {}).filter((id) => !found.failed.includes(id))
        if (values.consequences && idle.length > 0)
          console.log(`IDLE for "${mutant.name}" (${mutant.breaks}): ${idle.join(', ')}`)
        return found.killers.length > 0 && found.strays.length === 0
      }),
    ),
)
process.exit(outcomes.every(Boolean) ? 0 : 1)

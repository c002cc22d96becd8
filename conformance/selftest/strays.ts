import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { inTurn } from './in-turn.ts'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants/index.ts'
import { refuse, toolOptions } from './tool-options.ts'
import { forTheWholeKit, huntStrays, isForStrays, strayLine } from './stray-hunt.ts'

/**
 * Runs the whole kit against mutants, to see that nothing unrelated turns red: one mutant of each requirement, or with `--all` every one. With
 * `--named` also those that name the checks which hunt them. A process for each core; prints what it finds as it goes, and the count at the end.
 * Ends with 1 where anything unrelated turned red, or a mutant survived. With `--consequences` it also names each listed consequence that did
 * not occur. With `--clean FILE` it notes in that file which turned nothing unrelated red, and leaves out those that stand there: a run can be
 * ended and gone on with, and after a mend only the others run again.
 */
const usage =
  'npm run check:strays -- [--all] [--named] [--clean FILE] [--consequences] [PART-OF-NAME-OR-REQUIREMENT]'
const { values, positionals } = toolOptions(usage, {
  options: {
    all: { type: 'boolean' },
    clean: { type: 'string' },
    consequences: { type: 'boolean' },
    named: { type: 'boolean' },
    share: { type: 'string' },
  },
  allowPositionals: true,
})
const [part = ''] = positionals
const chosen = [...mutants.filter(isForStrays), ...(values.named ? forTheWholeKit(mutants) : [])]
  .filter((mutant) => lineOf(mutant).includes(part))
  .filter(
    ({ breaks }, place, list) =>
      values.all || part !== '' || list.findIndex((other) => other.breaks === breaks) === place,
  )
if (chosen.length === 0) refuse(`no mutant has "${part}" in its name or requirement`)
const huntsAtOnce = 2
const { clean: notes } = values
const known = new Set(notes !== undefined && existsSync(notes) ? readFileSync(notes, 'utf8').split('\n') : [])

if (values.share === undefined) {
  const fates: Fate[] = []
  const processes = availableParallelism()
  const codes = await Promise.all(
    Array.from({ length: processes }, async (_, place) => {
      const args = [...process.argv.slice(2), '--share', `${String(place)}/${String(processes)}`]
      const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
        stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      })
      child.on('message', (fate: Fate) => fates.push(fate))
      const [code] = (await once(child, 'exit')) as [number | null]
      return code
    }),
  )
  const before = chosen.filter((mutant) => known.has(lineOf(mutant))).length
  const earlier = before > 0 ? `, ${String(before)} of them in an earlier run` : ''
  const strays = fates.reduce((sum, fate) => sum + fate.strays, 0)
  const guilty = fates.filter((fate) => fate.strays > 0).length
  const unseen = fates.filter(({ killed }) => !killed).length
  console.log(
    [
      `${String(chosen.length)} mutants, each against the whole kit${earlier}`,
      `${String(strays)} strays, of ${String(guilty)} mutants; ${String(unseen)} survived or did not run`,
    ].join('\n'),
  )
  const isWhole = before + fates.length === chosen.length
  process.exit(isWhole && strays + unseen === 0 && codes.every((code) => code === 0) ? 0 : 1)
}

const [place = 0, processes = 1] = values.share.split('/').map(Number)
const turn = inTurn(huntsAtOnce)
await Promise.all(
  chosen
    .filter((_mutant, index) => index % processes === place)
    .filter((mutant) => !known.has(lineOf(mutant)))
    .map((mutant) =>
      turn(async () => {
        const found = await huntStrays(mutant)
        const end = !found.hasRun ? 'NOT RUN' : found.killers.length === 0 ? 'SURVIVED' : 'killed'
        console.log(`${end} "${mutant.name}" (${mutant.breaks})`)
        for (const stray of found.strays) console.log(strayLine(found, stray))
        const idle = Object.keys(mutant.consequences ?? {}).filter((id) => !found.failed.includes(id))
        if (values.consequences && idle.length > 0)
          console.log(`IDLE for "${mutant.name}" (${mutant.breaks}): ${idle.join(', ')}`)
        const isClean = found.killers.length > 0 && found.strays.length === 0
        const fate: Fate = { killed: found.killers.length > 0, strays: found.strays.length }
        await new Promise<void>((resolve) => {
          process.send?.(fate, undefined, undefined, () => {
            resolve()
          })
        })
        if (isClean && notes !== undefined) appendFileSync(notes, `${lineOf(mutant)}\n`)
      }),
    ),
)
process.exit(0)

/** What the process of a share tells of each mutant. */
interface Fate {
  readonly killed: boolean
  readonly strays: number
}

/** A mutant as it stands in the notes. */
function lineOf({ breaks, name }: Mutant): string {
  return `${breaks}: ${name}`
}

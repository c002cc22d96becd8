import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { notRunExitCode } from './ci/not-run.ts'

/**
 * The gate: runs every check of the repository, all of them even when one fails, and ends with 1 if any did. With `--tested` it leaves out the
 * tests, which have just run. A step that lacks a tool of this machine is neither passed nor failed, and named at the end.
 */
const { values } = parseArgs({ options: { tested: { type: 'boolean' } } })
const steps = [
  'check:format',
  'check:lint',
  'check:boundaries',
  'check:unused',
  'check:schemas',
  'check:spec',
  'check:validators',
  'check:result-schema',
  'check:consequence',
  'check:check-list',
  'check:traceability',
  'check:kill-table',
  'check:ci-files',
  'check:package',
  'check:install',
  'check:docs',
  ...(values.tested ? [] : ['test']),
]

/** Steps at the same time: each computes on one processor, and none of them writes what another one reads. */
const atOnce = Math.min(2, availableParallelism())

const failed: string[] = []
const partly: string[] = []
const waiting = [...steps]
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await run(step)
  }),
)
if (partly.length > 0) console.log(`gate: not wholly run, for lack of a tool: ${partly.join(', ')}`)
const passed = `gate: ${steps.length - partly.length} of ${steps.length} steps passed`
console.log(failed.length === 0 ? passed : `gate: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

/** Runs a step, and says how it went when it is over. */
async function run(step: string): Promise<void> {
  const began = performance.now()
  const child = spawn('npm', ['run', '--silent', step], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text))
  const [status] = (await once(child, 'close')) as [number | null]
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const sign = status === 0 ? 'ok  ' : status === notRunExitCode ? 'PART' : 'FAIL'
  console.log(`${sign} ${step} (${seconds} s)`)
  // The kill table and the counts are worth seeing in any case.
  if (status !== 0 || step === 'test' || step === 'check:check-list') console.log(printed.trimEnd())
  if (status === notRunExitCode) partly.push(step)
  else if (status !== 0) failed.push(step)
}

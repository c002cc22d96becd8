import { spawnSync } from 'node:child_process'
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

const failed: string[] = []
const partly: string[] = []
for (const step of steps) {
  const began = performance.now()
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', step], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const sign = status === 0 ? 'ok  ' : status === notRunExitCode ? 'PART' : 'FAIL'
  console.log(`${sign} ${step} (${seconds} s)`)
  // The kill table and the counts are worth seeing in any case.
  if (status !== 0 || step === 'test' || step === 'check:check-list')
    console.log(`${stdout}${stderr}`.trimEnd())
  if (status === notRunExitCode) partly.push(step)
  else if (status !== 0) failed.push(step)
}
if (partly.length > 0) console.log(`gate: not wholly run, for lack of a tool: ${partly.join(', ')}`)
const passed = `gate: ${steps.length - partly.length} of ${steps.length} steps passed`
console.log(failed.length === 0 ? passed : `gate: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

/**
 * The gate: runs every check of the repository, all of them even when one fails, and ends with 1 if any did. With `--tested` it leaves out the
 * tests, which have just run.
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
  'check:package',
  'check:install',
  'check:docs',
  ...(values.tested ? [] : ['test']),
]

const failed: string[] = []
for (const step of steps) {
  const began = performance.now()
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', step], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${step} (${seconds} s)`)
  // The kill table and the counts are worth seeing in any case.
  if (status !== 0 || step === 'test' || step === 'check:check-list')
    console.log(`${stdout}${stderr}`.trimEnd())
  if (status !== 0) failed.push(step)
}
console.log(failed.length === 0 ? `gate: ${steps.length} steps passed` : `gate: failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

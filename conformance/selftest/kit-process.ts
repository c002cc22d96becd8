import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { repository } from './running-server.ts'

/** The command in a process of its own, in a folder of its own for all that it writes. */
export interface KitProcess extends AsyncDisposable {
  readonly process: ChildProcess
  readonly pid: number
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** All that it has printed so far. */
  readonly printed: () => string
  /** Resolves once it has printed something. */
  prints(words: string): Promise<void>
  /** Where its result goes with `--json`. */
  readonly resultFile: string
  /** Names of what is in its folder, the one for temporary files included. */
  files(): Promise<string[]>
}

/**
 * Starts the command as users run it.
 *
 * @param nodeArgs - Options of Node itself.
 */
export async function startKit(
  url: string,
  tokens: readonly string[],
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): Promise<KitProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-kit-'))
  const resultFile = join(folder, 'result.json')
  const [PARLEY_TOKEN = '', PARLEY_TOKEN_2 = ''] = tokens
  const program = fileURLToPath(new URL('conformance/dist/main.js', repository))
  const child = spawn(process.execPath, [...nodeArgs, program, url, '--json', resultFile, ...args], {
    env: { ...process.env, PARLEY_TOKEN, PARLEY_TOKEN_2, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (data: string) => (text += data))
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    process: child,
    pid: child.pid ?? 0,
    ended,
    printed: () => text,
    prints: (words) => until(() => text.includes(words)),
    resultFile,
    files: () => readdir(folder),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Looks at every turn of the event loop; the test's own deadline ends a wait for what never comes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}

/** Ids of the processes that a process has started (Linux). */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
      .split(' ')
      .filter((word) => word.trim() !== '')
      .map(Number)
  } catch {
    return []
  }
}

/** Whether a process runs (Linux); one that has ended and that nobody has asked after does not. */
export function runs(pid: number): boolean {
  const file = `/proc/${String(pid)}/stat`
  if (!existsSync(file)) return false
  try {
    return !/\) [ZX] /.test(readFileSync(file, 'utf8'))
  } catch {
    return false
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunResult } from '@parley/conformance'

/** The command as users run it. */
const command = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))

/** Minutes after which a run counts as hanging. */
const longestMinutes = 90

/**
 * Runs the kit in a process of its own.
 *
 * @param during - Told of the process once it runs.
 * @returns The result; what it printed where it wrote none.
 */
export async function runKit(
  url: string,
  tokens: readonly string[],
  args: readonly string[],
  during: (kit: ChildProcess) => void = () => undefined,
): Promise<RunResult | string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-soak-'))
  const file = join(folder, 'result.json')
  const [PARLEY_TOKEN = '', PARLEY_TOKEN_2 = ''] = tokens
  const kit = spawn(process.execPath, [command, url, '--json', file, ...args], {
    env: { ...process.env, PARLEY_TOKEN, PARLEY_TOKEN_2 },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestMinutes * 60_000,
    killSignal: 'SIGKILL',
  })
  let printed = ''
  for (const stream of [kit.stdout, kit.stderr])
    stream.on('data', (data: Buffer) => (printed += data.toString()))
  during(kit)
  const [code, signal] = (await once(kit, 'exit')) as [number | null, string | null]
  try {
    return JSON.parse(await readFile(file, 'utf8')) as RunResult
  } catch {
    return `the kit ended with ${String(code ?? signal)} and wrote no result: ${printed.slice(-500)}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

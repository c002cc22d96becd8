import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { main } from '@parley/conformance'
import { repository } from '../running-server.ts'

/** What a run of the command came to. */
export interface MainRun {
  readonly code: number | null
  /** All that it printed. */
  readonly text: string
}

/**
 * Runs the command without real peers.
 *
 * @param asProcess - Runs it as a process of its own, with these variables.
 */
export async function runMain(
  args: readonly string[],
  { asProcess }: { readonly asProcess?: Readonly<Record<string, string>> } = {},
): Promise<MainRun> {
  let text = ''
  const write = (piece: string | Buffer) => (text += String(piece))
  const all = [...args, '--peers', 'none']
  if (asProcess) {
    const program = fileURLToPath(new URL('conformance/dist/main.js', repository))
    const child = spawn(process.execPath, [program, ...all], { env: { ...process.env, ...asProcess } })
    child.stdout.on('data', write)
    child.stderr.on('data', write)
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, text }
  }
  return { code: await main(all, { stdout: { write }, stderr: { write }, env: {} }), text }
}

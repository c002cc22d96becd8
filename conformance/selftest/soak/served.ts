import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { repository, type RunningServer } from '../running-server.ts'

/** A server in a process of its own. */
export interface Served extends RunningServer {
  readonly process: ChildProcess
}

/**
 * Starts a server in a process of its own.
 *
 * @param name - `reference`, `core`, `minimal`, or the name of a mutant.
 * @param nodeOptions - Options of its Node.
 */
export async function serve(name: string, nodeOptions: readonly string[] = []): Promise<Served> {
  const program = fileURLToPath(new URL('conformance/selftest/dist/soak/serve.js', repository))
  const child = spawn(process.execPath, [...nodeOptions, program, name], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  })
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('The process of the server has no standard streams')
  const lines = createInterface({ input: stdout })
  const [line] = (await once(lines, 'line')) as [string]
  const { url, tokens } = JSON.parse(line) as Pick<RunningServer, 'url' | 'tokens'>
  return {
    url,
    tokens,
    process: child,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGCONT')
      stdin.end()
      await ended
    },
  }
}

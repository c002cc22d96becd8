import { spawn, type ChildProcess } from 'node:child_process'

/** How a program ended, and what it said. */
export interface Ending {
  readonly code: number | null
  readonly output: string
}

/** Where and how long a program may run. */
export interface Place {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly timeoutMs?: number
}

/** Runs a program to its end. */
export function runProgram(
  words: readonly string[],
  { cwd, env, timeoutMs = 180_000 }: Place,
): Promise<Ending> {
  const [program = '', ...args] = words
  const child = spawn(program, args, { cwd, env: env ?? process.env, timeout: timeoutMs })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve({ code: null, output: error.message })
    })
    child.once('close', (code) => {
      resolve({ code, output })
    })
  })
}

/** A server in a process of its own. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string
}

/**
 * Starts a program that says where it listens.
 *
 * @throws When it ends before it has said so.
 */
export function startServerProcess(words: readonly string[], { cwd, env }: Place): Promise<ServerProcess> {
  const [program = '', ...args] = words
  const child = spawn(program, args, { cwd, env: env ?? process.env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  return new Promise((resolve, reject) => {
    const read = (text: string) => {
      output += text
      const url = /ws:\/\/[\d.]+:\d+\//.exec(output)?.[0]
      if (url !== undefined) resolve({ url, [Symbol.asyncDispose]: () => stop(child) })
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read)
    child.once('error', reject)
    child.once('exit', (code) => {
      reject(new Error(`Cannot start the server: it ended with ${String(code)}: ${output}`))
    })
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

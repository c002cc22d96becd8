import { spawn } from 'node:child_process'

/** Makes the server that is tested begin to drain: a command for the shell, or a function. */
export type DrainMaker = string | (() => unknown)

/** A command under way. It may end at once, or only with the server. */
export interface DrainCommand {
  /** Resolves when it has ended, with what went wrong, in words; `undefined` where nothing did. */
  readonly ended: Promise<string | undefined>
  /** Ends it, if it still runs. */
  stop(): void
}

/** Characters of what a failed command wrote to its standard error that are told. */
const toldCharacters = 300

/** Makes the server begin to drain. */
export function beginDraining(maker: DrainMaker): DrainCommand {
  return typeof maker === 'string' ? run(maker) : { ended: call(maker), stop: () => undefined }
}

async function call(maker: () => unknown): Promise<string | undefined> {
  try {
    await maker()
    return undefined
  } catch (error) {
    return `threw: ${error instanceof Error ? error.message : String(error)}`
  }
}

function run(command: string): DrainCommand {
  const shell = process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c'] : ['/bin/sh', '-c']
  const [program = '/bin/sh', ...flags] = shell
  const child = spawn(program, [...flags, command], { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-toldCharacters)
  })
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', ({ message }) => {
      resolve(`could not be started: ${message}`)
    })
    child.once('close', (code, signal) => {
      const said = words.trim() === '' ? '' : `: ${words.trim()}`
      resolve(code === 0 ? undefined : `ended with ${String(code ?? signal)}${said}`)
    })
  })
  return { ended, stop: () => child.kill() }
}

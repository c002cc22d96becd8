import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Thrown when a token cannot be had. */
export class CredentialError extends Error {
  override name = 'CredentialError'
}

const sourceForm = /^(env|file|command):(.*)$/s

/** Longest time a token command may take, in milliseconds. */
const commandTimeoutMs = 30_000

/**
 * Gets a token from where the user keeps it.
 *
 * @param source - `env:NAME`, `file:PATH`, `command:COMMAND LINE` (run by the shell, its output is the token), or the token itself.
 * @throws {@link CredentialError} with a sentence for people; it never holds the token.
 */
export function readToken(source: string): Promise<string> {
  return readSecret(source, 'token')
}

/**
 * Gets a secret from where the user keeps it.
 *
 * @param source - See {@link readToken}.
 * @param what - What it is, for sentences: `token`.
 * @throws {@link CredentialError}
 */
export async function readSecret(source: string, what: string): Promise<string> {
  const [, kind, rest] = sourceForm.exec(source) ?? []
  return checked(await readSource(kind, rest ?? source, what), what, kind ?? 'the option')
}

/** Whether a secret is not given itself, but where it is: that may be shown. */
export function isElsewhere(source: string): boolean {
  return sourceForm.test(source)
}

/**
 * The text of a secret, without the space around it.
 *
 * @param from - Where it is from, for sentences.
 * @throws {@link CredentialError}
 */
export function checked(text: string, what: string, from: string): string {
  const secret = text.trim()
  if (secret === '') throw new CredentialError(`Cannot use the ${what} from ${from}: it is empty`)
  if (/[\r\n]/.test(secret))
    throw new CredentialError(`Cannot use the ${what} from ${from}: it has more than one line`)
  if (!/^[ -~]+$/.test(secret))
    throw new CredentialError(`Cannot use the ${what} from ${from}: it has characters beyond printable ASCII`)
  return secret
}

async function readSource(kind: string | undefined, value: string, what: string): Promise<string> {
  if (kind === undefined) return value
  if (kind === 'env') {
    const found = process.env[value]
    if (found === undefined)
      throw new CredentialError(`Cannot read a ${what}: the variable "${value}" is not set`)
    return found
  }
  if (kind === 'command') return outputOf(value, what)
  try {
    return await readFile(value, 'utf8')
  } catch (cause) {
    throw new CredentialError(`Cannot read a ${what} from the file "${value}": ${reason(cause)}`, { cause })
  }
}

/**
 * What a command prints, run by the shell.
 *
 * @throws {@link CredentialError} when it fails or takes longer than 30 s; of what it printed nothing is told.
 */
export async function outputOf(command: string, what: string): Promise<string> {
  try {
    const shell = process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c'] : ['/bin/sh', '-c']
    const [program = '/bin/sh', ...flags] = shell
    const { stdout } = await promisify(execFile)(program, [...flags, command], { timeout: commandTimeoutMs })
    return stdout
  } catch (cause) {
    const killed = cause instanceof Error && 'killed' in cause && cause.killed === true
    // The command's own output may hold the secret: only its exit is told. So is no cause, which quotes the output.
    const ended = killed
      ? `did not end within ${String(commandTimeoutMs / 1000)} s`
      : `ended with ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'}`
    throw new CredentialError(`Cannot get a ${what}: the command ${ended}`)
  }
}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

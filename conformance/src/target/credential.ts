import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Thrown when a token cannot be had. */
export class CredentialError extends Error {
  override name = 'CredentialError'
}

/** Longest time a token command may take, in milliseconds. */
const commandTimeoutMs = 30_000

/**
 * Gets a token from where the user keeps it.
 *
 * @param source - `env:NAME`, `file:PATH`, `command:COMMAND LINE` (run by the shell, its output is the token), or the token itself.
 * @throws {@link CredentialError} with a sentence for people; it never holds the token.
 */
export async function readToken(source: string): Promise<string> {
  const [, kind, rest] = /^(env|file|command):(.*)$/s.exec(source) ?? []
  const token = (await readSource(kind, rest ?? source)).trim()
  if (token === '')
    throw new CredentialError(`Cannot use the token from ${kind ?? 'the option'}: it is empty`)
  if (!/^[ -~]+$/.test(token)) {
    throw new CredentialError(
      `Cannot use the token from ${kind ?? 'the option'}: it has characters beyond printable ASCII`,
    )
  }
  return token
}

async function readSource(kind: string | undefined, value: string): Promise<string> {
  if (kind === undefined) return value
  if (kind === 'env') {
    const found = process.env[value]
    if (found === undefined)
      throw new CredentialError(`Cannot read a token: the variable "${value}" is not set`)
    return found
  }
  if (kind === 'file') {
    try {
      return await readFile(value, 'utf8')
    } catch (cause) {
      throw new CredentialError(`Cannot read a token from the file "${value}": ${reason(cause)}`, { cause })
    }
  }
  try {
    const shell = process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c'] : ['/bin/sh', '-c']
    const [program = '/bin/sh', ...flags] = shell
    const { stdout } = await promisify(execFile)(program, [...flags, value], { timeout: commandTimeoutMs })
    return stdout
  } catch (cause) {
    // The command's own output may hold the token: only its exit is told.
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new CredentialError(`Cannot get a token: the command ended with ${code}`, { cause })
  }
}

function reason(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

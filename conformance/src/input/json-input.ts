import { readFile } from 'node:fs/promises'
import type { Static, TSchema } from '@sinclair/typebox'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'

/** A file that the user named cannot be read, or is not what it has to be; the message says which and why. */
export class InputError extends Error {
  override name = 'InputError'
}

/**
 * Reads a JSON file and judges it by its schema.
 *
 * @param what - What the file has to be, with its article: `the result`.
 * @throws {@link InputError}
 */
export async function readJsonInput<Schema extends TSchema>(
  path: string,
  schema: Schema,
  what: string,
): Promise<Static<Schema>> {
  const text = await readText(path, what)
  const value = parse(text, path, what)
  const validate = new Ajv2020({ strict: true }).compile<Static<Schema>>(schema)
  if (validate(value)) return value
  throw new InputError(`Cannot use "${path}" as ${what}: ${problemOf(validate.errors ?? [])}`)
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new InputError(`Cannot read ${what} "${path}": ${code}`, { cause })
  }
}

function parse(text: string, path: string, what: string): unknown {
  try {
    // Editors of Windows put a byte order mark there.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replaceAll('\n', ' ') : String(cause)
    throw new InputError(`Cannot use "${path}" as ${what}: it is no JSON: ${why}`, { cause })
  }
}

function problemOf([error]: readonly ErrorObject[]): string {
  if (!error) return 'it does not fit its schema'
  const place = error.instancePath === '' ? 'the file' : error.instancePath
  const extra = error.keyword === 'additionalProperties' ? `: ${JSON.stringify(error.params)}` : ''
  const allowed = error.keyword === 'const' ? `: ${JSON.stringify(error.params['allowedValue'])}` : ''
  return `${place} ${error.message ?? 'does not fit its schema'}${extra}${allowed}`
}

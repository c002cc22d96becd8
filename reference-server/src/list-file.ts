import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { Value, ValueErrorType } from '@sinclair/typebox/value'
import { readFileSync } from 'node:fs'
import { OptionError } from './option.ts'

/** A list in a file that holds secrets. */
export interface ListFile<T extends TSchema> {
  /** What it lists, for errors: `the tokens`. */
  readonly of: string
  readonly item: T
  /** An item as somebody would write it, for who has written another. */
  readonly example: Static<T>
}

/**
 * Reads a JSON array.
 *
 * @throws {@link OptionError}, whose text never repeats what is in the file.
 */
export function readList<T extends TSchema>(file: string, { of, item, example }: ListFile<T>): Static<T>[] {
  const wrong = (why: string, options?: ErrorOptions) =>
    new OptionError(`Cannot read ${of} in ${file}: ${why}`, options)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw wrong((cause as NodeJS.ErrnoException).code ?? 'failed', { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw wrong('it is not JSON') // the parser's own text would quote it
  }
  const list = Type.Array(item)
  if (Value.Check(list, value)) return value
  throw wrong(`${faultOf(list, value)}. It takes a list such as ${JSON.stringify([example])}`)
}

/** The first fault, with its place. The name of a member that is not known may be a secret in the wrong place. */
function faultOf(schema: TSchema, value: unknown): string {
  const fault = Value.Errors(schema, value).First()
  const { path = '', message = '' } = fault ?? {}
  const place = path || 'the whole of it'
  if (fault?.type === ValueErrorType.ObjectAdditionalProperties)
    return `${path.slice(0, path.lastIndexOf('/'))}: a member that is not known`
  return fault?.type === ValueErrorType.Union
    ? `${place}: none of the forms that it may have`
    : `${place}: ${message.toLowerCase()}`
}

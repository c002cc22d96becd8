import { readFileSync } from 'node:fs'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { TokenEntry } from './authentication.ts'
import { OptionError } from './option.ts'

const Tokens = Type.Array(TokenEntry)

/**
 * Reads a file of tokens: a JSON array of {@link TokenEntry}.
 *
 * @throws {@link OptionError}, whose text never repeats a token.
 */
export function readTokens(file: string): readonly TokenEntry[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new OptionError(
      `Cannot read the tokens in ${file}: ${(cause as NodeJS.ErrnoException).code ?? 'failed'}`,
    )
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new OptionError(`Cannot read the tokens in ${file}: it is not JSON`) // the parser's own text would quote it
  }
  if (Value.Check(Tokens, value)) return value
  const place = Value.Errors(Tokens, value).First()?.path
  throw new OptionError(
    `Cannot read the tokens in ${file}: ${place === '' ? '/' : place} has the wrong shape`,
  )
}

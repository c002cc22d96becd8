import { TokenEntry } from './authentication.ts'
import { readList } from './list-file.ts'

/**
 * Reads a file of tokens: a JSON array of {@link TokenEntry}.
 *
 * @throws `OptionError`, whose text never repeats a token.
 */
export function readTokens(file: string): readonly TokenEntry[] {
  return readList(file, {
    of: 'the tokens',
    item: TokenEntry,
    example: {
      token: '8c1f5e0b7d',
      user: 'ada',
      grants: [{ prefix: 'demo-', join: true, send: true }],
    },
  })
}

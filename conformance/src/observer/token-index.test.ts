import { describe, expect, test } from 'vitest'
import { TokenIndex } from './token-index.ts'

describe('TokenIndex', () => {
  test('finds tokens of any length, and knows their users', () => {
    const tokens = new TokenIndex()
    const long = Array.from({ length: 1000 }, (_, index) => `eyJhbGciOiJFUzI1NiJ9.${String(index)}.sig`)
    for (const token of long) tokens.add(token, 1)
    tokens.add('short-token', 0)
    tokens.add('tiny', 0)
    const text = `{"a":"${long[7] ?? ''}","b":"short-token","c":"tiny"}`
    expect(tokens.secretsIn(text)).toEqual(['short-token', 'tiny', long[7]])
    expect(tokens.tokensIn(text)).toEqual(['short-token', long[7]])
    expect(tokens.userOf(long[7] ?? '')).toBe(1)
  })

  test('does not watch for what was forgotten, which is secret still', () => {
    const tokens = new TokenIndex()
    tokens.add('aaaaaaaa', 0)
    tokens.forget('aaaaaaaa')
    expect(tokens.tokensIn('aaaaaaaa')).toEqual([])
    expect(tokens.secretsIn('aaaaaaaa')).toEqual(['aaaaaaaa'])
  })
})

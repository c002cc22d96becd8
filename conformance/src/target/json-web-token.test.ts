import { describe, expect, test } from 'vitest'
import { expiryOf, hasRunOut, readJsonWebToken, writePart } from './json-web-token.ts'

function token(claims: Readonly<Record<string, unknown>>): string {
  return `${writePart({ alg: 'HS256' })}.${writePart(claims)}.c2lnbmF0dXJl`
}

describe('readJsonWebToken', () => {
  test('reads three parts whose first two are objects, and an algorithm', () => {
    expect(readJsonWebToken(token({ sub: 'ada' }))).toMatchObject({
      algorithm: 'HS256',
      fields: { alg: 'HS256' },
      signature: 'c2lnbmF0dXJl',
    })
  })

  test.each(['ada-8c1f5e0b7d', 'a.b.c', `${writePart({ typ: 'JWT' })}.e30.c2ln`, `${token({})}.more`, ''])(
    'takes %j for none',
    (text) => {
      expect(readJsonWebToken(text)).toBeUndefined()
    },
  )

  test('knows when it ends, and that one without an end does not', () => {
    expect(expiryOf(token({ exp: 1_000_003_600 }))).toBe(1_000_003_600)
    expect(hasRunOut(token({ exp: 1_000_003_600 }))).toBe(true)
    expect(hasRunOut(token({ exp: 4_700_000_000 }))).toBe(false)
    expect(hasRunOut(token({}))).toBe(false)
    expect(hasRunOut('ada-8c1f5e0b7d')).toBe(false)
  })
})

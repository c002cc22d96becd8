import { randomBytes } from 'node:crypto'
import { Cursor } from '@parley/schemas'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CursorSeal } from './cursor.ts'

const peer = 'V1StGXR8_Z5jdHi6B-myT0q3'
const name = (minLength: number) =>
  fc.string({
    unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)),
    minLength,
    maxLength: 128,
  })
const place = fc.record({
  kind: fc.constantFrom('rooms' as const, 'users' as const),
  prefix: name(0),
  after: name(1),
})

test('CursorSeal reads what it has written, for the same peer, and the schema allows it', () => {
  const seal = new CursorSeal(randomBytes)
  fc.assert(
    fc.property(place, (where) => {
      const cursor = seal.write(where, peer)
      expect(Value.Check(Cursor, cursor)).toBe(true)
      expect(seal.read(cursor, peer)).toEqual(where)
      expect(seal.read(cursor, peer)).toEqual(where)
      expect(seal.read(cursor, 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg')).toBeUndefined()
      expect(new CursorSeal(randomBytes).read(cursor, peer)).toBeUndefined()
    }),
  )
})

test('CursorSeal reads nothing that it has not written, and shows no name', () => {
  const seal = new CursorSeal(randomBytes)
  const cursor = seal.write({ kind: 'rooms', prefix: 'team/', after: 'team/secret' }, peer)
  expect(Buffer.from(cursor, 'base64url').includes('secret')).toBe(false)
  for (let at = 0; at < cursor.length; at += 1) {
    const other = cursor.charAt(at) === 'A' ? 'B' : 'A'
    expect(seal.read(`${cursor.slice(0, at)}${other}${cursor.slice(at + 1)}`, peer)).toBeUndefined()
  }
  for (const wrong of ['~', cursor.slice(1), `${cursor}A`, `${cursor}=`, 'x'.repeat(512)])
    expect(seal.read(wrong, peer)).toBeUndefined()
})

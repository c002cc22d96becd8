import { Value } from '@sinclair/typebox/value'
import { expect, test } from 'vitest'
import { closeCodeOf, errorCodeOf, standardCloseCodes } from './close-code.ts'
import { ErrorCode, errorCodes, type KnownErrorCode } from './error-code.ts'
import { limits } from './limit.ts'
import { publishedSchemas, publishedTable } from './published.test.support.ts'

const codes = Object.keys(errorCodes) as KnownErrorCode[]

test('ErrorCode takes exactly the codes of the table, and reverse-domain names', () => {
  for (const code of codes) expect(Value.Check(ErrorCode, code)).toBe(true)
  expect(Value.Check(ErrorCode, 'com.example.unheard-of')).toBe(true)
  expect(Value.Check(ErrorCode, 'unheard-of')).toBe(false)
  expect(Value.Check(ErrorCode, 'toString')).toBe(false)
})

test('the published enum is the table', () => {
  const common = publishedSchemas.get('common.schema.json')?.['$defs'] as Record<
    string,
    { anyOf?: [{ enum?: string[] }] }
  >
  expect(common['ErrorCode']?.anyOf?.[0].enum).toEqual(codes)
  expect(publishedTable('error-codes')).toEqual(errorCodes)
  expect(publishedTable('limits')).toEqual(limits)
})

test('exactly the codes that can be fatal have a close code, of 4400 to 4499, each its own', () => {
  const closeCodes = codes.flatMap((code) => {
    const closeCode = closeCodeOf(code)
    expect(closeCode !== undefined).toBe(errorCodes[code].fatal !== 'never')
    return closeCode === undefined ? [] : [closeCode]
  })
  expect(new Set(closeCodes).size).toBe(closeCodes.length)
  expect(Math.min(...closeCodes)).toBeGreaterThanOrEqual(4400)
  expect(Math.max(...closeCodes)).toBeLessThanOrEqual(4499)
  expect(Object.keys(publishedTable('close-codes')).map(Number).sort()).toEqual(
    [...Object.keys(standardCloseCodes).map(Number), ...closeCodes].sort(),
  )
})

test('errorCodeOf() is the inverse of closeCodeOf()', () => {
  for (const code of codes) {
    const closeCode = closeCodeOf(code)
    if (closeCode !== undefined) expect(errorCodeOf(closeCode)).toBe(code)
  }
  expect(errorCodeOf(1000)).toBeUndefined()
})

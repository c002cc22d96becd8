import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeData } from './application-data.ts'

const dataOf = (json: string) => writeData((JSON.parse(json) as { data: unknown }).data, json)

describe('writeData()', () => {
  test('writes every I-JSON value so that it is read as the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (data) => {
        const verdict = dataOf(JSON.stringify({ data }))
        expect(verdict).toMatchObject({ ok: true })
        if (verdict.ok) expect(JSON.parse(verdict.text)).toEqual(JSON.parse(JSON.stringify(data)))
      }),
    )
  })

  test.each([
    '9007199254740993',
    '1e400',
    '-1e400',
    '1e-400',
    '3.141592653589793238462643383279',
    '"\\ud800"',
    '{"\\udfff":1}',
  ])('refuses %s, which would be changed', (json) => {
    expect(dataOf(`{"data":${json}}`)).toMatchObject({ ok: false })
  })

  test.each([
    '9007199254740992',
    '1.0',
    '100e-2',
    '0.1',
    '1E2',
    '-0',
    '0.000',
    '12300',
    '5e-324',
    '1.7976931348623157e308',
  ])('takes %s', (json) => {
    expect(dataOf(`{"data":${json}}`)).toMatchObject({ ok: true })
  })

  test('counts bytes of the canonical form, not white space or escapes', () => {
    expect(dataOf('{"data": [ 1.0 , "\\u00e4" ] }')).toEqual({ ok: true, text: '[1,"ä"]', bytes: 8 })
  })

  test('refuses nesting that would exhaust the stack', () => {
    const deep = (levels: number) => dataOf(`{"data":${'['.repeat(levels)}${']'.repeat(levels)}}`)
    expect(deep(100_000)).toMatchObject({ ok: false })
    expect(deep(60)).toMatchObject({ ok: true })
  })
})

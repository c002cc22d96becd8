import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasDuplicateNames, numeralsOf } from './json-text.ts'

/** Members of an object as pairs, in the order of the text: what a parser sees before it forgets duplicates. */
type Tree =
  null | boolean | number | string | Tree[] | { readonly pairs: readonly (readonly [string, Tree])[] }

const awkwardName = fc.constantFrom(
  'a',
  'b',
  'type',
  '__proto__',
  'constructor',
  '',
  '"',
  '\\',
  '\\"',
  ':',
  '{',
  'ä',
  '1',
  '0',
)
const name = fc.oneof(awkwardName, fc.string({ unit: 'binary', maxLength: 4 }))
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\\\\"', '{"a":1}', ':::', '\\'.repeat(7)),
)

const { tree } = fc.letrec<{ tree: Tree; object: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('tree'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.record({ pairs: fc.array(fc.tuple(name, tie('tree')), { maxLength: 5 }) }),
}))
const members = fc.array(fc.tuple(name, tree), { maxLength: 6 })

/** Writes a tree with escapes and white space chosen by `choices`. */
function write(value: Tree, choices: () => number): string {
  const space = () => [' ', '\n', '\t', '\r', '', '', '', ''][choices() % 8] ?? ''
  const string = (value: string) =>
    `"${[
      ...JSON.stringify(value)
        .slice(1, -1)
        .matchAll(/\\u....|\\.|[\s\S]/g),
    ]
      .map(([unit]) => (unit.length === 1 && choices() % 3 === 0 ? escape(unit) : unit))
      .join('')}"`
  const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  if (typeof value === 'string') return string(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const list = (items: string[], open: string, close: string) =>
    `${open}${space()}${items.join(`${space()},${space()}`)}${space()}${close}`
  if (Array.isArray(value))
    return list(
      value.map((item) => write(item, choices)),
      '[',
      ']',
    )
  const items = value.pairs.map(([key, item]) => `${string(key)}${space()}:${space()}${write(item, choices)}`)
  return space() + list(items, '{', '}') + space()
}

describe('hasDuplicateNames()', () => {
  test('agrees with a parser that keeps all members, for every text', () => {
    fc.assert(
      fc.property(members, fc.infiniteStream(fc.nat(1000)), (pairs, stream) => {
        const json = write({ pairs }, () => Number(stream.next().value))
        const names = pairs.map(([key]) => key)
        expect(hasDuplicateNames(json, JSON.parse(json) as object)).toBe(new Set(names).size < names.length)
      }),
      { numRuns: 3000 },
    )
  })

  test.each([
    ['{"a":1,"\\u0061":2}', true],
    ['{"__proto__":1,"\\u005f_proto__":2}', true],
    ['{"__proto__":{"__proto__":1}}', false],
    ['{"a":"\\\\","b":"\\\\\\"","c":":"}', false],
    ['{"a":{"b":1,"b":2}}', false],
    ['{"1":1,"0":2,"1":3}', true],
    ['{}', false],
  ])('%s: %s', (json, expected) => {
    expect(hasDuplicateNames(json, JSON.parse(json) as object)).toBe(expected)
  })
})

describe('numeralsOf()', () => {
  test('finds numbers as they are written, and none in strings', () => {
    const json = '{"1":"2 -3","a":[-0.50e+2,7,{"b":"\\"8","c":1E400}],"d":"\\\\","e":0}'
    expect([...numeralsOf(json)]).toEqual(['-0.50e+2', '7', '1E400', '0'])
  })

  test('finds each number of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const numbers: number[] = []
        JSON.stringify(value, (_key, item: unknown) => {
          if (typeof item === 'number') numbers.push(Object.is(item, -0) ? 0 : item)
          return item
        })
        const found = [...numeralsOf(JSON.stringify(value))].map(Number)
        expect(found.sort()).toEqual(numbers.sort())
      }),
    )
  })
})

import { expect, test } from 'vitest'
import { apart, clip } from './clip.ts'

test('clip() keeps a text on one line', () => {
  expect(clip('{\n\t"type": "pong"\r\n}')).toBe('{\\n\\t"type": "pong"\\r\\n}')
})

test('apart() shows values as they are where the beginnings differ', () => {
  expect(apart('one', 'two')).toEqual(['"one"', '"two"'])
  expect(apart(undefined, { a: 1 }, 'absent')).toEqual(['absent', '{"a":1}'])
})

test('apart() shows of values with the same beginning where they differ', () => {
  expect(apart('x'.repeat(200), 'x'.repeat(128))).toEqual([
    `…"${'x'.repeat(80)}"… (characters 109 to 188 of 200)`,
    `…"${'x'.repeat(20)}" (characters 109 to 128 of 128)`,
  ])
  const [one, other] = apart({ a: 'x'.repeat(90), b: 1 }, { a: 'x'.repeat(90), b: 2 })
  expect(one).toBe(`…${'x'.repeat(14)}","b":1} (characters 83 to 104 of 104)`)
  expect(other).toContain('"b":2}')
})

test('apart() shows of values that look alike how they are written', () => {
  expect(apart('caf\u00e9', 'cafe\u0301')).toEqual(['"caf\\u00e9"', '"cafe\\u0301"'])
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonFault } from './json-fault.ts'

test.each([
  ['', 'it is empty, not a value'],
  ['pong', 'from character 1 on it is pong, not a value'],
  ['{"a":1', 'it ends after 6 characters, where a comma or } is due, after {"a":1'],
  ['{"a":1,}', 'from character 8 on it is }, not a name in double quotes, after {"a":1,'],
  ['[1 2]', 'from character 4 on it is 2], not a comma or ], after [1'],
  ['{"a" 1}', 'from character 6 on it is 1}, not a colon, after {"a"'],
  ["{'a':1}", "from character 2 on it is 'a':1}, not a name in double quotes or }, after {"],
  ['{"a":NaN}', 'from character 6 on it is NaN}, not a value, after {"a":'],
  ['{"a":1}}', 'from character 8 on it is }, not the end, after {"a":1}'],
  ['{"a":"\\x"}', 'from character 7 on it is \\x"}, not an escape that JSON knows, after {"a":"'],
  [
    '{"a":"1\n2"}',
    'from character 8 on it is \\n2"}, not a character that may stand in a string unescaped, after {"a":"1',
  ],
  ['["a', 'it ends after 3 characters, where the rest of a string is due, after ["a'],
])('jsonFault() says of %j what is wrong, and where', (text, fault) => {
  expect(jsonFault(text)).toBe(fault)
})

test('jsonFault() shows of a long text what stands around the place', () => {
  const text = `{"type":"joined","room":"parley-${'6b48'.repeat(9)}","self":{"peer":"Zm9v" "data":1},"members":[]}`
  expect(jsonFault(text)).toBe(
    'from character 93 on it is "data":1},"members":[]}, not a comma or }, after …,"self":{"peer":"Zm9v"',
  )
})

test('jsonFault() begins what it shows with a whole part, so that no end of a secret is shown', () => {
  expect(jsonFault(`{"session":"${'s'.repeat(60)}" 1}`)).toContain(`after …"${'s'.repeat(39)}…`)
})

const marks = ['{', '}', '[', ']', ',', ':', '"', '\\', ' ', '\n', '.', '-', '+']

test('jsonFault() finds a fault in exactly what a parser refuses', () => {
  const pieces = [...marks, '0', '1', 'E', 'e', 'true', 'null', 'u00e9', '"a"', '"a":', '[1]', '\\"']
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(texts, fc.json()), (text) => {
      expect(jsonFault(text) === undefined).toBe(parses(text))
    }),
    { numRuns: 2000 },
  )
})

test('jsonFault() reads what is nested deeper than any stack', () => {
  expect(jsonFault('['.repeat(200_000))).toContain('it ends after 200000 characters')
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

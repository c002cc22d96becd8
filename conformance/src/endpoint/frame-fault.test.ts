import { expect, test } from 'vitest'
import { frameFault } from './frame-fault.ts'

test.each([
  ['{"type":"pong"}\n{"type":"ok","ref":"}{"}', 'two JSON texts in one frame, joined by a line feed', 2],
  ['{"a":[{}]}{"b":"\\"}"}', 'two JSON texts in one frame, with nothing between them', 2],
  ['{"a":1},\r\n{"b":2},\r\n{"c":3}\n', '3 JSON texts in one frame, joined by ",\\r\\n"', 3],
  ['\ufeff{"type":"pong"}', 'a byte order mark (U+FEFF) in front of the JSON text', 1],
])('frameFault() tells what is wrong with %j', (text, fault, count) => {
  const found = frameFault(text)
  expect(found.fault).toBe(fault)
  expect(found.texts).toHaveLength(count)
  for (const each of found.texts) expect(() => JSON.parse(each) as unknown).not.toThrow()
})

test.each([
  '',
  'pong',
  '{"type":"pong"',
  '[{"a":1},{"b":2}]',
  '{"a":1} and {"b":2}',
  '{"a":1}{b:2}',
  '}{',
  '1 2',
  '{}}',
])('frameFault() makes nothing of %j', (text) => {
  expect(frameFault(text)).toEqual({ texts: [text] })
})

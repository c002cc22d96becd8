import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isUnclear, readFrame } from './reading.ts'

const read = (text: string) => readFrame(text, 65_536)
const requirements = (text: string) => read(text).faults.map(({ requirement }) => requirement)

interface Fixture {
  readonly form: string
  readonly message: unknown
}

const folder = new URL('../../../schemas/fixtures/', import.meta.url)

function fixturesOf(type: string, verdict: 'valid' | 'invalid'): readonly string[] {
  const own = new URL(`${type}/${verdict}/`, folder)
  return readdirSync(own)
    .map((name) => JSON.parse(readFileSync(new URL(name, own), 'utf8')) as Fixture)
    .filter(({ form }) => form === 'sent')
    .map(({ message }) => JSON.stringify(message))
}

describe('readFrame()', () => {
  test.each([
    'hello',
    'auth',
    'ping',
    'bye',
    'join',
    'leave',
    'update',
    'offer',
    'answer',
    'candidate',
    'hangup',
  ])('reads %s as its fixtures say', (type) => {
    for (const text of fixturesOf(type, 'valid')) expect(requirements(text), text).toEqual([])
    for (const text of fixturesOf(type, 'invalid')) expect(requirements(text), text).not.toEqual([])
  })

  test.each([
    ['', 'frames.not-object'],
    ['[]', 'frames.not-object'],
    ['\ufeff{"type":"ping"}', 'frames.not-object'],
    ['{"type":"ping"}{"type":"ping"}', 'frames.not-object'],
    ['{"type":5}', 'frames.no-type'],
    ['{"type":"ping","from":null}', 'frames.forged-from'],
    ['{"type":"ping","\\u0072ef":"x"}', 'frames.forged-ref'],
    ['{"type":"ping","seq":1}', 'frames.hop-members'],
    ['{"type":"ping","$":1}', 'frames.dollar-name'],
    ['{"type":"joined"}', 'frames.unknown-type'],
    ['{"type":"__proto__"}', 'frames.unknown-type'],
    [`{"type":"ping","x":"${'x'.repeat(65_536)}"}`, 'limits.refuse-size'],
  ])('%.40s is against %s', (text, requirement) => {
    expect(requirements(text)).toContain(requirement)
  })

  test('knows what may be refused although it is valid', () => {
    for (const member of [
      '9007199254740993',
      '1e400',
      '"\\ud800"',
      '"\\uffff"',
      '['.repeat(16) + ']'.repeat(16),
      '{"a":1,"a":1}',
    ])
      expect(read(`{"type":"ping","x":${member}}`), member).toMatchObject({ faults: [], mayBeRefused: true })
    for (const member of [
      '0.1',
      '1e308',
      '-0',
      '123456789012345680000',
      '"\\ud83e\\udd9c"',
      '['.repeat(15) + ']'.repeat(15),
    ])
      expect(read(`{"type":"ping","x":${member}}`), member).toMatchObject({ faults: [], mayBeRefused: false })
  })

  test('reads the id to which an outcome is owed, also of what is refused', () => {
    expect(read('{"type":"no-such","id":"~ !"}').id).toBe('~ !')
    expect(read('{"type":"ping","id":"é"}').id).toBeUndefined()
    expect(read(`{"type":"ping","id":"${'i'.repeat(65)}"}`).id).toBeUndefined()
  })
})

test('isUnclear() leaves out what nothing that comes of it could be told by', () => {
  // Of two such joins one may be accepted and one refused, and neither answer says which.
  expect(isUnclear(read('{"type":"join","room":"a","x":1e400}'))).toBe(true)
  expect(isUnclear(read('{"type":"leave","room":"a","x":1e400}'))).toBe(true)
  expect(isUnclear(read('{"type":"join","room":"a","x":1e400,"id":"1"}'))).toBe(false)
  expect(isUnclear(read('{"type":"join","room":"a"}'))).toBe(false)
  expect(isUnclear(read('{"type":"ping","x":1e400}'))).toBe(false)
})

test('isUnclear() leaves out what two servers may take for different things', () => {
  expect(isUnclear(read('{"type":"join","room":"a","room":"b"}'))).toBe(true)
  expect(isUnclear(read('{"type":"ping","x":1,"x":2}'))).toBe(false)
})

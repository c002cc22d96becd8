import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  checkClientMessage,
  checkClientMessageInCalls,
  checkServerMessage,
  checkServerMessageInCalls,
} from './check-message.ts'
import { messages } from './messages/index.ts'
import { publishedForms } from './published-form.ts'
import { ajvErrors, bundleAccepts, fixtures, sideOf } from './published.test.support.ts'

const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.string({ maxLength: 70 }),
  fc.constantFrom(
    '',
    ' ',
    'a\n',
    '😀'.repeat(33),
    'é',
    '\ud800',
    'com.example.x',
    'com..x',
    'normal',
    'internal',
    'calls',
  ),
  fc
    .tuple(fc.constantFrom('a', '0', '😀'), fc.constantFrom(1, 4, 16, 32, 64, 65, 128, 129, 256, 257))
    .map(([unit, count]) => unit.repeat(count)),
)
const numbers = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 0.5, 1, 2, 59, 60, 99, 100, 65_535, 65_536, 2 ** 53 - 1, 2 ** 53, 1e308),
)
const values = fc.oneof(
  strings,
  numbers,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom({}, [], [{}], { a: {} }),
)
const names = fc.oneof(
  fc.constantFrom(
    '$',
    '$x',
    '',
    '__proto__',
    'constructor',
    'from',
    'ref',
    'id',
    'seq',
    'ack',
    'to',
    'room',
    'type',
    'prefix',
  ),
  fc.string({ unit: 'binary', maxLength: 5 }),
)

type Mutation = (root: unknown) => void
const mutations: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.nat(), names, values, fc.constantFrom('delete', 'replace', 'add', 'append'))
  .map(([place, member, name, original, kind]) => (root) => {
    // Later mutations may reach into the value, which the generator goes on using.
    const value: unknown = structuredClone(original)
    const containers = containersOf(root)
    const target = containers[place % containers.length]
    if (target === undefined) return
    const keys = Object.keys(target)
    const key = keys[member % Math.max(keys.length, 1)]
    if (kind === 'add')
      Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
    else if (key === undefined) return
    else if (kind === 'delete') Reflect.deleteProperty(target, key)
    else if (kind === 'append') target[key] = `${String(target[key])}\n`
    else target[key] = value
  })

function containersOf(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(containersOf)]
}

/** Every union of the bundle with the check that has to agree with it. */
const checks = {
  clientMessage: checkClientMessage,
  serverMessage: checkServerMessage,
  clientMessageInCalls: checkClientMessageInCalls,
  serverMessageInCalls: checkServerMessageInCalls,
} as const

const seeds = fixtures.filter(({ valid }) => valid)

test('both validators agree on whatever a valid message is turned into', () => {
  const verdicts = { accepted: 0, refused: 0 }
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(mutations, { maxLength: 3 }),
      ({ type, form, message }, changes) => {
        const mutant = structuredClone(message)
        for (const change of changes) change(mutant)
        const value: unknown = JSON.parse(JSON.stringify(mutant))
        const side = sideOf(type, form)
        const { ok } = checks[side](value)
        verdicts[ok ? 'accepted' : 'refused'] += 1
        expect(bundleAccepts(side, value)).toBe(ok)
        if (typeOf(value) === typeOfForm(type) && !isOtherForm(side, value))
          expect(ajvErrors(type, form, value).length === 0).toBe(ok)
      },
    ),
    { numRuns: 5000 },
  )
  // Neither answer may be rare, or the agreement says little.
  expect(verdicts.accepted).toBeGreaterThan(500)
  expect(verdicts.refused).toBeGreaterThan(500)
})

test('both validators agree on any JSON value with a known type', () => {
  const known = messages.map(({ type }) => type)
  fc.assert(
    fc.property(fc.constantFrom(...known), fc.dictionary(names, values, { maxKeys: 6 }), (type, members) => {
      const value: unknown = JSON.parse(JSON.stringify({ ...members, type }))
      for (const [side, check] of Object.entries(checks))
        expect(bundleAccepts(side as keyof typeof checks, value)).toBe(check(value).ok)
    }),
    { numRuns: 2000 },
  )
})

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
}

function typeOfForm(name: string): string | undefined {
  return publishedForms.find((form) => form.name === name)?.type
}

/** A message of a call that has got a room is one of Core. */
function isOtherForm(side: keyof typeof checks, value: unknown): boolean {
  return (
    side.endsWith('InCalls') && typeof value === 'object' && value !== null && Object.hasOwn(value, 'room')
  )
}

import type { ErrorObject } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import {
  checkClientMessage,
  checkClientMessageInCalls,
  checkServerMessage,
  checkServerMessageInCalls,
} from './check-message.ts'
import { publishedForms } from './published-form.ts'
import { ajvErrors, bundleAccepts, fixtures, pointerOf, sideOf } from './published.test.support.ts'

const checks = {
  clientMessage: checkClientMessage,
  serverMessage: checkServerMessage,
  clientMessageInCalls: checkClientMessageInCalls,
  serverMessageInCalls: checkServerMessageInCalls,
}

describe.each(publishedForms.map(({ name }) => name))('fixtures of %s', (type) => {
  const own = fixtures.filter((fixture) => fixture.type === type)

  test('are there, valid and invalid, minimal and full', () => {
    expect(own.map(({ name }) => name)).toEqual(
      expect.arrayContaining([`${type}/valid/minimal.json`, `${type}/valid/full.json`]),
    )
    expect(own.some(({ valid }) => !valid)).toBe(true)
  })

  test.each(own.filter(({ valid }) => valid))('$name is accepted by everybody', ({ form, message }) => {
    const side = sideOf(type, form)
    expect(ajvErrors(type, form, message)).toEqual([])
    expect(checks[side](message)).toEqual({ ok: true, message })
    expect(bundleAccepts(side, message)).toBe(true)
  })

  test.each(own.filter(({ valid }) => !valid))(
    '$name is refused by everybody, for its place',
    ({ form, message, pointer, reason }) => {
      const side = sideOf(type, form)
      const errors = ajvErrors(type, form, message)
      expect(errors.map(pointerOf)).toContain(pointer)
      expect(reason).toMatch(/\.$/)
      expect(errors.map(pointerOf).filter((place) => !isRelated(place, pointer ?? '', errors))).toEqual([])
      expect(checks[side](message).ok).toBe(false)
      expect(bundleAccepts(side, message)).toBe(false)
    },
  )
})

test('no fixture belongs to an unknown message', () => {
  const known = new Set<string>(publishedForms.map(({ name }) => name))
  expect(fixtures.filter(({ type }) => !known.has(type))).toEqual([])
})

/** One defect only: all else is said of the same place, what encloses it or what it holds, or by a branch of its union. */
function isRelated(place: string, pointer: string, errors: readonly ErrorObject[]): boolean {
  if (place.startsWith(pointer) || pointer.startsWith(place)) return true
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath)
  return unions.some((union) => place.startsWith(union) && pointer.startsWith(union))
}

import { expect, test } from 'vitest'
import type { Hunt } from './hunt.ts'
import { contradictionOf, type KillRecord } from './kill-record.ts'

const message = 'Expected ok for a join, but the outcome was left'
const published: KillRecord = { breaks: 'rooms.joined', mutant: 'm', killers: ['a', 'b'], message }

/** A hunt that these checks have won, in these words. */
function huntBy(ids: readonly string[], reason = message): Hunt {
  const killers = ids.map((id) => ({ id, reason }))
  return { mutant: { name: 'm', breaks: 'rooms.joined' }, killers, strays: [] } as unknown as Hunt
}

test('contradictionOf() takes fewer of the published checks, and other words that name a fault', () => {
  expect(contradictionOf(published, huntBy(['a', 'b']))).toBeUndefined()
  expect(contradictionOf(published, huntBy(['b'], 'Expected one left, but 2 came'))).toBeUndefined()
})

test('contradictionOf() takes another check of the broken requirement', () => {
  expect(contradictionOf(published, huntBy(['a', 'rooms.joined:again']))).toBeUndefined()
  expect(contradictionOf(published, huntBy(['a', 'rooms.joined-late']))).toMatch('found by')
})

test('contradictionOf() takes no other check, no survivor, no vague word, and nothing unpublished', () => {
  expect(contradictionOf(published, huntBy(['a', 'c']))).toMatch('found by a,c')
  expect(contradictionOf(published, huntBy([]))).toBeDefined()
  expect(contradictionOf(published, huntBy(['a'], 'something is wrong'))).toMatch('does not say')
  expect(contradictionOf(undefined, huntBy(['a']))).toBe('it is not in the kill table')
})

import { expect, test } from 'vitest'
import { permits } from './permission.ts'

const grants = [
  { room: 'lobby', join: true, send: false },
  { prefix: 'team/', join: false, send: true },
  { prefix: 'team/blue', join: true, send: false },
]

test.each([
  ['join', 'lobby', true],
  ['send', 'lobby', false],
  ['join', 'lobby2', false],
  ['send', 'team/blue', true],
  ['join', 'team/blue', true],
  ['join', 'team/red', false],
  ['send', 'Team/red', false],
] as const)('permits() %s in %s: %s', (right, room, expected) => {
  expect(permits(grants, right, room)).toBe(expected)
})

test('permits() everything without grants, nothing with none', () => {
  expect(permits(undefined, 'send', 'any')).toBe(true)
  expect(permits([], 'join', 'any')).toBe(false)
})

import { expect, test } from 'vitest'
import { knownTokens } from './authentication.ts'
import { systemClock } from './clock.ts'

const clock = { ...systemClock, now: () => 1_000_000 }
const judge = knownTokens(
  [
    { token: 'plain', user: 'alice' },
    { token: 'short', user: 'bob', expiresInMs: 500, grants: [{ prefix: '', join: true, send: false }] },
    { token: 'until', user: 'carol', expiresAt: 1_000_250, expiresInMs: 9000 },
    { token: 'over', user: 'dave', expiresAt: 1_000_000 },
  ],
  clock,
)

test('knownTokens() knows its tokens, exactly', () => {
  expect(judge('plain')).toEqual({ user: 'alice' })
  expect(judge('short')).toEqual({
    user: 'bob',
    expiresInMs: 500,
    grants: [{ prefix: '', join: true, send: false }],
  })
  expect(judge('Plain')).toBe(undefined)
  expect(judge('plain ')).toBe(undefined)
})

test('knownTokens() lets the nearer end count, and refuses what has ended', () => {
  expect(judge('until')).toEqual({ user: 'carol', expiresInMs: 250 })
  expect(judge('over')).toBe(undefined)
})

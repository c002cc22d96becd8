import { describe, expect, test } from 'vitest'
import { lapsed } from './lapse.ts'
import type { Wire } from './wire.ts'

/** What an endpoint has received, and when the fatal error came, in seconds after the opening. */
function ended(code: string, seconds: number, before: readonly Wire[] = [], silent = 0): string | undefined {
  const messages = [...before, { type: 'error', code, fatal: true }]
  const log = messages.map((message, index) => ({ index, message, text: JSON.stringify(message) }))
  const endedAt = seconds * 1000
  return lapsed(log, { openedAt: 0, lastSentAt: endedAt - silent * 1000, endedAt })?.words
}

const welcome = { type: 'welcome', limits: { idleSeconds: 60 } }

describe('lapsed()', () => {
  test('lets a server end a connection without hello after 10 s, and not before', () => {
    expect(ended('hello-timeout', 10)).toMatch('no welcome 10.0 s after')
    expect(ended('hello-timeout', 9.9)).toBeUndefined()
    expect(ended('hello-timeout', 60, [welcome])).toBeUndefined()
  })

  test('lets it end one that has not authenticated', () => {
    expect(ended('auth-timeout', 30, [welcome])).toMatch('no authentication')
    expect(ended('auth-timeout', 9, [welcome])).toBeUndefined()
    expect(ended('auth-timeout', 30, [welcome, { type: 'authenticated' }])).toBeUndefined()
    expect(ended('auth-timeout', 30, [{ ...welcome, auth: ['token'] }])).toMatch('no authentication')
    expect(ended('auth-timeout', 30, [{ ...welcome, auth: [] }])).toBeUndefined()
    expect(ended('auth-timeout', 30, [{ ...welcome, auth: ['token'], user: 'ann' }])).toBeUndefined()
  })

  test('lets it end a silent one after its announced time', () => {
    expect(ended('idle-timeout', 100, [welcome], 60)).toMatch('nothing sent for 60.0 s')
    expect(ended('idle-timeout', 100, [welcome], 59)).toBeUndefined()
    expect(ended('idle-timeout', 100, [], 100)).toBeUndefined()
  })

  test('lets it end one whose token has ended', () => {
    const authenticated = { type: 'authenticated', expiresInMs: 20_000 }
    expect(ended('token-expired', 21, [welcome, authenticated])).toMatch('the token ended after 20.0 s')
    expect(ended('token-expired', 19, [welcome, authenticated])).toBeUndefined()
    expect(ended('token-expired', 21, [welcome, { type: 'authenticated' }])).toBeUndefined()
  })

  test('excuses nothing else', () => {
    expect(ended('internal', 100, [welcome], 100)).toBeUndefined()
    expect(ended('bad-message', 100)).toBeUndefined()
  })
})

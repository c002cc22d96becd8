import { describe, expect, test } from 'vitest'
import { dueAt, type Timing } from './deadline.ts'
import { defaultOptions } from './option.ts'

const open: Timing = { phase: 'open', since: 0, authDue: false, expiresAt: Infinity, heardAt: 0, pingedAt: 0 }
const due = (now: number, timing: Partial<Timing>, options = {}) =>
  dueAt(now, { ...open, ...timing }, { ...defaultOptions, ...options })

describe('dueAt()', () => {
  test('waits for hello as long as the option says, whatever is heard', () => {
    expect(due(14_999, { phase: 'opening' })).toBe(undefined)
    expect(due(15_000, { phase: 'opening', heardAt: 14_999 })).toBe('hello-timeout')
  })

  test('ends a silent connection at idleSeconds and not before', () => {
    expect(due(59_999, { pingedAt: 59_000 })).toBe(undefined)
    expect(due(60_000, { pingedAt: 59_000 })).toBe('idle-timeout')
  })

  test('pings after pingSeconds of silence, and again only after as many', () => {
    expect(due(24_999, {})).toBe(undefined)
    expect(due(25_000, {})).toBe('ping')
    expect(due(49_999, { pingedAt: 25_000 })).toBe(undefined)
    expect(due(50_000, { pingedAt: 25_000 })).toBe('ping')
    expect(due(100_000, { heardAt: 50_000 }, { pingSeconds: 0, idleSeconds: 120 })).toBe(undefined)
  })

  test('ends an authentication when its time is over, and waits for one only so long', () => {
    expect(due(9, { expiresAt: 10 })).toBe(undefined)
    expect(due(10, { expiresAt: 10 })).toBe('token-expired')
    expect(due(30_000, { authDue: true, heardAt: 29_999 })).toBe('auth-timeout')
    expect(due(30_000, { authDue: false, heardAt: 29_999 })).toBe(undefined)
  })

  test('has nothing to say about a connection that has ended', () => {
    expect(due(1e9, { phase: 'ended', expiresAt: 0, authDue: true })).toBe(undefined)
  })
})

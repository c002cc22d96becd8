import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTimerObserver, slackMs, type TimerObserver } from './timer-observer.ts'
import { Watch } from './violation.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Lets one connection live through something, and tells which requirements are seen to be broken. */
function seenIn(live: (timers: TimerObserver) => void): readonly string[] {
  const broken: string[] = []
  live(createTimerObserver(new Watch(), (requirement) => broken.push(requirement)))
  return broken
}

const authenticated = (expiresInMs?: number, ref?: string) => ({
  type: 'authenticated',
  user: 'ann',
  ...(ref !== undefined && { ref }),
  ...(expiresInMs !== undefined && { expiresInMs }),
})

/** Authenticates; the answer takes so long. */
function authenticate(timers: TimerObserver, expiresInMs?: number, tookMs = 0, id = 'a'): void {
  timers.sent('auth', { type: 'auth', id })
  vi.advanceTimersByTime(tookMs)
  timers.received('authenticated', authenticated(expiresInMs, id))
}

test('createTimerObserver() reports token-expired before the time that was announced', () => {
  const broken = seenIn((timers) => {
    authenticate(timers, 1000)
    vi.advanceTimersByTime(999 - slackMs)
    timers.fired('token-expired', 'the error token-expired')
  })
  expect(broken).toEqual(['auth.expiry'])
})

test('createTimerObserver() counts from before the auth was sent: a late answer is no early end', () => {
  const broken = seenIn((timers) => {
    authenticate(timers, 1000, 900)
    vi.advanceTimersByTime(100)
    timers.fired('token-expired', 'the error token-expired')
  })
  expect(broken).toEqual([])
})

test('createTimerObserver() reports token-expired where the last authenticated had no end', () => {
  const broken = seenIn((timers) => {
    authenticate(timers, 1000)
    authenticate(timers, undefined, 0, 'b')
    vi.advanceTimersByTime(10_000)
    timers.fired('token-expired', 'the error token-expired')
  })
  expect(broken).toEqual(['auth.expiry'])
})

test('createTimerObserver() takes the answer of an auth by its id, whatever failed before', () => {
  const broken = seenIn((timers) => {
    timers.sent('auth', { type: 'auth', id: 'a' })
    timers.received('error', { type: 'error', code: 'auth-failed', ref: 'a' })
    vi.advanceTimersByTime(5000)
    authenticate(timers, 1000, 0, 'b')
    vi.advanceTimersByTime(500)
    timers.fired('token-expired', 'the error token-expired')
  })
  expect(broken).toEqual(['auth.expiry'])
})

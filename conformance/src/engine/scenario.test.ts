import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Endings } from '../transport/ending.ts'
import { Undecided } from './failure.ts'
import { Scenarios, type Spectator } from './scenario.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A context whose time is a second. */
function stage() {
  return {
    overdue: () =>
      new Promise<never>((_resolve, reject) => {
        setTimeout(() => {
          reject(new Undecided('could-not-run', 'too long'))
        }, 1000)
      }),
    dispose: vi.fn(() => Promise.resolve({ gone: Promise.resolve() })),
  }
}

const spectator = (checkId: string, attempts = 1): Spectator => ({ checkId, attempts, capability: undefined })

test('a scenario is played once for all who judge it, and once more for those that are asked again', async () => {
  const scenarios = new Scenarios(stage, new Endings())
  const play = vi.fn(() => Promise.resolve('seen'))
  const first = scenarios.play(spectator('a'), 'crowd', play)
  const second = scenarios.play(spectator('b'), 'crowd', play)
  expect(second).toBe(first)
  expect(await second.outcome).toBe('seen')
  expect(play).toHaveBeenCalledOnce()
  scenarios.play(spectator('b', 2), 'crowd', play)
  expect(play).toHaveBeenCalledTimes(2)
  expect([...scenarios.seenBy('crowd')]).toEqual(['a', 'b'])
  expect([...scenarios.seenBy('c')]).toEqual(['c'])
})

test('a scenario that does not end is given up, and its connections are ended', async () => {
  const scenarios = new Scenarios(stage, new Endings())
  const { context, outcome } = scenarios.play(spectator('a'), 'stuck', () => new Promise(() => undefined))
  const refused = expect(outcome).rejects.toThrow('too long')
  await vi.advanceTimersByTimeAsync(1001)
  await refused
  expect(context.dispose).toHaveBeenCalled()
})

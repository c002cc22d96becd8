import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Pace } from './pace.ts'

/** Sends as fast as the pace allows; returns when each message was sent. */
function sendAll(pace: Pace, count: number, from: number): number[] {
  let now = from
  return Array.from({ length: count }, () => {
    now += pace.waitMs(now)
    pace.take(now)
    return now
  })
}

/** Most by which the bucket of [delivery.burst] is overdrawn. */
function overdraft(arrivals: readonly number[], perSecond: number, burst: number): number {
  let tokens = burst
  let at = 0
  let most = 0
  for (const arrival of arrivals) {
    tokens = Math.min(burst, tokens + ((arrival - at) * perSecond) / 1000) - 1
    at = arrival
    most = Math.max(most, -tokens)
  }
  return most
}

describe('Pace', () => {
  it('costs nothing where the limit is far', () => {
    const pace = new Pace({ perSecond: 500, burst: 1000 }, 1, 0)
    expect(new Set(sendAll(pace, 900, 0))).toEqual(new Set([0]))
  })

  it('lets the lasting rate through once the burst is used up', () => {
    const pace = new Pace({ perSecond: 50, burst: 100 }, 0, 0)
    const times = sendAll(pace, 140, 0)
    expect(times[89]).toBe(0)
    expect(times[139]).toBeCloseTo(1000)
  })

  it.each([
    [50, 100],
    [1, 100],
    [500, 100],
    [10_000, 2000],
    [0.5, 100],
  ])('keeps within %d a second and %d at once on a way that delays by up to 200 ms', (perSecond, burst) => {
    const pace = new Pace({ perSecond, burst }, 0, 0)
    const early = sendAll(pace, 3, 0)
    const times = [...early, ...sendAll(pace, 3 * burst, 40_000)]
    // Order is kept, as TCP does: nothing arrives before what was sent earlier.
    let latest = 0
    const arrivals = times.map((time, place) => {
      const drawn = createHash('sha256').update(String(place)).digest().readUInt8() % 4
      latest = Math.max(latest, time + (drawn === 0 ? 200 : 0))
      return latest
    })
    expect(overdraft(arrivals, perSecond, burst)).toBeLessThanOrEqual(0.000_001)
  })
})

import type { LimitRate } from './announced-rate.ts'

/** Milliseconds by which the way to the server may hold one message up longer than another, before the measured round trip. */
const jitterMs = 200

/**
 * Keeps one connection within the rate that the server announces ([delivery.burst]): a bucket that is full when the connection opens.
 *
 * A tenth of the bucket is never used, and it fills no faster than that tenth in the time by which messages may be delayed on their way: so
 * it has room for what was sent one after another and arrives at once.
 */
export class Pace {
  readonly #most: number
  readonly #perMs: number
  #tokens: number
  #filledAt: number

  /**
   * @param roundTripMs - Measured round trip, in milliseconds.
   * @param now - Milliseconds of a clock that never goes back.
   */
  constructor({ perSecond, burst }: LimitRate, roundTripMs: number, now: number) {
    const reserve = burst / 10
    this.#most = Math.max(1, Math.floor(burst - reserve))
    this.#perMs = Math.min(perSecond / 1000, reserve / (jitterMs + roundTripMs))
    this.#tokens = this.#most
    this.#filledAt = now
  }

  /**
   * Milliseconds until the next message may be sent; 0 for at once.
   *
   * @param now - Milliseconds of the same clock.
   */
  waitMs(now: number): number {
    this.#fill(now)
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.#perMs
  }

  /** Counts a message that is sent. */
  take(now: number): void {
    this.#fill(now)
    this.#tokens -= 1
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#filledAt) * this.#perMs)
    this.#filledAt = now
  }
}

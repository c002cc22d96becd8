/** A lasting rate and a burst above it, as announced in `limits.rate`. */
export interface Rate {
  /** Messages per second that may be kept up. */
  readonly perSecond: number
  /** Messages that may come at once. */
  readonly burst: number
}

/**
 * A token bucket that may go into debt: a message that has come is always taken, and the debt says how long to stop
 * reading.
 */
export class Bucket {
  readonly #rate: Rate
  #tokens: number
  #filledAt: number

  /** @param now - Milliseconds since the epoch. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#filledAt = now
  }

  /**
   * Takes one message.
   *
   * @param now - Milliseconds since the epoch.
   * @returns Milliseconds until the debt is paid; 0 when there is none.
   */
  take(now: number): number {
    const { perSecond, burst } = this.#rate
    if (now > this.#filledAt) {
      this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) * perSecond) / 1000)
      this.#filledAt = now
    }
    this.#tokens -= 1
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / perSecond
  }

  /** Lets go of a debt that is left. */
  forgive(): void {
    if (this.#tokens < 0) this.#tokens = 0
  }
}

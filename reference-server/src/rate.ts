/** A lasting rate and a burst above it, as announced in `limits.rate`. */
export interface Rate {
  /** Messages per second that may be kept up. */
  readonly perSecond: number
  /** Messages that may come at once. */
  readonly burst: number
}

/** Parts of a message that may be missing because of how numbers are rounded. */
const roundingError = 1e-9

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
    this.#fill(now)
    this.#tokens -= 1
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1000) / this.#rate.perSecond
  }

  /**
   * How long it takes until there is room for a message, none of which is taken.
   *
   * @param now - Milliseconds since the epoch.
   * @returns Milliseconds; 0 where there is room.
   */
  wait(now: number): number {
    this.#fill(now)
    return this.#tokens >= 1 - roundingError ? 0 : ((1 - this.#tokens) * 1000) / this.#rate.perSecond
  }

  /** Takes one message for none. */
  giveBack(): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + 1)
  }

  /** Whether nothing of what was taken still counts. */
  isFull(now: number): boolean {
    this.#fill(now)
    return this.#tokens === this.#rate.burst
  }

  #fill(now: number): void {
    if (now <= this.#filledAt) return
    const { perSecond, burst } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) * perSecond) / 1000)
    this.#filledAt = now
  }

  /** Lets go of a debt that is left. */
  forgive(): void {
    if (this.#tokens < 0) this.#tokens = 0
  }
}

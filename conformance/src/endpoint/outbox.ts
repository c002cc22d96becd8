import type { Pace } from './pace.ts'

/** What the endpoints of a check are still to send: nothing that this leads to can be due yet. */
export interface Held {
  /** Messages that wait for the announced rate. */
  count: number
  /** When the last of them left, in milliseconds of `performance.now()`. */
  leftAt: number
}

/** Nothing is held. */
export function nothingHeld(): Held {
  return { count: 0, leftAt: -Infinity }
}

/** Messages on their way out, in order: each leaves at once, or as soon as the pace allows. */
export class Outbox {
  readonly #pace: Pace | undefined
  readonly #held: Held
  readonly #waiting: (() => void)[] = []
  #emptied: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #free = false

  /** @param pace - `undefined` where no rate is announced. */
  constructor(pace: Pace | undefined, held: Held) {
    this.#pace = pace
    this.#held = held
  }

  /** Sends from now on without regard to the rate, for the checks that are about it. */
  unpaced(): void {
    this.#free = true
    this.#flush()
  }

  /** Has a message written in its turn. */
  send(write: () => void): void {
    const now = performance.now()
    if (this.empty && (!this.#pace || this.#free || this.#pace.waitMs(now) === 0)) {
      this.#pace?.take(now)
      write()
      return
    }
    this.#waiting.push(write)
    this.#held.count += 1
    this.#flush()
  }

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#waiting.length === 0
  }

  /** Resolves when nothing waits any more. */
  async emptied(): Promise<void> {
    if (!this.empty) await new Promise<void>((resolve) => this.#emptied.push(resolve))
  }

  /** Gives up what waits: its connection is over, or its check. */
  discard(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#held.count -= this.#waiting.splice(0).length
    this.#tellEmptied()
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#waiting.length > 0) {
      const now = performance.now()
      const wait = this.#free ? 0 : (this.#pace?.waitMs(now) ?? 0)
      if (wait > 0) {
        this.#timer = setTimeout(() => {
          this.#flush()
        }, Math.ceil(wait))
        return
      }
      this.#pace?.take(now)
      this.#held.count -= 1
      this.#held.leftAt = now
      this.#waiting.shift()?.()
    }
    this.#tellEmptied()
  }

  #tellEmptied(): void {
    for (const resolve of this.#emptied.splice(0)) resolve()
  }
}

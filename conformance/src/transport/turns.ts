/** Lets a limited number of things be done at the same time; the rest waits, in the order of asking. */
export class Turns {
  readonly #ahead: (() => void)[] = []
  readonly #waiting: (() => void)[] = []
  #free: number

  /** @param most - How many at the same time. */
  constructor(most: number) {
    this.#free = most
  }

  /**
   * Does something when its turn has come.
   *
   * @param ahead - Before all that waits without being ahead itself.
   */
  async do<T>(work: () => Promise<T>, ahead = false): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => (ahead ? this.#ahead : this.#waiting).push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#ahead.shift() ?? this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}

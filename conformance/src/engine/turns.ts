/** Lets a limited number of things be done at the same time; the rest waits, in the order of asking. */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #free: number

  /** @param most - How many at the same time. */
  constructor(most: number) {
    this.#free = most
  }

  /** Does something when its turn has come. */
  async do<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}

/** Measures the time in which some work was under way, however much of it at once. */
export class WaitingTime {
  #running = 0
  #since = 0
  #total = 0

  /** Milliseconds so far. */
  get ms(): number {
    return this.#total + (this.#running > 0 ? performance.now() - this.#since : 0)
  }

  /** Resolves `over` when so many milliseconds have passed in which no such work was under way; `stop` lets it stay open. */
  deadline(ms: number): { readonly over: Promise<void>; readonly stop: () => void } {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      let granted = this.ms
      const wait = (left: number) => {
        timer = setTimeout(() => {
          const more = this.ms - granted
          granted += more
          if (more > 0) wait(more)
          else resolve()
        }, left)
      }
      wait(ms)
    })
    return {
      over,
      stop: () => {
        clearTimeout(timer)
      },
    }
  }

  /** Counts the time that some work takes. */
  async during<T>(work: Promise<T>): Promise<T> {
    if (this.#running === 0) this.#since = performance.now()
    this.#running += 1
    try {
      return await work
    } finally {
      this.#running -= 1
      if (this.#running === 0) this.#total += performance.now() - this.#since
    }
  }
}

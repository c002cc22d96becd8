/** Hands out a limited number of slots, in the order asked for. */
export class ConnectSlots {
  readonly #holdMs: number
  readonly #waiting: (() => void)[] = []
  #free: number

  /**
   * @param count - how many slots there are
   * @param holdMs - a slot not given back returns by itself after so many milliseconds, so that pairs that are never
   * meant to connect do not stop the others
   */
  constructor(count: number, holdMs: number) {
    this.#free = count
    this.#holdMs = holdMs
  }

  /** Waits for a slot; disposing it gives it back, a second time does nothing. */
  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    let held = true
    const giveBack = () => {
      if (!held) return
      held = false
      clearTimeout(timer)
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
    const timer = setTimeout(giveBack, this.#holdMs)
    timer.unref()
    return { [Symbol.dispose]: giveBack }
  }
}

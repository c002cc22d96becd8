/** A point that work waits at while it is closed. */
export class Gate {
  #opened = Promise.resolve()
  #open: (() => void) | undefined

  /** Whether work passes at once. */
  get isOpen(): boolean {
    return this.#open === undefined
  }

  /** From now on `passed` waits. */
  close(): void {
    if (this.#open !== undefined) return
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  /** Lets everything through that waits. */
  open(): void {
    this.#open?.()
    this.#open = undefined
  }

  /** Resolves as soon as the gate is open. */
  passed(): Promise<void> {
    return this.#opened
  }
}

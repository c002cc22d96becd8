import type { EndpointEnvironment } from './environment.ts'
import { heldUpMs } from './holdup.ts'

/** The waits of one endpoint, without polling: each looks at its condition again when the endpoint says that something has happened. */
export class Waiting {
  readonly #waiters = new Set<() => void>()
  readonly #environment: Pick<EndpointEnvironment, 'held' | 'patience'>
  readonly #isOver: () => boolean

  /** @param isOver - Whether nothing can come any more: every wait ends then. */
  constructor(environment: Pick<EndpointEnvironment, 'held' | 'patience'>, isOver: () => boolean) {
    this.#environment = environment
    this.#isOver = isOver
  }

  /** Says that something has happened. */
  wake(): void {
    for (const waiter of this.#waiters) waiter()
  }

  /**
   * Resolves when the condition holds, the connection ends, or what is due is overdue. Time in which the kit itself could not run counts for
   * nothing, and what has arrived by then is read before.
   */
  async due(condition: () => boolean): Promise<void> {
    const { dueMs } = this.#environment.patience
    let before = heldUpMs()
    for (let left = dueMs; left > 0 && !condition() && !this.#isOver();) {
      await this.until(condition, left, true)
      const now = heldUpMs()
      left = now - before
      before = now
    }
  }

  /**
   * Resolves when the condition holds, the connection ends, or the time is over.
   *
   * @param due - The time counts from when the check has sent what it has to send.
   */
  until(condition: () => boolean, ms: number, due = false): Promise<void> {
    if (condition() || this.#isOver()) return Promise.resolve()
    const { held } = this.#environment
    return new Promise((resolve) => {
      const over = () => {
        const now = performance.now()
        const left = due ? ms - (now - (held.count > 0 ? now : held.leftAt)) : 0
        if (left > 0) timer = setTimeout(over, left)
        else finish()
      }
      let timer = setTimeout(over, ms)
      const waiters = this.#waiters
      const wake = () => {
        if (condition() || this.#isOver()) finish()
      }
      function finish() {
        clearTimeout(timer)
        waiters.delete(wake)
        resolve()
      }
      waiters.add(wake)
    })
  }
}

/** Connections on their way out: a run is over when the last of them has ended, so that it leaves nothing behind on the server. */
export class Endings {
  readonly #pending = new Set<Promise<unknown>>()

  /** Remembers something that ends a connection until it is done. */
  add(ending: Promise<unknown>): void {
    const settled = ending
      .catch(() => undefined)
      .finally(() => {
        this.#pending.delete(settled)
      })
    this.#pending.add(settled)
  }

  /** Resolves when nothing is left, also of what came meanwhile. */
  async all(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending)
  }
}

/** Milliseconds for which the end of a connection is waited for before it is cut. */
export function endPatienceMs(roundTripMs: number): number {
  return 1000 + 4 * roundTripMs
}

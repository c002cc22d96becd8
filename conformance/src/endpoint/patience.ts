/** How long an answer may take by the specification: [outcomes.in-time], [delivery.in-time]. */
const allowedMs = 5000

/** What the kit adds for its own and the network's delays. */
const slackMs = 500

/** How many times longer than an answer may take the kit waits for a server from which other frames keep coming. */
export const patienceWithProgress = 8

/** How many times what a new connection takes is waited for what is overdue. */
export const overtimeTimes = 4

/** An answer counts as prompt within this share of the time that an answer may take: a server that is slower is held up as a whole. */
export const promptShare = 5

/**
 * Decides how long to wait. The specification allows 5 s on the server's side; the network comes on top, measured, so that a
 * slow path never makes a verdict.
 */
export class Patience {
  /** Measured round trip in milliseconds; 0 until it is known. */
  roundTripMs = 0
  readonly #scale: number

  /** @param scale - Factor of `--timeout-scale`. */
  constructor(scale: number) {
    this.#scale = scale
  }

  /** Milliseconds within which what is due has to arrive. */
  get dueMs(): number {
    return (allowedMs + slackMs + 4 * this.roundTripMs) * this.#scale
  }

  /** A patience that waits so many times as long. */
  times(factor: number): Patience {
    const longer = new Patience(this.#scale * factor)
    longer.roundTripMs = this.roundTripMs
    return longer
  }

  /** The same in words, for reports. */
  get words(): string {
    return `within ${(this.dueMs / 1000).toFixed(1)} s`
  }
}

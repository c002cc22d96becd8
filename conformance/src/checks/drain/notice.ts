import type { Endpoint } from '../../endpoint/endpoint.ts'

/** A `goaway` that has come. */
export interface Notice {
  readonly inMs: number
  /** When it came, in milliseconds of `performance.now()`. */
  readonly cameAt: number
  /** The earliest moment at which it can have been sent. */
  readonly sentAfter: number
  readonly text: string
}

/** Milliseconds between two pings that show when a `goaway` was not sent yet: the first, and any further one. */
const pingMs = { first: 100, further: 1000 }

/** Notes when what comes to a connection can have been sent, at the earliest. */
export class NoticeWatch {
  readonly #endpoint: Endpoint
  readonly #pings = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #sentAfter = performance.now()
  /** The last `goaway`: it holds. */
  last: Notice | undefined

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
    endpoint.onFrame(({ message, text }) => {
      const { type, ref, inMs } = message
      if (type === 'pong') this.#sentAfter = this.#pings.get(String(ref)) ?? this.#sentAfter
      if (type !== 'goaway' || typeof inMs !== 'number') return
      this.last = { inMs, cameAt: performance.now(), sentAfter: this.#sentAfter, text }
      this.#pingEvery(pingMs.further)
    })
    this.#pingEvery(pingMs.first)
  }

  #pingEvery(ms: number): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => {
      this.#ping()
    }, ms)
  }

  /** What was sent before a ping was, is answered before it: a `goaway` that comes after the answer was sent after the ping. */
  #ping(): void {
    if (this.#endpoint.end) this.stop()
    else this.#pings.set(this.#endpoint.post({ type: 'ping' }).id, performance.now())
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.#timer)
  }
}

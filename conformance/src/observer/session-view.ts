import type { Wire } from '../endpoint/wire.ts'
import type { SessionProgress } from './sequence-observer.ts'

/** A message of the kit that asks for an outcome. */
export interface Asked {
  readonly message: Wire
  times: number
  answered: number
  /** When the last outcome came, in milliseconds of `performance.now()`. */
  answeredAt?: number
}

/** What one endpoint may know: that of a connection, or of a session on one connection after another. */
export interface SessionView {
  /** Watches its rooms. */
  readonly rooms: {
    sent(message: Wire): void
    received(message: Wire): void
  }
  /** Watches its calls. */
  readonly calls: {
    sent(message: Wire): void
    received(message: Wire): void
  }
  /** What was sent, by its `id`. */
  readonly asked: Map<string, Asked>
  readonly progress: SessionProgress
}

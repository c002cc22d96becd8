import type { Frame } from './frame.ts'

/** What a binding makes of a socket: something that carries texts in order. */
export interface Transport {
  /** Bytes that were sent and that the other side has not taken yet. */
  readonly bufferedBytes: number
  /** Bytes that have come from the other side, in whatever frames. */
  readonly receivedBytes: number
  /** Sends one text. */
  send(frame: Frame): void
  /** Asks for a sign of life in the binding's own way. */
  ping(): void
  /** Stops reading; what has been read already may still arrive. */
  pause(): void
  /** Reads again. */
  resume(): void
  /** Ends the connection in the binding's orderly way, after all that was sent. */
  close(code: number): void
}

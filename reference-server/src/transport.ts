import type { Frame } from './frame.ts'

/** What takes what a binding hears. */
export interface Listener {
  receive(frame: Buffer): void
  receiveControl(): void
  lose(): void
}

/** What a binding makes of a socket: something that carries texts in order. */
export interface Transport {
  /** Who is on the other side, as far as limits by address go; empty where it is not known. */
  readonly address: string
  /** Bytes that were sent and that the other side has not taken yet. */
  readonly bufferedBytes: number
  /** Bytes that have come from the other side, in whatever frames. */
  readonly receivedBytes: number
  /** Sends one text. */
  send(frame: Frame): void
  /** Hands on what waits for more of the same turn of the event loop. */
  flush(): void
  /** Asks for a sign of life in the binding's own way. */
  ping(): void
  /** Stops reading; what has been read already may still arrive. */
  pause(): void
  /** Reads again. */
  resume(): void
  /** Gives what comes from now on to another conversation, or to nobody. */
  handTo(listener: Listener | undefined): void
  /** Ends the connection in the binding's orderly way, after all that was sent. */
  close(code: number): void
}

const nothing = () => undefined

/** That of a conversation which has no connection at present: what is sent goes nowhere. */
export const noTransport: Transport = {
  address: '',
  bufferedBytes: 0,
  receivedBytes: 0,
  send: nothing,
  flush: nothing,
  ping: nothing,
  pause: nothing,
  resume: nothing,
  handTo: nothing,
  close: nothing,
}

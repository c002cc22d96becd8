import type { KnownErrorCode, PeerId } from '@parley/schemas'
import type { Awaitable } from './directory.ts'
import type { Frame } from './frame.ts'

/** The local end of a peer's connection. */
export interface Receiver {
  readonly peer: PeerId
  /** Sends a message. Does nothing once the connection has ended. */
  send(frame: Frame): void
  /**
   * Ends the connection with a fatal error.
   *
   * @returns When its rooms have been told. What this connection is handling comes first, so its own handlers must not wait
   * for it.
   */
  evict(code: KnownErrorCode, message: string): Awaitable<void>
}

/**
 * Port: brings a frame to a peer, wherever it is connected.
 *
 * What is delivered to one peer arrives in the order of the calls. Nothing is dropped while the peer is connected; what comes
 * for one that is not goes nowhere, since its rooms are told that it is gone.
 */
export interface Router {
  /** Makes a local connection reachable. */
  attach(receiver: Receiver): Awaitable<void>
  /** Ends that. */
  detach(peer: PeerId): Awaitable<void>
  /** Sends a frame to a peer. */
  deliver(peer: PeerId, frame: Frame): Awaitable<void>
  /**
   * Ends the connection of a peer with a fatal error.
   *
   * @returns When its rooms have been told.
   */
  end(peer: PeerId, code: KnownErrorCode, message: string): Awaitable<void>
}

import type { ClientOptions } from '../engine/arrival.ts'
import type { CheckContext } from '../engine/context.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import type { Wire } from '../endpoint/wire.ts'
import type { CallMessage, DeliveredCallMessage } from '../peer/call-message.ts'

/** What a frame means to somebody who takes part in calls. */
export type Act =
  | { readonly act: 'negotiate'; readonly message: DeliveredCallMessage }
  | { readonly act: 'appear'; readonly peer: string }
  | { readonly act: 'leave'; readonly peer: string; readonly reason: string }

/**
 * How a protocol frames the acts of signaling: come in, be found, negotiate, learn who leaves. The end-to-end checks speak of acts only, so
 * that they hold for any protocol with a dialect; the wire checks are about Parley's own frames.
 */
export interface Dialect {
  readonly name: string
  /** Opens a connection and identifies. */
  connect(t: CheckContext, options?: ClientOptions): Promise<Endpoint>
  /** Comes into a room; resolves with the peers that are there. */
  enter(endpoint: Endpoint, room: string): Promise<readonly string[]>
  /** How others address this endpoint. */
  addressOf(endpoint: Endpoint): string
  /** Sends a description, a candidate or the end of a call. */
  negotiate(endpoint: Endpoint, message: CallMessage): void
  /** Reads a frame; `undefined` when it means nothing to a call. */
  read(frame: Wire, room: string): Act | undefined
}

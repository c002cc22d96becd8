import type { CallRelay, ClientMessage } from '@parley/schemas'
import type { Wire } from './wire.ts'

/** A frame that has arrived. */
export interface Received {
  /** Place in the endpoint's log, from 0. */
  readonly index: number
  /** The frame as it came. */
  readonly text: string
  /** The frame as an object; empty when it is none. */
  readonly message: Wire
}

/** How a wait looks at what has arrived. */
export interface WaitOptions {
  /** Which of those that match; from 1. */
  readonly nth?: number
  /** Place in the log from which on to look. */
  readonly since?: number
  /** The `id` whose outcome is awaited: what answers another message is nothing like it. */
  readonly id?: string
  /** Says of a frame that comes near to what is awaited what it is; told of the last one when nothing else comes. */
  readonly like?: (frame: Received) => string | undefined
}

/** An outcome: a typed reply, `ok` or `error`, with its common members at hand. */
export interface Outcome extends Received {
  readonly type: string
  /** `error.code`, or `undefined` for every other outcome. */
  readonly code: string | undefined
}

/** A message that has been sent with an `id`. */
export interface Pending {
  readonly id: string
  /**
   * Waits for its outcome.
   *
   * @param what - What is expected, for the message where none comes; by default an outcome of the message that was sent.
   */
  readonly outcome: (what?: string) => Promise<Outcome>
}

type WithoutId<M> = M extends unknown ? Omit<M, 'id'> & { readonly id?: string } : never

/** What a check sends: any client message. */
export type Sendable = WithoutId<ClientMessage | CallRelay>

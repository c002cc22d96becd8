import type { ClientMessageOf, ClientMessageType, Custom } from '@parley/schemas'
import type { Client } from './client.ts'
import type { Awaitable } from './directory.ts'
import type { Services } from './services.ts'

/**
 * Acts on one message that has the shape of its type, and sends its outcome.
 *
 * @returns When the message has taken effect; until then nothing else of that connection is handled.
 */
export type Handler<T extends ClientMessageType = ClientMessageType> = (
  message: ClientMessageOf<T>,
  client: Client,
  services: Services,
  /** The text of the message as it came. */
  frame: Buffer,
) => Awaitable<void>

/** The same for a message of an application. */
export type CustomHandler = (
  message: Custom,
  client: Client,
  services: Services,
  frame: Buffer,
) => Awaitable<void>

/** One handler for each message that a client sends. */
export type Handlers = { readonly [T in ClientMessageType]: Handler<T> } & {
  /** For every type that applications choose. */
  readonly custom: CustomHandler
}

/** What connections run on: the services, and what handles their messages. */
export interface Engine extends Services {
  readonly handlers: Handlers
}

import type { ClientMessageOf, ClientMessageType } from '@parley/schemas'
import type { Connection } from '../connection.ts'
import type { Awaitable } from '../directory.ts'
import type { Services } from '../services.ts'
import { handleAnswer } from './answer.ts'
import { handleAuth } from './auth.ts'
import { handleBye } from './bye.ts'
import { handleCandidate } from './candidate.ts'
import { handleHangup } from './hangup.ts'
import { handleHello } from './hello.ts'
import { handleJoin } from './join.ts'
import { handleLeave } from './leave.ts'
import { handleOffer } from './offer.ts'
import { handlePing } from './ping.ts'
import { handleUpdate } from './update.ts'

/**
 * Acts on one message that has the shape of its type, and sends its outcome.
 *
 * @returns When the message has taken effect; until then nothing else of that connection is handled.
 */
export type Handler<T extends ClientMessageType = ClientMessageType> = (
  message: ClientMessageOf<T>,
  connection: Connection,
  services: Services,
  /** The text of the message as it came. */
  frame: Buffer,
) => Awaitable<void>

/** One handler for each message that a client sends. */
export type Handlers = { readonly [T in ClientMessageType]: Handler<T> }

/** The handlers of a server that keeps to the specification. */
export const defaultHandlers: Handlers = {
  hello: handleHello,
  auth: handleAuth,
  ping: handlePing,
  bye: handleBye,
  join: handleJoin,
  leave: handleLeave,
  update: handleUpdate,
  offer: handleOffer,
  answer: handleAnswer,
  candidate: handleCandidate,
  hangup: handleHangup,
}

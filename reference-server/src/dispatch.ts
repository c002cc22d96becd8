import {
  checkClientMessage,
  checkClientMessageInCalls,
  isCallRelay,
  isCustom,
  type KnownErrorCode,
  type Refusal,
} from '@parley/schemas'
import { mayBeHandled } from './capability.ts'
import type { Client } from './client.ts'
import { refusalIn } from './connection-state.ts'
import type { Awaitable } from './directory.ts'
import { hasDuplicateNames } from './json-text.ts'
import type { Engine, Handler } from './handler.ts'
import { relayInCall } from './handlers/relay-in-call.ts'
import { refuse, type Subject } from './reply.ts'

const stateTexts: Partial<Record<KnownErrorCode, string>> = {
  'hello-required': 'The first message has to be hello',
  'unexpected-message': 'The conversation is open already',
  unauthenticated: 'This needs authentication first',
}

/**
 * Handles one frame: parses it once, checks it once, and hands it to the handler of its type.
 *
 * @returns When the frame has taken effect.
 */
export function handleFrame(frame: Buffer, client: Client, engine: Engine): Awaitable<void> {
  const text = frame.toString()
  const value = parse(text)
  const subject = isObject(value) ? value : undefined
  const { messageBytes } = engine.options
  if (frame.length > messageBytes) {
    // limits.refuse-size, limits.size-in-bytes
    refuse(
      client,
      subject,
      'too-large',
      `The message has ${frame.length} bytes: the limit is ${messageBytes}`,
    )
    return
  }
  const verdict = client.inForce.has('calls') ? checkClientMessageInCalls(value) : checkClientMessage(value)
  const type = verdict.ok ? verdict.message.type : verdict.type
  // connection.states, and with it connection.hello-first, connection.second-hello, auth.required
  const early = type === undefined ? undefined : refusalIn(client, type)
  if (early !== undefined) {
    const text = stateTexts[early.code] ?? early.code
    if (early.ends) client.fail(early.code, text, subject)
    else refuse(client, subject, early.code, text)
    return
  }
  if (type !== undefined && !mayBeHandled(type, client.inForce)) {
    // capabilities.not-in-force, whatever its shape
    refuse(
      client,
      subject,
      'unsupported-type',
      `Cannot handle type "${type}": not in force on this connection`,
    )
    return
  }
  if (!verdict.ok) {
    refuse(client, subject, codeOf(verdict), verdict.detail) // frames.goes-on
    return
  }
  const { message } = verdict
  if (hasDuplicateNames(text, message)) {
    refuse(client, subject, 'bad-message', 'Two top-level members have the same name') // relay.duplicate-names
    return
  }
  engine.journal.received(client.peer, message, frame)
  if (isCallRelay(message)) return relayInCall(message, client, engine, frame)
  if (isCustom(message)) return engine.handlers.custom(message, client, engine, frame)
  // The table gives each type its own handler, which the compiler cannot follow through an index.
  const handle = engine.handlers[message.type] as Handler
  return handle(message, client, engine, frame)
}

/** `undefined` for a text that is no JSON: no JSON value is that. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Subject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function codeOf({ reason }: Refusal): 'bad-message' | 'unsupported-type' {
  // frames.unknown-type
  if (reason === 'unsupported-type') return 'unsupported-type'
  // frames.not-object, frames.no-type, frames.bad-shape, frames.forged-from, frames.forged-ref, frames.hop-members,
  // frames.dollar-name
  return 'bad-message'
}

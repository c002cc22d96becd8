import { auth, bye, checkClientMessage, hello, ping, type Refusal } from '@parley/schemas'
import type { Connection } from './connection.ts'
import type { Awaitable } from './directory.ts'
import { hasDuplicateNames } from './duplicate-name.ts'
import type { Handler } from './handlers/index.ts'
import { refuse, type Subject } from './reply.ts'
import type { Services } from './services.ts'

/** Types that a peer may send before it has authenticated. */
const openTypes: ReadonlySet<string> = new Set([hello.type, auth.type, ping.type, bye.type])

/**
 * Handles one frame: parses it once, checks it once, and hands it to the handler of its type.
 *
 * @returns When the frame has taken effect.
 */
export function handleFrame(frame: Buffer, connection: Connection, services: Services): Awaitable<void> {
  const text = frame.toString()
  const value = parse(text)
  const subject = isObject(value) ? value : undefined
  const { messageBytes } = services.options
  if (frame.length > messageBytes) {
    // limits.refuse-size, limits.size-in-bytes
    refuse(
      connection,
      subject,
      'too-large',
      `The message has ${frame.length} bytes: the limit is ${messageBytes}`,
    )
    return
  }
  const verdict = checkClientMessage(value)
  const type = verdict.ok ? verdict.message.type : verdict.type
  if (connection.phase === 'opening' && type !== undefined && type !== hello.type) {
    return connection.fail('hello-required', 'The first message has to be hello', subject) // connection.hello-first
  }
  if (connection.authDue && connection.phase === 'open' && type !== undefined && !openTypes.has(type)) {
    refuse(connection, subject, 'unauthenticated', 'This needs authentication first') // auth.required
    return
  }
  if (!verdict.ok) {
    refuse(connection, subject, codeOf(verdict), verdict.detail) // frames.goes-on
    return
  }
  const { message } = verdict
  if (hasDuplicateNames(text, message)) {
    refuse(connection, subject, 'bad-message', 'Two top-level members have the same name') // relay.duplicate-names
    return
  }
  // The table gives each type its own handler, which the compiler cannot follow through an index.
  const handle = services.handlers[message.type] as Handler
  return handle(message, connection, services, frame)
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
  // frames.unknown-type, capabilities.not-in-force
  if (reason === 'unsupported-type') return 'unsupported-type'
  // frames.not-object, frames.no-type, frames.bad-shape, frames.forged-from, frames.forged-ref, frames.hop-members,
  // frames.dollar-name
  return 'bad-message'
}

import {
  auth,
  error,
  ok,
  type ErrorMessage,
  type KnownErrorCode,
  type ServerMessage,
  type ServerMessageOf,
  type ServerMessageType,
} from '@parley/schemas'
import type { Frame } from './frame.ts'

/** A failed message as it came: an object of any shape. */
export type Subject = Readonly<Record<string, unknown>>

/** Something that messages can be sent to. */
export interface Sink {
  send(frame: Frame): void
}

/** A sink that notes what was refused. */
export interface RefusingSink extends Sink {
  refused(code: KnownErrorCode, subject: Subject | undefined): void
}

const messageId = /^[ -~]{1,64}$/
const loneSurrogate = /\p{Surrogate}/u

/** Members of a message that the server sends, without those that {@link writeMessage} adds. */
export type MembersOf<T extends ServerMessageType> = Omit<ServerMessageOf<T>, 'type'>

/**
 * Writes a message of the server.
 *
 * @param written - Members whose values are JSON text already.
 */
export function writeMessage<T extends ServerMessageType, W extends keyof MembersOf<T> = never>(
  type: T,
  members: Omit<MembersOf<T>, W>,
  written?: Readonly<Record<W, string>>,
): string {
  let text = JSON.stringify({ type, ...members } satisfies { type: ServerMessage['type'] })
  if (written === undefined) return text
  for (const name in written) text = `${text.slice(0, -1)},${JSON.stringify(name)}:${written[name]}}`
  return text
}

/** `ref` of the outcome of a message: its `id`, if it has a valid one. */
export function refOf(subject: Subject): { ref?: string } {
  // outcomes.ref, outcomes.no-ref
  return typeof subject.id === 'string' && messageId.test(subject.id) ? { ref: subject.id } : {}
}

/** Says that a message without a typed reply was accepted, if its sender wants to know. */
export function accept(sink: Sink, message: { readonly id?: string }): void {
  // outcomes.ok, outcomes.silent
  if (message.id !== undefined) sink.send(writeMessage(ok.type, { ref: message.id }))
}

/**
 * Says that a message was not accepted.
 *
 * @param subject - The message as it came; `undefined` where it was not even an object.
 * @param retryAfterMs - When another attempt makes sense, where that is known.
 */
export function refuse(
  sink: RefusingSink,
  subject: Subject | undefined,
  code: KnownErrorCode,
  message: string,
  retryAfterMs?: number,
): void {
  sink.refused(code, subject)
  sink.send(writeError(code, message, false, subject, retryAfterMs)) // outcomes.failure-told
}

/** Writes an error with the context of the message that failed. */
export function writeError(
  code: KnownErrorCode,
  message: string,
  fatal: boolean,
  subject: Subject = {},
  retryAfterMs?: number,
): string {
  return writeMessage(error.type, {
    ...refOf(subject),
    code,
    message,
    fatal,
    ...contextOf(subject),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

/** errors.context, errors.context-equal */
function contextOf(subject: Subject): Pick<ErrorMessage, 'of' | 'to' | 'call' | 'room'> {
  const context: { of?: string; to?: string; call?: string; room?: string } = {}
  if (isEchoable(subject.type)) context.of = subject.type
  if (subject.type === auth.type) return context // auth.not-echoed: whatever else it holds may be the token
  if (isEchoable(subject.to)) context.to = subject.to
  if (isEchoable(subject.call)) context.call = subject.call
  if (isEchoable(subject.room)) context.room = subject.room
  return context
}

/** frames.object: a lone surrogate is not I-JSON, so it is not repeated. */
function isEchoable(value: unknown): value is string {
  return typeof value === 'string' && !loneSurrogate.test(value)
}

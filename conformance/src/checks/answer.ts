import type { Endpoint, Received } from '../endpoint/endpoint.ts'
import { stringOf, type Wire } from '../endpoint/wire.ts'
import { CheckFailure, ConnectionLost } from '../engine/failure.ts'
import { clip } from '../observer/frame-observer.ts'
import { isRelayed } from '../observer/relayed.ts'

/** A frame that has to be refused. */
export interface Refused {
  /** The frame in words: `a join without room`. */
  readonly what: string
  /** The frame as it is sent. */
  readonly text: string
  /** Its valid `id`, where it has one. */
  readonly id?: string
  /** Every code that the specification lets apply. */
  readonly codes: readonly string[]
}

/** Messages that a connection may take in one go whatever rate a server announces: `limits.rate.burst` is 100 at least. */
export const safeBurst = 60

const presence: ReadonlySet<string> = new Set(['peer-joined', 'peer-updated', 'peer-left'])

/** Whether a frame answers something: it is neither presence nor relayed. */
export function isAnswer({ message }: Received): boolean {
  const type = stringOf(message, 'type')
  return type !== undefined && !presence.has(type) && !isRelayed(type)
}

/** An object as a {@link Refused} frame, with an `id` of its own unless the message has one or may not have one. */
export function refusedMessage(
  endpoint: Endpoint,
  what: string,
  codes: readonly string[],
  message: Wire,
): Refused {
  if ('id' in message) {
    const id = stringOf(message, 'id')
    return { what, codes, text: JSON.stringify(message), ...(id === undefined ? {} : { id }) }
  }
  const id = endpoint.nextId()
  return { what, codes, text: JSON.stringify({ ...message, id }), id }
}

/**
 * Sends frames in one go and waits until each has got its refusal, in any order. An error counts with its `ref` or without: whether it
 * has to have one is for another check to judge. Nothing else may be unanswered on the connection.
 */
export async function expectAllRefused(endpoint: Endpoint, frames: readonly Refused[]): Promise<void> {
  const since = endpoint.log.length
  for (const { text } of frames) endpoint.sendRaw(text)
  try {
    await endpoint.waitFor(isAnswer, `an answer to each of ${String(frames.length)} frames`, {
      nth: frames.length,
      since,
    })
  } catch (error) {
    judgeAnswers(endpoint, frames, since)
    if (!(error instanceof CheckFailure)) throw error
    const open = unanswered(endpoint, frames, since)
    const expected = `${codesOf(open)} for ${open
      .map(({ what }) => what)
      .slice(0, 3)
      .join(', or for ')}`
    const failure =
      error instanceof ConnectionLost
        ? new ConnectionLost(expected, error.actual)
        : new CheckFailure(expected, error.actual)
    throw failure.shownBy(...open.slice(0, 3).map((frame) => frame.text))
  }
  judgeAnswers(endpoint, frames, since)
}

function judgeAnswers(endpoint: Endpoint, frames: readonly Refused[], since: number): void {
  for (const { message, text } of endpoint.log.slice(since).filter(isAnswer)) {
    const ref = stringOf(message, 'ref')
    const named = ref === undefined ? undefined : frames.find(({ id }) => id === ref)
    const meant = named ? [named] : frames
    const code = stringOf(message, 'code')
    if (message['type'] === 'error' && meant.some(({ codes }) => codes.includes(code ?? ''))) continue
    const what =
      named?.what ??
      frames
        .map((frame) => frame.what)
        .slice(0, 3)
        .join(', or for ')
    const actual =
      message['type'] === 'error'
        ? `the error was ${String(code)}`
        : `the answer was ${String(message['type'])}`
    throw new CheckFailure(`${codesOf(meant)} for ${what}`, actual).shownBy(
      ...meant.slice(0, 3).map((frame) => frame.text),
      text,
    )
  }
}

function unanswered(endpoint: Endpoint, frames: readonly Refused[], since: number): readonly Refused[] {
  const refs = new Set(endpoint.log.slice(since).map(({ message }) => message['ref']))
  const open = frames.filter(({ id }) => id === undefined || !refs.has(id))
  return open.length > 0 ? open : frames
}

function codesOf(frames: readonly Refused[]): string {
  return [...new Set(frames.flatMap(({ codes }) => codes))].join(' or ')
}

/** A text in words, for a frame that has no better name. */
export function quoted(text: string): string {
  return text === '' ? 'an empty frame' : `the frame ${clip(text)}`
}

/** Cuts a list into parts that a connection may take in one go. */
export function inBursts<T>(list: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / safeBurst) }, (_, part) =>
    list.slice(part * safeBurst, (part + 1) * safeBurst),
  )
}

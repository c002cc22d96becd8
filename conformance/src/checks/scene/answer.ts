import { capabilityOf } from '@parley/schemas'
import type { Endpoint, Received } from '../../endpoint/endpoint.ts'
import { stringOf, type Wire } from '../../endpoint/wire.ts'
import { answering, CheckFailure, ConnectionLost } from '../../engine/failure.ts'
import { clip } from '../../observer/frame-observer.ts'
import { isRelayed } from '../../observer/relayed.ts'

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

/** What a server says unasked and at any time, and never as an answer. */
const unasked: ReadonlySet<string> = new Set([
  'peer-joined',
  'peer-updated',
  'peer-left',
  'ack',
  'goaway',
  'presence',
])

/** Whether a frame answers something: it is neither said unasked, nor relayed, nor told of a call. */
export function isAnswer({ message }: Received): boolean {
  const type = stringOf(message, 'type')
  return type !== undefined && !unasked.has(type) && !isRelayed(type) && capabilityOf(type) !== 'calls'
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

/** How a frame that was not refused is told from others that were sent with it. */
export interface AgainOptions {
  /** Makes a connection like the first; used where that has ended. */
  readonly again?: () => Promise<Endpoint>
  /** Each frame needs a new connection: the first that is accepted changes what the others get. */
  readonly fresh?: boolean
}

/**
 * Sends frames in one go and waits until each has got its refusal, in any order. An error counts with its `ref` or without: whether it
 * has to have one is for another check to judge. Nothing else may be unanswered on the connection. Where an answer does not say which of
 * several frames it is about, these are sent again one by one.
 */
export async function expectAllRefused(
  endpoint: Endpoint,
  frames: readonly Refused[],
  options: AgainOptions = {},
): Promise<void> {
  const since = endpoint.log.length
  for (const { text } of frames) endpoint.sendRaw(text)
  try {
    await answering(
      endpoint.waitFor(isAnswer, `an answer to each of ${String(frames.length)} frames`, {
        nth: frames.length,
        since,
      }),
    )
  } catch (error) {
    await judgeAnswers(endpoint, frames, since, options)
    if (!(error instanceof CheckFailure)) throw error
    const open = unanswered(endpoint, frames, since)
    const found = await culprit(endpoint, open, options)
    const expected = found ? refusalOf(found.frame) : `${codesOf(open)} for ${oneOf(open)}`
    const { actual, unanswered: noAnswer } = found ?? error
    const failure =
      error instanceof ConnectionLost
        ? new ConnectionLost(expected, actual)
        : new CheckFailure(expected, actual)
    throw Object.assign(failure, { unanswered: noAnswer }).shownBy(
      ...(found ? [found.frame] : open.slice(0, 3)).map((frame) => frame.text),
    )
  }
  await judgeAnswers(endpoint, frames, since, options)
}

async function judgeAnswers(
  endpoint: Endpoint,
  frames: readonly Refused[],
  since: number,
  options: AgainOptions,
): Promise<void> {
  for (const received of endpoint.log
    .slice(since)
    .filter((each) => isAnswer(each) && !endpoint.isProbe(each))) {
    const ref = stringOf(received.message, 'ref')
    const named = ref === undefined ? undefined : frames.find(({ id }) => id === ref)
    const meant = named ? [named] : frames
    const actual = wrongAnswer(received, meant)
    if (actual === undefined) continue
    if (!named && received.message['fatal'] === true) throw endedBy(endpoint, frames, since, received, actual)
    const found: Culprit | undefined = named
      ? { frame: named, actual, unanswered: false }
      : await culprit(endpoint, meant, options)
    // What a frame got the first time says more than that it came again: a room is left once.
    const first = !found || found.actual.startsWith('the error') ? actual : found.actual
    const expected = found ? refusalOf(found.frame) : `${codesOf(meant)} for ${oneOf(meant)}`
    const shown = found ? [found.frame] : meant.slice(0, 3)
    throw new CheckFailure(expected, first).shownBy(...shown.map((frame) => frame.text), received.text)
  }
}

/** What is wrong where a fatal error comes that names no frame: frames are handled in order, so it is about the first that has no answer. */
function endedBy(
  endpoint: Endpoint,
  frames: readonly Refused[],
  since: number,
  { index, text }: Received,
  actual: string,
): CheckFailure {
  const before = endpoint.log.slice(since).filter((each) => each.index < index)
  const refs = new Set(before.map(({ message }) => message['ref']))
  const first = frames.find(({ id }) => id !== undefined && !refs.has(id)) ?? frames[0]
  const which = frames.length > 1 ? `, the first of ${String(frames.length)} frames that has no answer` : ''
  const expected = first ? `${refusalOf(first)}${which}` : codesOf(frames)
  return new CheckFailure(expected, actual).shownBy(...(first ? [first.text] : []), text)
}

/** What an answer is, where it refuses none of the frames that it may be about as it should. */
function wrongAnswer({ message }: Received, meant: readonly Refused[]): string | undefined {
  const code = stringOf(message, 'code')
  if (message['type'] !== 'error') return `the answer was ${String(message['type'])}`
  return meant.some(({ codes }) => codes.includes(code ?? '')) ? undefined : `the error was ${String(code)}`
}

/** A frame that is not refused. */
interface Culprit {
  readonly frame: Refused
  readonly actual: string
  readonly unanswered: boolean
}

/** Which of several frames is not refused: each is sent again, alone. `undefined` where each of them is, this time. */
async function culprit(
  endpoint: Endpoint,
  suspects: readonly Refused[],
  { again, fresh = false }: AgainOptions,
): Promise<Culprit | undefined> {
  if (suspects.length < 2) return undefined
  let sender = endpoint
  for (const frame of suspects) {
    if (sender.end || fresh) {
      if (!again || endpoint.all('error', ({ fatal }) => fatal).length > 0) return undefined
      sender = await again()
    }
    const since = sender.log.length
    sender.sendRaw(frame.text)
    try {
      const answer = await answering(sender.waitFor(isAnswer, refusalOf(frame), { since }))
      const actual = wrongAnswer(answer, [frame])
      if (actual !== undefined) return { frame, actual, unanswered: false }
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error
      return { frame, actual: error.actual, unanswered: error.unanswered }
    }
  }
  return undefined
}

function refusalOf({ codes, what }: Refused): string {
  return `${codes.join(' or ')} for ${what}`
}

function oneOf(frames: readonly Refused[]): string {
  const [first, last] = [frames.at(0)?.what ?? '', frames.at(-1)?.what ?? '']
  if (frames.length < 2) return first
  return `each of ${String(frames.length)} frames, the first ${first}, the last ${last}`
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
  // Nobody would see a byte order mark.
  return text === '' ? 'an empty frame' : `the frame ${clip(text.replaceAll('\ufeff', '\\ufeff'))}`
}

/** Cuts a list into parts that a connection may take in one go. */
export function inBursts<T>(list: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / safeBurst) }, (_, part) =>
    list.slice(part * safeBurst, (part + 1) * safeBurst),
  )
}

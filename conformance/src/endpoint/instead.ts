import { errorsWords, isFatal } from './error-words.ts'
import type { Received, WaitOptions } from './received.ts'
import { stringOf } from './wire.ts'

/** What an endpoint knows of what has come so far. */
export interface Arrivals {
  /** Everything that has arrived, in order. */
  readonly log: readonly Received[]
  /** Where in the log what came after the frame that was sent last begins. */
  readonly answersFrom: number
  /** What was sent under each `id`. */
  readonly sent: ReadonlyMap<string, string>
}

/**
 * What came in place of what was awaited, in words; `undefined` where nothing has. Errors that no other wait has asked for may say why, and
 * one after which nothing comes does so.
 */
export function cameInstead(arrivals: Arrivals, { since = 0, like, id }: WaitOptions): string | undefined {
  const { log, answersFrom } = arrivals
  const near = log.slice(since).map((frame) => like?.(frame))
  const errors = log
    .filter((frame) => frame.index >= answersFrom || isFatal(frame))
    .filter((frame) => frame.message['type'] === 'error' && !answersAnother(arrivals, frame, id))
  return near.findLast((each) => each !== undefined) ?? errorsWords(errors.map(({ message }) => message))
}

/** Whether a frame is the one outcome of another message than the one with this `id`. */
export function answersAnother(
  { log, sent }: Arrivals,
  { index, message }: Received,
  id: string | undefined,
): boolean {
  const ref = stringOf(message, 'ref')
  if (id === undefined || ref === undefined || ref === id || !sent.has(ref)) return false
  return log.findIndex((other) => other.message['ref'] === ref) === index
}

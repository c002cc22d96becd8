import type { Endpoint } from './endpoint.ts'
import { isFatal } from './error-words.ts'
import type { Received } from './received.ts'
import { stringOf } from './wire.ts'

/** A client of whose messages others have seen nothing. */
type Actor = Pick<Endpoint, 'log' | 'name' | 'retried'>

/**
 * That a message of a client was refused, as a reason why others have seen nothing of it.
 *
 * @param isAbout - Whether an error is about that message.
 * @param what - The message in words: `its join`.
 * @returns `undefined` where the client has got no such error.
 */
export function refusalWords(
  actor: Actor,
  isAbout: (error: Received) => boolean,
  what: string,
): string | undefined {
  const refusal = errorsOf(actor).findLast(isAbout)
  return refusal && `${actor.name} got the error ${codeOf(refusal)} for ${what}`
}

/** That a fatal error has ended the connection of a client, as such a reason. */
export function endWords(actor: Actor): string | undefined {
  const fatal = actor.log.find(isFatal)
  return fatal && `the connection of ${actor.name} ended first with the fatal error ${codeOf(fatal)}`
}

function errorsOf({ log, retried }: Actor): Received[] {
  return log.filter(({ index, message }) => message['type'] === 'error' && !retried.has(index))
}

function codeOf({ message }: Received): string {
  return stringOf(message, 'code') ?? 'without a code'
}

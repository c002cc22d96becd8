import { clip } from '../observer/frame-observer.ts'
import type { LinkEnd } from '../transport/transport.ts'
import type { Wire } from './wire.ts'

/** An error of the server in words, as what came instead of something else. */
function errorWords({ code, of, ref, fatal }: Wire): string {
  const about = of === undefined ? '' : ` about ${clip(JSON.stringify(of))}`
  return `the ${fatal === true ? 'fatal ' : ''}error ${clip(String(code))}${about}, ${refWords({ ref })}`
}

/** The `ref` of an error in words. */
function refWords({ ref }: Wire): string {
  return ref === undefined ? 'without ref' : `with the ref ${clip(JSON.stringify(ref))}`
}

/** Fatal errors that answer a message; the others come of themselves, and are about none. */
const answers: ReadonlySet<unknown> = new Set([
  'hello-required',
  'unsupported-version',
  'auth-failed',
  'seq-gap',
])

/** Whether a frame is an error after which the connection is over. */
export function isFatal({ message }: { readonly message: Wire }): boolean {
  return message['type'] === 'error' && message['fatal'] === true
}

/**
 * How a connection ended, as what goes on the words that it did.
 *
 * @param fatal - The fatal error before it, where one came.
 * @param awaited - The message whose outcome was awaited: an error that fits as one, and does not refer to it, is told with what it has instead.
 */
export function endWords(
  fatal: Wire | undefined,
  end: LinkEnd | undefined,
  awaited?: { readonly id: string; readonly type: string | undefined },
): string {
  if (fatal) {
    const refers = awaited === undefined || fatal['ref'] === awaited.id || !answersType(fatal, awaited.type)
    return ` with the fatal error ${String(fatal['code'])}${refers ? '' : `, ${refWords(fatal)}`}`
  }
  return end?.code === undefined ? ' without a close frame' : ` with close code ${String(end.code)}`
}

/** Whether a fatal error can be the outcome of a message of this type, by what it says itself. */
function answersType({ code, of }: Wire, type: string | undefined): boolean {
  return of === undefined ? answers.has(code) : of === type
}

/** Errors that are told of at most. */
const toldErrors = 3

/** Errors in words, each once; `undefined` where there are none. */
export function errorsWords(errors: readonly Wire[]): string | undefined {
  const words = [...new Set(errors.map(errorWords))]
  const more = words.length > toldErrors ? ` and ${String(words.length - toldErrors)} more` : ''
  return words.length === 0 ? undefined : `${words.slice(0, toldErrors).join(' and ')}${more}`
}

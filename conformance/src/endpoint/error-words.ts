import { clip } from '../observer/frame-observer.ts'
import type { Wire } from './wire.ts'

/** An error of the server in words, as what came instead of something else. */
function errorWords({ code, of, ref }: Wire): string {
  const about = of === undefined ? '' : ` about ${clip(JSON.stringify(of))}`
  return `the error ${clip(String(code))}${about}, ${ref === undefined ? 'without ref' : `with the ref ${clip(JSON.stringify(ref))}`}`
}

/** Errors that are told of at most. */
const toldErrors = 3

/** Errors in words, each once; `undefined` where there are none. */
export function errorsWords(errors: readonly Wire[]): string | undefined {
  const words = [...new Set(errors.map(errorWords))]
  const more = words.length > toldErrors ? ` and ${String(words.length - toldErrors)} more` : ''
  return words.length === 0 ? undefined : `${words.slice(0, toldErrors).join(' and ')}${more}`
}

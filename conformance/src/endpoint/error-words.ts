import { clip } from '../observer/frame-observer.ts'
import type { Wire } from './wire.ts'

/** An error of the server in words, as what came instead of something else. */
export function errorWords({ code, of, ref }: Wire): string {
  const about = of === undefined ? '' : ` about ${clip(JSON.stringify(of))}`
  return `the error ${clip(String(code))}${about}, ${ref === undefined ? 'without ref' : `with the ref ${clip(JSON.stringify(ref))}`}`
}

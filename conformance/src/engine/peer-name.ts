import type { Endpoint } from '../endpoint/endpoint.ts'

/**
 * Puts the letters of endpoints, by which the transcript calls them, in place of their peer ids. Quoted ids stay: they stand for what a frame
 * holds.
 *
 * @param text - A sentence of a report: `peer-joined about 3mXk… at B`.
 */
export function namingPeers(text: string, endpoints: readonly Endpoint[]): string {
  return endpoints.reduce(
    (named, { peer, name }) =>
      // An id shorter than the specification permits may be a word.
      peer.length < 16 ? named : named.replaceAll(new RegExp(`(?<![\\w"-])${peer}(?![\\w"-])`, 'g'), name),
    text,
  )
}

/** Name of an endpoint of a check: A to Z, then P27 and so on. */
export function endpointName(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `P${String(index + 1)}`
}

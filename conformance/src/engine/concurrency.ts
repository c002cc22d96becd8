/**
 * Checks at the same time, where the user does not say: they wait for the network most of the time when it is slow, and for a processor when
 * it is fast.
 *
 * @param roundTripMs - Milliseconds of a round trip to the server.
 * @returns From 12 to 128.
 */
export function usualConcurrency(roundTripMs: number): number {
  return Math.min(128, 12 + Math.round((2 * roundTripMs) / 5))
}

/**
 * Works on many things at the same time, a group at a time, so that a long round trip is waited for once a group.
 *
 * @param most - Size of a group.
 * @returns What came of each, in order.
 */
export async function atOnce<T, R>(
  things: readonly T[],
  most: number,
  work: (thing: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < things.length; at += most) {
    results.push(...(await Promise.all(things.slice(at, at + most).map(work))))
  }
  return results
}

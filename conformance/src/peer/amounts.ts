/** How often each kind occurs, in words and in the order of first occurrence: `2 host udp, 1 relay udp`. */
export function amounts(kinds: readonly string[], none = 'none'): string {
  const counts = new Map<string, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${String(count)} ${kind}`).join(', ') || none
}

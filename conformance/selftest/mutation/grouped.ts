/** Values by what they have in common, in the order of their first members; `Map.groupBy` is not in every supported Node. */
export function grouped<K, V>(values: readonly V[], keyed: (value: V) => K): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>()
  for (const value of values) {
    const key = keyed(value)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [value])
    else group.push(value)
  }
  return groups
}

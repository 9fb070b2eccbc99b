/** What has the same key, in order; groups in the order of their first. */
export const groupsBy = <T, K>(all: Iterable<T>, keyOf: (x: T) => K): ReadonlyMap<K, readonly T[]> => {
  const groups = new Map<K, T[]>()
  for (const x of all) {
    const key = keyOf(x)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [x])
    else group.push(x)
  }
  return groups
}

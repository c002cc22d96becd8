const acts = new Set<() => void>()

/**
 * Has something done at the last moment if the process ends before it is revoked: at a second Ctrl-C, or after an exception that nobody
 * caught. Only what is done at once can be done there.
 *
 * @returns Revokes it.
 */
export function atExit(act: () => void): () => void {
  if (acts.size === 0) process.on('exit', runAll)
  acts.add(act)
  return () => {
    acts.delete(act)
    if (acts.size === 0) process.off('exit', runAll)
  }
}

function runAll(): void {
  for (const act of acts) act()
}

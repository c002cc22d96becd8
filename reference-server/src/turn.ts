/** Something that holds back what it writes until the end of a turn. */
export interface Flushable {
  flush(): void
}

const waiting: Flushable[] = []

/**
 * Flushes at the end of this turn of the event loop, after all sockets that were readable have been read: what came for one
 * receiver from many senders goes out in one system call.
 */
export function flushAfterTurn(flushable: Flushable): void {
  if (waiting.push(flushable) === 1) setImmediate(flushAll)
}

function flushAll(): void {
  for (const flushable of waiting) flushable.flush()
  waiting.length = 0
}

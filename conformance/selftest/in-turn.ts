import { availableParallelism } from 'node:os'

/** Mutants that are hunted at the same time, for each core: they mostly wait. */
const huntsPerCore = 3

/** Lets only so much work go on at once; the rest waits in line. */
export function inTurn(
  places = availableParallelism() * huntsPerCore,
): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = places
  return async (work) => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}

import type { Clock } from '@parley/reference-server'

/** A clock that goes so many times as fast as time; below 1, slower. */
export function hastened(factor: number): Clock {
  const began = Date.now()
  return {
    now: () => began + (Date.now() - began) * factor,
    after: (ms, task) => {
      const timer = setTimeout(task, ms / factor)
      return () => {
        clearTimeout(timer)
      }
    },
    every: (ms, task) => {
      const timer = setInterval(task, ms / factor).unref()
      return () => {
        clearInterval(timer)
      }
    },
  }
}

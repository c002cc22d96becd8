import type { Clock } from './clock.ts'
import type { Awaitable } from './directory.ts'

/** Milliseconds in which an application's hook has to answer: less than the 5 s of outcomes.in-time. */
const hookMs = 4500

/**
 * Waits for what an application's hook answers, and not for ever: a connection handles nothing else meanwhile.
 *
 * @param what - The hook, as the error calls it.
 * @throws When the answer does not come in time; what comes later is dropped.
 */
export function inTime<T>(answer: Awaitable<T>, clock: Clock, what: string): Awaitable<T> {
  if (!(answer instanceof Promise)) return answer
  return new Promise((resolve, reject) => {
    const cancel = clock.after(hookMs, () => {
      reject(new Error(`The ${what} has not answered within ${hookMs} ms`))
    })
    answer.then(resolve, reject).finally(cancel)
  })
}

import type { Endpoint, Outcome, Sendable } from './endpoint.ts'

/** Longest time for which a check follows a server that asks to come back later, in milliseconds. */
export const longestRetryMs = 5000

/** Attempts after which a check takes the refusal for the answer. */
export const mostAttempts = 10

/**
 * When to come back, in milliseconds, where an outcome says that its message came too often; `undefined` for every other one.
 * [delivery.rate-single] allows that for `join` and `auth`.
 */
export function retryAfterOf({ code, message }: Pick<Outcome, 'code' | 'message'>): number | undefined {
  const wait = message['retryAfterMs']
  if (code !== 'rate-limited' || message['fatal'] === true) return undefined
  return typeof wait === 'number' && wait >= 0 ? wait : undefined
}

/** Sends a `join` or an `auth`, and sends it again when the server says, until it is not refused for coming too often. */
export async function requestInTime(endpoint: Endpoint, message: Sendable): Promise<Outcome> {
  let left = longestRetryMs
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await endpoint.request(message)
    const wait = retryAfterOf(outcome)
    if (wait === undefined || wait > left || attempt === mostAttempts) return outcome
    left -= wait
    endpoint.retried.add(outcome.index)
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

/** Whether a server has refused a `join` or an `auth` for coming too often, and the check has not sent it again. */
export function wasTooOften({ log, retried }: Endpoint): boolean {
  return log.some(({ index, message }) => {
    const { code, of } = message
    const may = code === 'rate-limited' && (of === undefined || of === 'join' || of === 'auth')
    return may && retryAfterOf({ code, message }) !== undefined && !retried.has(index)
  })
}

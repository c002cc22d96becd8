import type { Frame, Passage, Rule } from './middleman.ts'

/** A rate as `limits.rate` announces it. */
export interface MeteredRate {
  readonly perSecond: number
  readonly burst: number
}

/** A frame that came when the bucket of its connection was empty. */
export interface Excess {
  /** Number of the connection. */
  readonly connection: number
  readonly frame: Frame
}

/** Messages of one connection, counted as [delivery.burst] says. */
export interface MeteredConnection {
  tokens: number
  at: number
}

/**
 * A rule in front of a server that is as strict as [delivery.burst] allows: a bucket for each connection that is full when it opens, from
 * which each message takes one. The first message too many ends the connection with `rate-limited`.
 *
 * @param now - Milliseconds.
 */
export function strictMeter(
  { perSecond, burst }: MeteredRate,
  excess: Excess[],
  now: () => number = () => performance.now(),
): Rule {
  const buckets = new WeakMap<Passage, MeteredConnection>()
  return (frame, passage) => {
    const at = now()
    const bucket = buckets.get(passage) ?? { tokens: burst, at }
    bucket.tokens = Math.min(burst, bucket.tokens + ((at - bucket.at) / 1000) * perSecond) - 1
    bucket.at = at
    buckets.set(passage, bucket)
    if (bucket.tokens > -0.000_001) return true
    excess.push({ connection: passage.number, frame })
    const message = `More than ${String(burst)} messages at once`
    passage.toClient({ type: 'error', code: 'rate-limited', message, fatal: true })
    passage.end(1008)
    return false
  }
}

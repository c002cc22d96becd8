/** `limits.rate`: a lasting rate in messages per second, and a burst above it in messages. */
export interface LimitRate {
  readonly perSecond: number
  readonly burst: number
}

/**
 * The rate that a `welcome` announces; `undefined` where it announces none, or none of the right form.
 *
 * @param limits - `welcome.limits`, of which nothing is known yet.
 */
export function announcedRate(limits: unknown): LimitRate | undefined {
  const rate = memberOf(limits, 'rate')
  const [perSecond, burst] = [memberOf(rate, 'perSecond'), memberOf(rate, 'burst')]
  if (typeof perSecond !== 'number' || typeof burst !== 'number' || perSecond <= 0 || burst < 1)
    return undefined
  return { perSecond, burst }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

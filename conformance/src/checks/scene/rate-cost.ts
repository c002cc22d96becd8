import type { CheckContext } from '../../engine/context.ts'
import { announcedRate } from '../../endpoint/announced-rate.ts'

/** Milliseconds that a connection has to wait to send so many messages within the announced rate; 0 where none is announced. */
export function msAtRate(t: CheckContext, messages: number): number {
  const rate = announcedRate(t.target.welcome.limits)
  return rate ? (1000 * Math.max(0, messages - rate.burst)) / rate.perSecond : 0
}

import type { Client } from '../client.ts'
import { Bucket } from '../rate.ts'

/** Seconds for which finds may come in one go. */
const burstSeconds = 5

/** How often each client may search: find.rate. */
export class FindRate {
  readonly #perSecond: number
  readonly #buckets = new WeakMap<Client, Bucket>()

  /** @param perSecond - Lasting rate; 0 for any. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /**
   * Counts one find.
   *
   * @param now - Milliseconds since the epoch.
   * @returns Milliseconds after which it may come again; 0 where it may be answered.
   */
  take(client: Client, now: number): number {
    const perSecond = this.#perSecond
    if (perSecond === 0) return 0
    let bucket = this.#buckets.get(client)
    if (bucket === undefined) {
      bucket = new Bucket({ perSecond, burst: perSecond * burstSeconds }, now)
      this.#buckets.set(client, bucket)
    }
    const debt = bucket.take(now)
    if (debt > 0) bucket.forgive()
    return Math.ceil(debt)
  }
}

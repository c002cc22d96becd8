import { Bucket } from '../rate.ts'

/** What is counted by address. */
export interface AddressLimitOptions {
  /** Connections at a time; 0 for any. */
  readonly connectionsPerAddress: number
  /** Lasting failures to authenticate; 0 for any. */
  readonly authFailuresPerMinute: number
}

/** Addresses whose failures are remembered at most; beyond that the one that failed first is forgotten. */
const mostAddresses = 100_000

const secondsPerMinute = 60

/** Counts what comes from each address. An address that is not known is never refused: nobody can tell whose it is. */
export class AddressLimits {
  readonly #options: AddressLimitOptions
  readonly #connections = new Map<string, number>()
  readonly #failures = new Map<string, Bucket>()

  constructor(options: AddressLimitOptions) {
    this.#options = options
  }

  /** Addresses that something is kept of. */
  get size(): number {
    return new Set([...this.#connections.keys(), ...this.#failures.keys()]).size
  }

  /** Takes a place for a connection of an address; `false` where it has as many as it may. */
  enter(address: string): boolean {
    const most = this.#options.connectionsPerAddress
    const now = this.#connections.get(address) ?? 0
    if (address !== '' && most > 0 && now >= most) return false
    this.#connections.set(address, now + 1)
    return true
  }

  /** Gives the place of a connection back. */
  leave(address: string): void {
    const left = (this.#connections.get(address) ?? 0) - 1
    if (left > 0) this.#connections.set(address, left)
    else this.#connections.delete(address)
  }

  /**
   * Begins an attempt of an address to authenticate, which counts as a failure until it has succeeded: many at the same time are no way around.
   *
   * @param now - Milliseconds since the epoch.
   * @returns Milliseconds that it has to wait, and the attempt is none; 0 where it may go on.
   */
  attempt(address: string, now: number): number {
    const perMinute = this.#options.authFailuresPerMinute
    if (perMinute === 0 || address === '') return 0
    let bucket = this.#failures.get(address)
    if (bucket === undefined) {
      const [first] = this.#failures.keys()
      if (this.#failures.size >= mostAddresses && first !== undefined) this.#failures.delete(first)
      bucket = new Bucket({ perSecond: perMinute / secondsPerMinute, burst: perMinute }, now)
      this.#failures.set(address, bucket)
    }
    const wait = Math.ceil(bucket.wait(now))
    if (wait === 0) bucket.take(now)
    return wait
  }

  /** An attempt was none of a stranger. */
  succeeded(address: string): void {
    this.#failures.get(address)?.giveBack()
  }

  /** Forgets the addresses whose failures no longer count. */
  sweep(now: number): void {
    for (const [address, bucket] of this.#failures) if (bucket.isFull(now)) this.#failures.delete(address)
  }
}

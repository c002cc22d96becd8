import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'

/**
 * Which addresses of host names did not answer in this run. Node tries a name's addresses one after another and begins anew with each
 * connection: without this every connection would wait for the dead one again, and fail where the dead one comes last.
 */
export class AddressBook {
  readonly #resolve: LookupFunction
  readonly #dead = new Map<string, Set<string>>()

  /** @param resolve - Asks for the addresses of a name; the system by default. */
  constructor(resolve: LookupFunction = systemLookup) {
    this.#resolve = resolve
  }

  /** For `net.connect`: every address of a name but those known as dead; all of them where none would be left. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    this.#resolve(host, { ...options, all: true }, (error, found) => {
      if (error || typeof found === 'string') {
        callback(error, found)
        return
      }
      const dead = this.#dead.get(host)
      const living: LookupAddress[] = found.filter(({ address }) => !dead?.has(address))
      callback(null, living.length > 0 ? living : found)
    })
  }

  /** An attempt at an address has failed. */
  noteDead(host: string, address: string): void {
    const dead = this.#dead.get(host) ?? new Set()
    this.#dead.set(host, dead.add(address))
  }

  /** Whether an address of a name is known as dead. */
  knowsDead(host: string): boolean {
    return this.#dead.has(host)
  }

  /** Takes every address of a name for living again. */
  forget(host: string): void {
    this.#dead.delete(host)
  }
}

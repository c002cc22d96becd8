import { usernameFragments } from './sdp.ts'
import type { RTCIceCandidateInit } from './peer-connection.ts'

const none: ReadonlySet<string> = new Set()

/**
 * Decides what becomes of the candidates that the other side sends: kept until the description with their number is
 * applied or ignored, then good only if their username fragment stands in the current or pending remote description.
 */
export class RemoteCandidates {
  readonly #settled = new Set<number>()
  readonly #early = new Map<number, RTCIceCandidateInit[]>()
  #current = none
  #pending = none

  /** How many wait for a description that has not come. */
  get waiting(): number {
    return [...this.#early.values()].reduce((total, candidates) => total + candidates.length, 0)
  }

  /** Takes a candidate; true if it may be considered now, false if it was kept for its description. */
  arrive(negotiation: number, candidate: RTCIceCandidateInit): boolean {
    if (this.#settled.has(negotiation)) return true
    const early = this.#early.get(negotiation)
    if (early) early.push(candidate)
    else this.#early.set(negotiation, [candidate])
    return false
  }

  /** A description was applied or ignored: hands out what was kept for it, in the order in which it came. */
  settle(negotiation: number): readonly RTCIceCandidateInit[] {
    this.#settled.add(negotiation)
    const early = this.#early.get(negotiation) ?? []
    this.#early.delete(negotiation)
    return early
  }

  /** A remote offer was applied and is pending. */
  offered(sdp: string): void {
    this.#pending = usernameFragments(sdp)
  }

  /** The pending remote offer was answered and is current. */
  answered(): void {
    this.#current = this.#pending
    this.#pending = none
  }

  /** A remote answer was applied and is current. */
  answer(sdp: string): void {
    this.#current = usernameFragments(sdp)
  }

  /** Whether a candidate belongs to the current or pending remote description. */
  accepts({ usernameFragment }: RTCIceCandidateInit): boolean {
    return this.#current.has(usernameFragment) || this.#pending.has(usernameFragment)
  }
}

import { candidateUsernameFragment, isTCPCandidate, usernameFragments } from './sdp.ts'
import type { RTCIceCandidateInit } from './peer-connection.ts'

/** A candidate as a library hands it out: any member may be missing. */
export interface GatheredCandidate {
  readonly candidate?: string | null
  readonly sdpMid?: string | null
  readonly sdpMLineIndex?: number | null
  readonly usernameFragment?: string | null
}

/** What candidate gathering needs to know of its connection. */
export interface GatheringSource {
  iceGatheringState(): string
  /** SDP of the local description that is gathered for, if there is one. */
  localSDP(): string | undefined
  /** Calls back once all events that the library has queued by now have been delivered. */
  drained(callback: () => void): void
}

/**
 * Makes one clean sequence of candidates from a library's events: TCP left out, username fragments filled in, and
 * one end-of-candidates for each username fragment, after its last candidate. wrtc reads the gathering state late and
 * announces the end before the candidates, so the end is believed only when its queue has run empty.
 */
export class CandidateGathering {
  readonly #source: GatheringSource
  readonly #emit: (candidate: RTCIceCandidateInit) => void
  readonly #seen = new Set<string>()
  readonly #ended = new Set<string>()
  #changes = 0
  #changesUntilComplete = 0

  constructor(source: GatheringSource, emit: (candidate: RTCIceCandidateInit) => void) {
    this.#source = source
    this.#emit = emit
  }

  /** Tells that a local description is about to be set: what completed before it says nothing about it. */
  describing(sdp: string): void {
    if (
      [...usernameFragments(sdp)].every((fragment) => this.#seen.has(fragment) || this.#ended.has(fragment))
    )
      return
    const changesAhead = this.#source.iceGatheringState() === 'complete' ? 2 : 1
    this.#changesUntilComplete = this.#changes + changesAhead
  }

  /** Takes a candidate from the library. */
  candidate(gathered: GatheredCandidate): void {
    const { candidate, sdpMid, sdpMLineIndex } = gathered
    if (candidate === undefined || candidate === null || candidate === '') {
      this.#expectEnd()
      return
    }
    const usernameFragment =
      candidateUsernameFragment(candidate) ?? gathered.usernameFragment ?? this.#localFragments()[0] ?? ''
    this.#seen.add(usernameFragment)
    if (isTCPCandidate(candidate)) return
    this.#emit({ candidate, sdpMid: sdpMid ?? null, sdpMLineIndex: sdpMLineIndex ?? null, usernameFragment })
  }

  /** Takes the library's icegatheringstatechange. */
  stateChanged(): void {
    this.#changes += 1
    this.#expectEnd()
  }

  #localFragments(): readonly string[] {
    return [...usernameFragments(this.#source.localSDP() ?? '')]
  }

  #expectEnd(): void {
    // Complete now means that every candidate is queued; complete after the wait would say nothing of what is queued.
    if (this.#source.iceGatheringState() !== 'complete') return
    this.#source.drained(() => {
      if (this.#source.iceGatheringState() !== 'complete') return
      for (const usernameFragment of this.#localFragments()) {
        const gathered = this.#seen.has(usernameFragment) || this.#changes >= this.#changesUntilComplete
        if (!gathered || this.#ended.has(usernameFragment)) continue
        this.#ended.add(usernameFragment)
        this.#emit({ candidate: '', usernameFragment })
      }
    })
  }
}

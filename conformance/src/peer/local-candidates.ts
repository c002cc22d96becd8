import { Gate } from './gate.ts'
import { usernameFragments } from './sdp.ts'
import type { RTCIceCandidateInit } from './peer-connection.ts'

/** Sends one candidate with the number of the description that was sent last. */
export type SendCandidate = (negotiation: number, candidate: RTCIceCandidateInit) => void

/** Keeps own candidates until the description that they were gathered for has been sent. */
export class LocalCandidates {
  /** While closed, nothing goes out: candidates come late. */
  readonly gate = new Gate()
  readonly #send: SendCandidate
  readonly #described = new Set<string>()
  readonly #ended = new Set<string>()
  readonly #endListeners = new Set<() => void>()
  #waiting: RTCIceCandidateInit[] = []
  #negotiation = 0

  constructor(send: SendCandidate) {
    this.#send = send
  }

  /** Takes a gathered candidate. */
  gathered(candidate: RTCIceCandidateInit): void {
    this.#waiting.push(candidate)
    if (candidate.candidate === '') {
      this.#ended.add(candidate.usernameFragment)
      for (const listener of [...this.#endListeners]) listener()
    }
    this.flush()
  }

  /** A description was sent with this number: candidates gathered for it may follow. */
  described(negotiation: number, sdp: string): void {
    this.#negotiation = negotiation
    for (const fragment of usernameFragments(sdp)) this.#described.add(fragment)
    this.flush()
  }

  /** Forgets the candidates that stand in a description already. */
  contained(sdp: string): void {
    const fragments = usernameFragments(sdp)
    this.#waiting = this.#waiting.filter(({ usernameFragment }) => !fragments.has(usernameFragment))
  }

  /** Sends what may be sent. */
  flush(): void {
    if (!this.gate.isOpen) return
    const waiting = this.#waiting
    this.#waiting = waiting.filter(({ usernameFragment }) => !this.#described.has(usernameFragment))
    for (const candidate of waiting) {
      if (this.#described.has(candidate.usernameFragment)) this.#send(this.#negotiation, candidate)
    }
  }

  /** Lets held candidates go. */
  release(): void {
    this.gate.open()
    this.flush()
  }

  /** Resolves when gathering for every fragment of this description has ended. */
  async gatheredFor(sdp: string): Promise<void> {
    const fragments = [...usernameFragments(sdp)]
    const done = () => fragments.every((fragment) => this.#ended.has(fragment))
    if (done()) return
    await new Promise<void>((resolve) => {
      const listener = () => {
        if (!done()) return
        this.#endListeners.delete(listener)
        resolve()
      }
      this.#endListeners.add(listener)
    })
  }
}

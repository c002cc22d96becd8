import { Gate } from './gate.ts'
import type { CallEndpoint } from './call-endpoint.ts'
import type { CallMessage, CallSignaling, DeliveredCallMessage } from './call-message.ts'

/** One direction between two peers. */
interface Line {
  readonly gate: Gate
  work: Promise<void>
}

/**
 * Signaling without a server: relays between endpoints in one process, as the protocol demands of a server. From one
 * sender to one receiver nothing is lost or changes places; what different senders say may be delayed differently.
 * Peers that cannot connect over it cannot connect over any server.
 */
export class MemoryRelay {
  readonly #delay: (from: string, message: CallMessage) => Promise<void> | undefined
  readonly #endpoints = new Map<string, CallEndpoint>()
  readonly #lines = new Map<string, Line>()
  readonly #sent: { readonly from: string; readonly message: CallMessage }[] = []

  /** @param delay - what a message waits for before it is delivered, and with it all that follow on its line */
  constructor(delay: (from: string, message: CallMessage) => Promise<void> | undefined = () => undefined) {
    this.#delay = delay
  }

  /** Everything that was sent, in order. */
  get sent(): readonly { readonly from: string; readonly message: CallMessage }[] {
    return this.#sent
  }

  /** Names an endpoint, so that others reach it. */
  attach(peer: string, endpoint: CallEndpoint): void {
    this.#endpoints.set(peer, endpoint)
  }

  /** The way out of the endpoint of this peer. */
  signalingOf(peer: string): CallSignaling {
    return {
      send: (message) => {
        this.#relay(peer, message)
      },
    }
  }

  /** Keeps back what one peer says to another until `release`. */
  hold(from: string, to: string): void {
    this.#line(from, to).gate.close()
  }

  /** Delivers what was kept back. */
  release(from: string, to: string): void {
    this.#line(from, to).gate.open()
  }

  #line(from: string, to: string): Line {
    const key = `${from} ${to}`
    const line = this.#lines.get(key) ?? { gate: new Gate(), work: Promise.resolve() }
    this.#lines.set(key, line)
    return line
  }

  #relay(from: string, message: CallMessage): void {
    this.#sent.push({ from, message })
    const delivered = JSON.parse(JSON.stringify({ ...message, from })) as DeliveredCallMessage
    const line = this.#line(from, message.to)
    line.work = line.work.then(async () => {
      await line.gate.passed()
      await this.#delay(from, message)
      this.#endpoints.get(message.to)?.receive(delivered)
    })
  }
}

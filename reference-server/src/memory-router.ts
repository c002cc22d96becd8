import type { KnownErrorCode, PeerId } from '@parley/schemas'
import type { Awaitable } from './directory.ts'
import type { Frame } from './frame.ts'
import type { Receiver, Router } from './router.ts'

/** The router of a server that is one process. */
export class MemoryRouter implements Router {
  readonly #receivers = new Map<PeerId, Receiver>()

  attach(receiver: Receiver): void {
    this.#receivers.set(receiver.peer, receiver)
  }

  detach(peer: PeerId): void {
    this.#receivers.delete(peer)
  }

  deliver(peer: PeerId, frame: Frame): void {
    this.#receivers.get(peer)?.send(frame) // delivery.addressee, delivery.once
  }

  end(peer: PeerId, code: KnownErrorCode, message: string): Awaitable<void> {
    return this.#receivers.get(peer)?.evict(code, message)
  }
}

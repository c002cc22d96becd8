import { goaway } from '@parley/schemas'
import type { Client } from './client.ts'
import type { Clock } from './clock.ts'
import type { Options } from './option.ts'
import { writeMessage } from './reply.ts'

/** Whether the server is about to end, and when: drain.goaway. */
export class Draining {
  readonly #clock: Clock
  readonly #url: string
  #endsAt: number | undefined

  constructor(clock: Clock, { drainUrl }: Pick<Options, 'drainUrl'>) {
    this.#clock = clock
    this.#url = drainUrl
  }

  /** Whether it has begun. */
  get hasBegun(): boolean {
    return this.#endsAt !== undefined
  }

  /**
   * Begins it.
   *
   * @param ms - Milliseconds until the connections end.
   */
  begin(ms: number): void {
    this.#endsAt = this.#clock.now() + ms
  }

  /**
   * Cuts it short.
   *
   * @returns Whether it was to go on for longer: then clients have to be told again.
   */
  cutShort(): boolean {
    const now = this.#clock.now()
    if (this.#endsAt === undefined || this.#endsAt <= now) return false
    this.#endsAt = now
    return true
  }

  /** Tells a client, where `drain` is in force, that the connection is about to end. */
  tell(client: Pick<Client, 'inForce' | 'sendUnnumbered'>): void {
    if (this.#endsAt === undefined || !client.inForce.has('drain')) return // capabilities.core-only
    const inMs = Math.max(0, this.#endsAt - this.#clock.now())
    client.sendUnnumbered(
      writeMessage(goaway.type, { inMs, ...(this.#url === '' ? {} : { url: this.#url }) }),
    )
  }
}

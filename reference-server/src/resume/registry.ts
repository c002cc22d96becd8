import type { CapabilityName, SessionSecret, UserId } from '@parley/schemas'
import type { Clock } from '../clock.ts'
import type { Options } from '../option.ts'
import type { Sequence } from './sequence.ts'

/** A peer whose session outlives its connection. */
export interface Resumable {
  readonly session: SessionSecret
  readonly user: UserId | undefined
  readonly inForce: ReadonlySet<CapabilityName>
  /** When its authentication ends, in milliseconds since the epoch. */
  readonly expiresAt: number
  /** What was said in it, once it has begun; `isFresh` where another session may still take its place. */
  readonly numbers: { readonly sequence: Sequence; readonly isFresh: boolean } | undefined
  /**
   * Does what is due while it waits: ice.renewed.
   *
   * @param now - Milliseconds since the epoch.
   */
  attend(now: number): void
  /** Ends its session. */
  giveUp(reason: 'lost' | 'expired'): void
}

/** What the server needs of {@link Sessions}; tests put a faulty one there. */
export type SessionKeeper = Pick<Sessions, keyof Sessions>

/**
 * The sessions of clients for which `resume` is in force, by their secrets, and which of them wait for a connection since when.
 */
export class Sessions {
  readonly #clock: Clock
  readonly #windowMs: number
  readonly #places: number
  readonly #sessions = new Map<SessionSecret, Resumable>()
  /** When the wait of each is over, in that order: all wait for the same time. */
  readonly #waiting = new Map<Resumable, number>()

  constructor(
    clock: Clock,
    { resumeSeconds, maxConnections }: Pick<Options, 'resumeSeconds' | 'maxConnections'>,
  ) {
    this.#clock = clock
    this.#windowMs = resumeSeconds * 1000
    this.#places = maxConnections
  }

  /** Sessions that wait for a connection. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Bytes that are kept for all sessions together. */
  get keptBytes(): number {
    let bytes = 0
    for (const { numbers } of this.#sessions.values()) bytes += numbers?.sequence.keptBytes ?? 0
    return bytes
  }

  /** Whether another session may begin: as many may wait as may be connected. */
  get hasPlace(): boolean {
    return this.#waiting.size < this.#places
  }

  begin(peer: Resumable): void {
    this.#sessions.set(peer.session, peer)
  }

  /** Lets a session wait for its client: resume.window. */
  wait(peer: Resumable): void {
    this.#waiting.set(peer, this.#clock.now() + this.#windowMs)
  }

  /** A session has a connection again. */
  connected(peer: Resumable): void {
    this.#waiting.delete(peer)
  }

  /** A session is over. */
  end(peer: Resumable): void {
    this.#waiting.delete(peer)
    this.#sessions.delete(peer.session)
  }

  /**
   * The session that a client may go on with here: resume.resumed, resume.failed.
   *
   * @param client - Who asks.
   * @param ack - The last message that it has acted on.
   */
  find(secret: SessionSecret, client: Resumable, ack: number): Resumable | undefined {
    const found = this.#sessions.get(secret)
    if (found?.numbers === undefined || client.numbers?.isFresh !== true || found.session === client.session)
      return undefined
    const isOwner = found.user === client.user && isEqual(found.inForce, client.inForce)
    return isOwner && found.numbers.sequence.reaches(ack) && !this.#isOver(found) ? found : undefined
  }

  /** Ends the sessions whose time is over, and attends to the others. */
  sweep(): void {
    for (const [peer, until] of this.#waiting) {
      const now = this.#clock.now()
      if (now >= peer.expiresAt)
        peer.giveUp('expired') // resume.expiry
      else if (now >= until)
        peer.giveUp('lost') // resume.window-over
      else peer.attend(now)
    }
  }

  /** Ends the sessions that wait. */
  close(): void {
    for (const peer of this.#waiting.keys()) peer.giveUp('lost')
  }

  /** Between two sweeps a session may be over and not have been ended. */
  #isOver(peer: Resumable): boolean {
    const now = this.#clock.now()
    return now >= (this.#waiting.get(peer) ?? Infinity) || now >= peer.expiresAt
  }
}

function isEqual(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name))
}

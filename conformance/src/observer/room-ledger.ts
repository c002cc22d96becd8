/** How a peer came to send its latest `join` of a room. */
export type JoinHistory = 'none' | 'first' | 'again' | 'returned'

/**
 * What the kit's own clients have said about rooms, over all connections of a run. Only the kit uses the rooms that it makes, so one
 * client's frames can be held against another's.
 */
export class RoomLedger {
  readonly #history = new Map<string, JoinHistory>()
  readonly #left = new Set<string>()
  readonly #users = new Map<string, string | undefined>()

  /** A client has sent `join`. */
  joinSent(peer: string, room: string): void {
    const key = keyOf(peer, room)
    const before = this.#history.get(key)
    this.#history.set(key, before === undefined ? 'first' : this.#left.has(key) ? 'returned' : 'again')
    this.#left.delete(key)
  }

  /** A client has sent `leave`. */
  leaveSent(peer: string, room: string): void {
    this.#left.add(keyOf(peer, room))
  }

  /** `first`: it has joined once; `again`: as a member; `returned`: after it had left. */
  historyOf(peer: string, room: string): JoinHistory {
    return this.#history.get(keyOf(peer, room)) ?? 'none'
  }

  /**
   * The server has told a client who it is.
   *
   * @param user - `undefined` for a client that is nobody, and cannot become somebody.
   */
  identified(peer: string, user: string | undefined): void {
    this.#users.set(peer, user)
  }

  /** Whether it is known as whom a peer is authenticated. */
  knowsUserOf(peer: string): boolean {
    return this.#users.has(peer)
  }

  /** As whom a peer is authenticated. */
  userOf(peer: string): string | undefined {
    return this.#users.get(peer)
  }
}

function keyOf(peer: string, room: string): string {
  return `${peer}\n${room}`
}

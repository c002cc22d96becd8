import { written, type Meaning } from './mark.ts'
import type { Participant } from './participant.ts'
import type { KnownLimits } from './world.ts'

/** Data of a size that every server takes, where none announces how much that is. */
const usualDataBytes = 1000

/** Shortest peer id and session secret, to which what a server gives is filled up: what is sent is to be well-formed. */
const shortestId = 16

/** Makes frames of templates. */
export class Scribe {
  /** The good token of each participant, where it is good for more than once. */
  readonly tokens = new Map<Participant, string>()
  readonly #limits: KnownLimits
  readonly #tag: string
  readonly #rooms: readonly string[]
  readonly #present: ReadonlyMap<number, Participant>
  readonly #former: ReadonlyMap<number, Participant>
  #ids = 0
  #traces = 0

  /**
   * @param tag - Stands in all that is this episode's own.
   * @param present - The present or last participant of each client.
   * @param former - The one before.
   */
  constructor(
    limits: KnownLimits,
    tag: string,
    rooms: readonly string[],
    present: ReadonlyMap<number, Participant>,
    former: ReadonlyMap<number, Participant>,
  ) {
    this.#limits = limits
    this.#tag = tag
    this.#rooms = rooms
    this.#present = present
    this.#former = former
  }

  /** An `id` that has not been used yet. */
  nextId(): string {
    this.#ids += 1
    return `z${String(this.#ids)}`
  }

  /**
   * The frame that a template stands for.
   *
   * @param sender - Whose token a good token is.
   * @param client - Whose session secret may be used.
   */
  written(template: string, sender: Participant | undefined, client = -1): string {
    const quoted = (text: string) => JSON.stringify(text).slice(1, -1)
    const meaning: Meaning = {
      peer: (other, isFormer) =>
        (isFormer ? this.#former : this.#present).get(other)?.peer.padEnd(shortestId, '0') ??
        'nobody_0000000000000',
      session: () => this.#present.get(client)?.session.padEnd(shortestId, '0') ?? 'no-session-0000000',
      token: () => (sender && this.tokens.get(sender)) ?? `no-token-${this.#tag}`,
      room: (index) => quoted(this.#rooms[index % this.#rooms.length] ?? ''),
      id: () => this.nextId(),
      trace: () => {
        this.#traces += 1
        return `zqm${this.#traces.toString(36).padStart(8, '0')}`
      },
      messageBytes: this.#limits.messageBytes,
      dataBytes: this.#limits.dataBytes ?? usualDataBytes,
    }
    // What is no Unicode would be changed on its way into UTF-8.
    return written(template, meaning).replace(/\p{Surrogate}/gu, '\ufffd')
  }
}

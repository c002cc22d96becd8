import type { Frame } from '../frame.ts'

/** Why an acknowledgement is refused, for people. */
export const neverSent = 'ack has to be the number of a message that was sent'

/** What a number means that a message has come with. */
export type SequencePlace = 'next' | 'seen' | 'gap'

/**
 * The numbers of one session: which have come, which were given, and the frames that the client may still lack. Knows no clock, no
 * connection and no message.
 */
export class Sequence {
  /** Frames that are not acknowledged, the oldest first: numbers `acknowledged + 1` to `sent`. */
  readonly #kept: Frame[] = []
  #keptBytes = 0
  #received = 0
  #acknowledged = 0
  #announced = 0

  /** Number of the last message that has come. */
  get received(): number {
    return this.#received
  }

  /** Number of the last message that was given one. */
  get sent(): number {
    return this.#acknowledged + this.#kept.length
  }

  /** UTF-8 bytes of what is kept. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  /** Messages that have come and that the client has not been told of yet. */
  get unannounced(): number {
    return this.#received - this.#announced
  }

  /** Judges the number of a message, and takes it where it is the next one. */
  take(seq: number): SequencePlace {
    if (seq <= this.#received) return 'seen' // seq.seen
    if (seq > this.#received + 1) return 'gap' // seq.gap
    this.#received = seq // seq.taken
    return 'next'
  }

  /**
   * Lets go of what the client has.
   *
   * @returns Whether so much was sent at all: ack.beyond.
   */
  acknowledge(upTo: number): boolean {
    if (upTo > this.sent) return false
    const count = upTo - this.#acknowledged
    if (count <= 0) return true // ack.old
    for (const frame of this.#kept.splice(0, count)) this.#keptBytes -= Buffer.byteLength(frame)
    this.#acknowledged = upTo
    return true
  }

  /**
   * Gives a message of the server its number, and keeps it.
   *
   * @returns The numbered frame, with an acknowledgement where one is due.
   */
  number(frame: Frame): Frame {
    const ack = this.unannounced > 0 ? `"ack":${this.announce()},` : ''
    const numbered = inserted(frame, `{"seq":${this.sent + 1},${ack}`) // seq.numbered
    this.#kept.push(numbered)
    this.#keptBytes += Buffer.byteLength(numbered)
    return numbered
  }

  /** The number to acknowledge, which then counts as told. */
  announce(): number {
    this.#announced = this.#received
    return this.#received
  }

  /** Whether all that a client lacks which has acted on everything up to a number is still there. */
  reaches(ack: number): boolean {
    return ack >= this.#acknowledged && ack <= this.sent
  }

  /** The frames after the last one that the client has acknowledged. */
  get unacknowledged(): readonly Frame[] {
    return this.#kept
  }
}

/** Puts members in front of those of a JSON object that has at least one. */
function inserted(frame: Frame, head: string): Frame {
  if (typeof frame === 'string') return head + frame.slice(frame.indexOf('{') + 1)
  const members = frame.subarray(frame.indexOf('{') + 1)
  const numbered = Buffer.allocUnsafe(head.length + members.length)
  numbered.write(head, 'latin1')
  numbered.set(members, head.length)
  return numbered
}

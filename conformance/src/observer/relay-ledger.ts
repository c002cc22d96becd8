import { isDeepStrictEqual } from 'node:util'
import { stringOf, type Wire } from '../endpoint/wire.ts'

/** What a delivered message is in its stream; `unknown` says nothing against the server. */
export type Delivery = 'next' | 'again' | 'late' | 'unknown'

interface Entry {
  /** As the client has sent it. */
  readonly message: Wire
  readonly kind: string
  delivered: boolean
  /** A later message of the stream has been delivered first. */
  passedOver: boolean
  accepted: boolean
  /** The receiver's membership may not have lasted: nothing is said about a gap. */
  exempt: boolean
}

interface Stream {
  readonly entries: Entry[]
  /** Place after the last delivered entry. */
  next: number
  /** Something came that cannot be told: gaps are no longer judged. */
  uncertain: boolean
}

/**
 * Every relayed message that the kit's own clients have sent in a run, by sender, receiver and room, held against what has been
 * delivered. Messages without an outcome may have been refused; so a gap shows only where `ok` has come.
 */
export class RelayLedger {
  /** By receiver and room, then by sender. */
  readonly #streams = new Map<string, Map<string, Stream>>()
  readonly #byId = new Map<string, Entry | 'ambiguous'>()

  /** A client has sent a relayed message. */
  sent(sender: string, message: Wire): void {
    const [to, room] = [stringOf(message, 'to'), stringOf(message, 'room')]
    if (to === undefined || room === undefined) return
    const key = seatKey(to, room)
    const streams = this.#streams.get(key) ?? new Map<string, Stream>()
    const stream = streams.get(sender) ?? { entries: [], next: 0, uncertain: false }
    this.#streams.set(key, streams.set(sender, stream))
    const entry: Entry = {
      message,
      kind: kindOf(message),
      delivered: false,
      passedOver: false,
      accepted: false,
      exempt: false,
    }
    stream.entries.push(entry)
    const id = stringOf(message, 'id')
    if (id === undefined) return
    const named = `${sender}\n${id}`
    this.#byId.set(named, this.#byId.has(named) ? 'ambiguous' : entry)
  }

  /**
   * A client has been handed a relayed message.
   *
   * @returns What it is in its stream, and for each accepted message that it has passed over, whether that one is still missing.
   */
  received(
    receiver: string,
    message: Wire,
  ): { readonly delivery: Delivery; readonly gaps: readonly (() => boolean)[] } {
    const streams = this.#streams.get(seatKey(receiver, stringOf(message, 'room') ?? ''))
    const stream = streams?.get(stringOf(message, 'from') ?? '')
    if (!stream) return { delivery: 'unknown', gaps: [] }
    const { entries, next } = stream
    const content = withoutFrom(message)
    const kind = kindOf(message)
    const same = (entry: Entry) => areEqual(withoutFrom(entry.message), content)
    const exact = entries.findIndex((entry, index) => index >= next && same(entry))
    if (exact === -1) {
      const earlier = entries.slice(0, next).filter(same)
      const late = earlier.find(({ delivered }) => !delivered)
      if (late) late.delivered = true
      if (earlier.length > 0) return { delivery: late ? 'late' : 'again', gaps: [] }
    }
    // A message that was changed on its way is judged elsewhere: it still takes its place.
    const place =
      exact === -1 ? entries.findIndex((entry, index) => index >= next && entry.kind === kind) : exact
    const entry = entries[place]
    if (!entry) {
      stream.uncertain = true
      return { delivery: 'unknown', gaps: [] }
    }
    const skipped = entries.slice(next, place)
    for (const each of skipped) each.passedOver = true
    entry.delivered = true
    stream.next = place + 1
    const missing = stream.uncertain ? [] : skipped.filter((each) => each.accepted && !each.exempt)
    return { delivery: 'next', gaps: missing.map((each) => () => !each.delivered) }
  }

  /**
   * A client has got `ok`.
   *
   * @returns Where a later message has been delivered instead: whether this one is still missing.
   */
  accepted(sender: string, id: string): (() => boolean) | undefined {
    const entry = this.#byId.get(`${sender}\n${id}`)
    if (entry === undefined || entry === 'ambiguous') return undefined
    entry.accepted = true
    return entry.passedOver && !entry.delivered && !entry.exempt ? () => !entry.delivered : undefined
  }

  /** A client has been told that it is a member: what was sent to it before may have met the end of an earlier membership. */
  joined(receiver: string, room: string): void {
    for (const { entries } of this.#streams.get(seatKey(receiver, room))?.values() ?? []) {
      for (const entry of entries) entry.exempt = true
    }
  }
}

function seatKey(receiver: string, room: string): string {
  return `${receiver}\n${room}`
}

function kindOf(message: Wire): string {
  return `${String(message['type'])} ${String(message['call'])}`
}

function withoutFrom(message: Wire): Wire {
  return { ...message, from: undefined }
}

/** Whether two messages are equal; no, where one is nested too deep to be compared. */
function areEqual(one: unknown, other: unknown): boolean {
  try {
    return isDeepStrictEqual(one, other)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

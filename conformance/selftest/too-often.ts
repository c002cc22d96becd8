import type { Frame, Passage, Rule } from './middleman.ts'

/** What a server refuses for coming too often: [delivery.rate-single]. */
const limited: ReadonlySet<unknown> = new Set(['join', 'auth'])

/** Milliseconds after which a refused message may come again. */
const retryAfterMs = 20

/** Decides whether one more message of a type may come on a connection. */
export type TakesMore = (passage: Passage, type: string) => boolean

/** The first of each type is refused on each connection. */
export function notAtFirst(passage: Passage, type: string): boolean {
  const seen = passage.notes.has(type)
  passage.notes.set(type, true)
  return seen
}

/** Every second one of each type is refused on each connection, the first of them taken. */
export function everyOther(passage: Passage, type: string): boolean {
  const taken = passage.notes.get(type) !== true
  passage.notes.set(type, taken)
  return taken
}

/** Three of each type at once on a connection, and one more with every 20 ms. */
export function threeAtOnce(passage: Passage, type: string): boolean {
  const now = performance.now()
  const { tokens, at } = (passage.notes.get(type) as Bucket | undefined) ?? { tokens: 3, at: now }
  const left = Math.min(3, tokens + (now - at) / retryAfterMs) - 1
  passage.notes.set(type, { tokens: left < 0 ? left + 1 : left, at: now } satisfies Bucket)
  return left >= 0
}

interface Bucket {
  readonly tokens: number
  readonly at: number
}

/**
 * A rule that refuses single `join` and `auth` messages as [delivery.rate-single] allows. Not those that have a number: what the server never sees
 * it misses ([seq.taken]).
 */
export function tooOften(takesMore: TakesMore): Rule {
  return (frame, passage) => {
    const { type, id, room } = frame
    if (!limited.has(type) || 'seq' in frame || takesMore(passage, String(type))) return true
    passage.toClient({
      type: 'error',
      ...printable('ref', id, 64),
      code: 'rate-limited',
      message: `Cannot take the ${String(type)}: too many have come`,
      fatal: false,
      of: type,
      ...printable('room', room, 128),
      retryAfterMs,
    })
    return false
  }
}

function printable(member: string, value: unknown, most: number): Frame {
  return typeof value === 'string' && /^[ -~]+$/.test(value) && value.length <= most
    ? { [member]: value }
    : {}
}

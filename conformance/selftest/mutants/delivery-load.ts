import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { counted, isRelayed, refusal } from '../rule.ts'

/** Faults of delivery under load. */
export const deliveryLoadMutants: Mutants = [
  tampered(
    'drops messages for a slow reader',
    'delivery.slow-receiver',
    () => ({
      toServer: heard,
      toClient: (frame, passage, text) => !(isRelayed(frame) && isBehind(passage, text)),
    }),
    { consequences: { 'delivery.no-gap': 'accepted messages are missing' } },
  ),
  ...[256, 512].map((places) =>
    tampered(
      `drops messages once ${String(places)} are queued`,
      'delivery.slow-receiver',
      () => queueing(places),
      { consequences: { 'delivery.no-gap': 'accepted messages are missing' } },
    ),
  ),
  tampered('lets everybody wait for a slow reader', 'delivery.slow-alone', () => holdsUp(() => true)),
  tampered('lets a room wait for a slow reader in it', 'delivery.slow-alone', () =>
    holdsUp((frame, slow) => isRelayed(frame) && frame['room'] === slow['room']),
  ),
  tampered(
    'tells nobody that a slow reader was ended',
    'delivery.slow-receiver',
    () => {
      const ended = new Set<unknown>()
      return {
        toServer: heard,
        toClient: (frame, passage, text) => {
          if (ended.has(passage.peer) || (frame['type'] === 'peer-left' && ended.has(frame['peer'])))
            return false
          if (!isRelayed(frame) || !isBehind(passage, text)) return true
          ended.add(passage.peer)
          passage.toClient({ type: 'error', code: 'too-slow', message: 'Too slow', fatal: true })
          passage.end(4443)
          return false
        },
      }
    },
    { says: /^Expected peer-left about A at B, but nothing of the kind came/ },
  ),

  tampered(
    'refuses single messages above its rate',
    'delivery.rate',
    () => ({
      toServer: (frame, passage) => {
        const count = isRelayed(frame) ? counted(passage, 'relayed') : 0
        if (count <= 150 || count % 3 > 0) return true
        passage.toClient(refusal(frame, 'rate-limited', { retryAfterMs: 100 }))
        return false
      },
    }),
    {
      server: { ratePerSecond: 0 },
      consequences: {
        'delivery.rate-single': 'it is no fatal error',
        'delivery.slow-receiver': 'what is refused in between is missing there',
        'limits.honoured': 'no rate is announced',
      },
    },
  ),
  tampered(
    'drops messages above its rate',
    'delivery.rate',
    () => ({
      toServer: (frame, passage) => {
        if (!isRelayed(frame) || counted(passage, 'relayed') !== 200) return true
        passage.toClient({ type: 'ok', ref: frame['id'] })
        return false
      },
    }),
    { server: { ratePerSecond: 0 }, consequences: { 'delivery.no-gap': 'an accepted message is missing' } },
  ),
  tampered(
    'refuses a message above its rate with a single error',
    'delivery.rate-single',
    () => ({
      toServer: (frame, passage) => {
        if (frame['type'] !== 'candidate' || counted(passage, 'candidates') < 300) return true
        passage.toClient(refusal(frame, 'rate-limited', { retryAfterMs: 100 }))
        return false
      },
    }),
    {
      server: { ratePerSecond: 0 },
      consequences: {
        'delivery.rate': 'every message from there on is refused, and the connection goes on',
        'limits.honoured': 'no rate is announced',
      },
    },
  ),
  tampered('does not say when to join again', 'delivery.rate-single', () => ({
    toServer: (frame, passage) => {
      if (frame['type'] !== 'join' || counted(passage, 'joins') < 30) return true
      passage.toClient(refusal(frame, 'rate-limited'))
      return false
    },
  })),
  tampered(
    'ends connections below the announced burst',
    'delivery.burst',
    () => ({
      toServer: (_frame, passage) => {
        if (counted(passage, 'frames') <= 105) return true
        endForRate(passage)
        return false
      },
    }),
    { server: { rateBurst: 120, ratePerSecond: 100 } },
  ),
  tampered(
    'never fills the bucket again',
    'delivery.burst',
    () => ({
      toServer: (_frame, passage) => {
        if (counted(passage, 'frames') <= 120) return true
        endForRate(passage)
        return false
      },
    }),
    {
      server: { rateBurst: 120, ratePerSecond: 100 },
      says: /messages more, for which \d+ ms have passed/,
    },
  ),
  tampered('fills the bucket at half of the announced rate', 'delivery.burst', () => bucket(50, () => 1), {
    server: { rateBurst: 120, ratePerSecond: 100 },
    says: /messages more, for which \d+ ms have passed/,
  }),
  tampered(
    'counts a message that it refuses as ten',
    'delivery.burst',
    () => bucket(100, ({ type }) => (type === 'leave' ? 10 : 1)),
    { server: { rateBurst: 120, ratePerSecond: 100 } },
  ),
  tampered(
    'counts a message of 10,000 characters and more as ten',
    'delivery.burst',
    () => bucket(100, (frame) => (JSON.stringify(frame).length < 10_000 ? 1 : 10)),
    { server: { rateBurst: 120, ratePerSecond: 100 } },
  ),
  tampered(
    'counts a message that is not well-formed as ten',
    'delivery.burst',
    () => bucket(100, ({ type, room }) => (type === 'leave' && room === undefined ? 10 : 1)),
    { server: { rateBurst: 120, ratePerSecond: 100 } },
  ),
  tampered(
    'closes a connection beyond its rate without a word',
    'errors.fatal-first',
    () =>
      bucket(
        100,
        () => 1,
        (passage) => {
          passage.end(4429)
        },
      ),
    { server: { rateBurst: 120, ratePerSecond: 100 } },
  ),
]

/** Ends a connection for its rate by a bucket of its own, of 120 messages. */
function bucket(
  perSecond: number,
  costOf: (frame: Frame) => number,
  end: (passage: Passage) => void = endForRate,
): MiddlemanRules {
  return {
    toServer: (frame, passage) => {
      const now = performance.now()
      const { left, at } = (passage.notes.get('bucket') ?? { left: 120, at: now }) as {
        left: number
        at: number
      }
      const next = Math.min(120, left + ((now - at) / 1000) * perSecond) - costOf(frame)
      passage.notes.set('bucket', { left: next, at: now })
      if (next >= 0) return true
      end(passage)
      return false
    },
  }
}

/** Bytes that a client may be behind before it counts as slow. */
const mostUnread = 2_500_000

/** A client that says something has read what came before. */
function heard(_frame: Frame, passage: Passage): true {
  passage.notes.set('unread', 0)
  return true
}

/** Whether more is on its way to a client than it may be behind. */
function isBehind(passage: Passage, text: string): boolean {
  const unread = ((passage.notes.get('unread') as number | undefined) ?? 0) + text.length
  passage.notes.set('unread', unread)
  return unread > mostUnread
}

/** Drops what finds no place in the queue of a client. */
function queueing(places: number): MiddlemanRules {
  return {
    toServer: (frame, passage) => {
      passage.notes.delete('queued')
      return heard(frame, passage)
    },
    // What is sent before is taken by the system's buffers.
    toClient: (frame, passage, text) =>
      !isRelayed(frame) || !isBehind(passage, text) || counted(passage, 'queued') <= places,
  }
}

/** Holds frames for others back while a client that is behind does not read. */
function holdsUp(isHeld: (frame: Frame, slow: Frame) => boolean): MiddlemanRules {
  let slow: { readonly frame: Frame; readonly hasRead: Promise<void> } | undefined
  return {
    toServer: heard,
    toClient: async (frame, passage, text) => {
      if (slow && isHeld(frame, slow.frame)) await slow.hasRead
      if (!isRelayed(frame) || !isBehind(passage, text)) return true
      const hasRead = passage.hasRead().then(() => {
        passage.notes.set('unread', 0)
        slow = undefined
      })
      slow ??= { frame, hasRead }
      return true
    },
  }
}

function endForRate(passage: Passage): void {
  if (passage.notes.has('limited')) return
  passage.notes.set('limited', true)
  passage.toClient({ type: 'error', code: 'rate-limited', message: 'Too many messages', fatal: true })
  setTimeout(() => {
    passage.end(4429)
  }, 5)
}

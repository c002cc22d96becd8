import { checkClientMessage } from '@parley/schemas'
import type { Frame, Passage, Rule } from './middleman.ts'

/** Changes frames of one type; the others pass. */
export function changed(
  type: string,
  change: (frame: Frame, passage: Passage) => Frame | false | true,
): Rule {
  return (frame, passage) => (frame['type'] === type ? change(frame, passage) : true)
}

/** Changes frames of the kit of one type, as long as they are valid: the server's own validation stays as it is. */
export function valid(type: string, change: (frame: Frame, passage: Passage) => Frame | false | true): Rule {
  return changed(type, (frame, passage) => !isValid(frame) || change(frame, passage))
}

/** Whether a frame of the kit is a valid message. */
export function isValid(frame: Frame): boolean {
  return checkClientMessage(frame).ok
}

/** A member as text; empty where it is no string. */
export function textOf(frame: Frame, name: string): string {
  const value = frame[name]
  return typeof value === 'string' ? value : ''
}

/** A copy of a frame without some members. */
export function without(frame: Frame, ...names: string[]): Frame {
  return Object.fromEntries(Object.entries(frame).filter(([name]) => !names.includes(name)))
}

/** The error that a server would send about a frame. */
export function refusal(frame: Frame, code: string, more: Frame = {}): Frame {
  const { id, type, to, call, room } = frame
  const context = Object.fromEntries(
    Object.entries({ ref: id, of: type, to, call, room }).filter(([, value]) => typeof value === 'string'),
  )
  return { type: 'error', code, message: `Refused: ${code}`, fatal: false, ...context, ...more }
}

/** Counts, for each passage, how often something has happened there. */
export function counted(passage: Passage, what: string): number {
  const count = ((passage.notes.get(what) as number | undefined) ?? 0) + 1
  passage.notes.set(what, count)
  return count
}

/** How long a frame is held back when nothing follows it, in milliseconds. */
const holdMs = 15

interface Held {
  readonly frame: Frame
  readonly text: string
  readonly timer: NodeJS.Timeout
}

/**
 * A rule for frames to the client that holds a frame back until the next one comes, or a moment is over.
 *
 * @param hold - Which frames to hold.
 * @param decide - What becomes of a held frame and the next: `swap` them, `drop` the held one, `join` them to one frame, or `keep` the order.
 */
export function holding(
  hold: (frame: Frame, passage: Passage) => boolean,
  decide: (held: Frame, next: Frame, passage: Passage) => 'swap' | 'drop' | 'join' | 'keep',
): Rule {
  return (frame, passage, text) => {
    const held = passage.notes.get('held') as Held | undefined
    if (held) {
      clearTimeout(held.timer)
      passage.notes.delete('held')
      const what = decide(held.frame, frame, passage)
      if (what === 'swap') return [text, held.text]
      if (what === 'drop') return [text]
      if (what === 'join') return `${held.text}\n${text}`
      passage.toClient(held.text)
    }
    if (!hold(frame, passage)) return true
    const timer = setTimeout(() => {
      passage.notes.delete('held')
      passage.toClient(text)
    }, holdMs)
    passage.notes.set('held', { frame, text, timer } satisfies Held)
    return false
  }
}

const relayedTypes: ReadonlySet<unknown> = new Set(['offer', 'answer', 'candidate', 'hangup'])

/** Whether a frame is relayed from client to client. */
export function isRelayed(frame: Frame): boolean {
  return relayedTypes.has(frame['type'])
}

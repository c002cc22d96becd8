import type { Frame, Passage } from './middleman.ts'
import { counted, isRelayed, textOf } from './rule.ts'

/** Says of a frame on its way to the kit whether a fault strikes it. */
export type Selection = (frame: Frame, passage: Passage, text: string) => boolean

/** A fault's selection, made anew for each start, so that it can count. */
export type Selecting = () => Selection

/**
 * One frame in so many, drawn at random, the same in each run for one seed.
 *
 * @param n - How many frames there are for one that is struck.
 */
export function oneIn(n: number, seed: number): Selecting {
  return () => (_frame, passage) => {
    // Numerical Recipes' linear congruential generator, for each connection its own.
    const state = (passage.notes.get(`seed ${String(seed)}`) as number | undefined) ?? seed + passage.number
    const next = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    passage.notes.set(`seed ${String(seed)}`, next)
    return (next >>> 8) % n === 0
  }
}

/** Frames after so many of their connection. */
export function after(count: number): Selecting {
  return () => (_frame, passage) => counted(passage, `after ${String(count)}`) > count
}

/** Relayed frames of one type. */
export function ofType(type: string): Selecting {
  return () => (frame) => frame['type'] === type
}

/** The end of candidates. */
export const endsOfCandidates: Selecting = () => (frame) =>
  frame['type'] === 'candidate' && textOf((frame['candidate'] ?? {}) as Frame, 'candidate') === ''

/** Frames of a length, in characters. */
export function ofLength(from: number, to = Infinity): Selecting {
  return () => (_frame, _passage, text) => text.length >= from && text.length < to
}

/** Frames that hold more than ASCII, as they are written. */
export const beyondAscii: Selecting = () => (_frame, _passage, text) => /[^\0-\u007f]/.test(text)

/** Frames of a room that a connection has joined while it was in another one. */
export const ofSecondRooms: Selecting = () => {
  const seen = roomsSeen()
  return (frame, passage) => seen(frame, passage).indexOf(textOf(frame, 'room')) > 0
}

/** Frames to a connection that was at least the so-many-th to come into the room, of those that are there. */
export function toMember(nth: number): Selecting {
  return () => (frame, passage) => {
    const key = `place in ${textOf(frame, 'room')}`
    if (frame['type'] === 'joined' && !passage.notes.has(key) && Array.isArray(frame['members']))
      passage.notes.set(key, frame['members'].length + 1)
    return Number(passage.notes.get(key) ?? 0) >= nth
  }
}

/** Frames of a room that a connection has left and joined again. */
export const afterReturn: Selecting = () => (frame, passage) => {
  const key = `left ${textOf(frame, 'room')}`
  if (frame['type'] === 'left') passage.notes.set(key, 'left')
  if (frame['type'] === 'joined' && passage.notes.get(key) === 'left') passage.notes.set(key, 'back')
  return passage.notes.get(key) === 'back' && frame['type'] !== 'joined'
}

/** Frames to a connection of one user. */
export function ofUser(user: string): Selecting {
  return () => (frame, passage) => {
    if (frame['type'] === 'authenticated') passage.notes.set('user', frame['user'])
    return passage.notes.get('user') === user
  }
}

/** Frames for which several selections agree. */
export function all(...selectings: readonly Selecting[]): Selecting {
  return () => {
    const selections = selectings.map((make) => make())
    // Each of them has to see every frame.
    return (...args) => selections.map((selects) => selects(...args)).every(Boolean)
  }
}

/** Of the relayed frames alone those that a selection strikes; it sees the others too. */
export function relayed(selecting: Selecting): Selecting {
  return () => {
    const selects = selecting()
    return (frame, passage, text) => {
      // What counts or draws is to do so for relayed frames alone; what follows rooms sees all.
      if (!isRelayed(frame) && !followed.has(frame['type'])) return false
      return selects(frame, passage, text) && isRelayed(frame)
    }
  }
}

const followed: ReadonlySet<unknown> = new Set(['joined', 'left', 'authenticated'])

function roomsSeen(): (frame: Frame, passage: Passage) => readonly string[] {
  return (frame, passage) => {
    const rooms = (passage.notes.get('rooms seen') as string[] | undefined) ?? []
    passage.notes.set('rooms seen', rooms)
    const room = textOf(frame, 'room')
    if (frame['type'] === 'joined' && !rooms.includes(room)) rooms.push(room)
    if (frame['type'] === 'left' && rooms.includes(room)) rooms.splice(rooms.indexOf(room), 1)
    return rooms
  }
}

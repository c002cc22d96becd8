import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'

/** A room of its own for a part of a list. */
export interface Part {
  readonly room: string
  readonly a: Endpoint
  readonly b: Endpoint
  /** The part of a list that is played here. */
  readonly mine: <T>(items: readonly T[]) => readonly T[]
}

/** Over a slow path a list takes a third of the time; more rooms cost more connections than they save. */
const rooms = 3

/**
 * Plays a list whose every item waits for an answer, in several rooms at the same time.
 *
 * @param play - Makes the whole list, the same for each room, and plays the part of it that is its own.
 * @throws What fails first in the order of the list, as if it had been played in one room.
 */
export async function sideBySide(t: CheckContext, play: (part: Part) => Promise<void>): Promise<void> {
  const pairs = await Promise.all(Array.from({ length: rooms }, () => t.pair()))
  const outcomes = await Promise.allSettled(
    pairs.map((pair, place) => {
      const mine = <T>(items: readonly T[]) =>
        items.slice((items.length * place) / rooms, (items.length * (place + 1)) / rooms)
      return play({ ...pair, mine })
    }),
  )
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

import type { CheckContext } from '../../engine/context.ts'
import { Turns } from '../../engine/turns.ts'
import type { Target } from '../../target/target.ts'

/** For each run whose turn it is to ring the devices of a user. */
const turns = new WeakMap<Target, Turns>()

/**
 * Plays what rings a user when nothing else in the run does: whoever is connected as that user rings, whichever check it belongs to. The devices
 * have to be gone at the end.
 */
export function inTurn<T>({ target }: CheckContext, play: () => Promise<T>): Promise<T> {
  const mine = turns.get(target) ?? new Turns(1)
  turns.set(target, mine)
  return mine.do(play)
}

import type { CheckContext } from '../../engine/context.ts'
import { Turns } from '../../transport/turns.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Target } from '../../target/target.ts'
import { Company } from '../scene/company.ts'

/** For each run whose turn it is to ring the devices of a user. */
const turns = new WeakMap<Target, Turns>()

/** How long the end of a device is waited for, in milliseconds, beside some round trips. */
const endMs = 2000

/** What a scene gets that has the devices of the second user to itself. */
export interface Turn {
  /** Connects a device of the second user. */
  readonly device: () => Promise<Endpoint>
  /** What the scene was thrown, or that it says nothing: see {@link Company}. */
  readonly excuse: (error: unknown) => Promise<unknown>
}

/**
 * Plays what connects devices of the second user, or rings that user, when nothing else in the run does: whoever is connected as that user
 * rings, whichever check it belongs to.
 *
 * @param play - All devices that it connects are gone when the next turn begins.
 */
export function inTurn<T>(t: CheckContext, play: (turn: Turn) => Promise<T>): Promise<T> {
  const mine = turns.get(t.target) ?? new Turns(1)
  turns.set(t.target, mine)
  let begin: () => void = () => undefined
  void t.aside(new Promise<void>((resolve) => (begin = resolve)))
  return mine.do(async () => {
    begin()
    const company = await Company.begin(t)
    const passing: Endpoint[] = company.sign ? [company.sign] : []
    try {
      return await play({
        device: async () => {
          const device = await t.client({ user: 1 })
          passing.push(device)
          return device
        },
        excuse: (error) => company.excuse(error),
      })
    } catch (error) {
      throw await company.excuse(error)
    } finally {
      for (const endpoint of passing) endpoint.close()
      const patienceMs = endMs + 4 * t.target.roundTripMs
      await Promise.allSettled(passing.map((endpoint) => endpoint.endsWithin(patienceMs)))
    }
  })
}

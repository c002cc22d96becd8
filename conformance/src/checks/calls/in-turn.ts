import type { CheckContext } from '../../engine/context.ts'
import { Turns } from '../../engine/turns.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Target } from '../../target/target.ts'

/** For each run whose turn it is to ring the devices of a user. */
const turns = new WeakMap<Target, Turns>()

/** How long the end of a device is waited for, in milliseconds, beside some round trips. */
const endMs = 2000

/**
 * Plays what connects devices of the second user, or rings that user, when nothing else in the run does: whoever is connected as that user
 * rings, whichever check it belongs to.
 *
 * @param play - Gets what connects a device. All of them are gone when the next turn begins.
 */
export function inTurn<T>(
  t: CheckContext,
  play: (device: () => Promise<Endpoint>) => Promise<T>,
): Promise<T> {
  const mine = turns.get(t.target) ?? new Turns(1)
  turns.set(t.target, mine)
  return mine.do(async () => {
    const devices: Endpoint[] = []
    try {
      return await play(async () => {
        const device = await t.client({ user: 1 })
        devices.push(device)
        return device
      })
    } finally {
      for (const device of devices) device.close()
      const patienceMs = endMs + 4 * t.target.roundTripMs
      await Promise.allSettled(devices.map((device) => device.endsWithin(patienceMs)))
    }
  })
}

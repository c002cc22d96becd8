import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Turn } from './in-turn.ts'
import { ring } from './stage.ts'

/** Where the second user is rung, and by whom. */
interface Place {
  readonly room: string
  readonly caller: Endpoint
  readonly user: string
}

/** Whether a call to the user ends when the only device of the kit, which rings, is out. */
async function endsWithout(
  t: CheckContext,
  { caller, user }: Place,
  only: Endpoint,
  leave: (call: string) => void,
): Promise<boolean> {
  const call = await ring(t, caller, [only], { callee: { user } })
  leave(call)
  const ends = await caller.comes(
    ({ message: { type, call: of } }) => of === call && (type === 'reject' || type === 'call-ended'),
  )
  if (!ends) caller.send({ type: 'cancel', call, reason: 'normal' })
  return ends
}

/**
 * Ends the check where the second user has a device that is not the kit's: it rings with those of the kit, and leaves every call unanswered. It
 * is seen by calls that go on when the only device of the kit is busy, and when it is gone. Where they go on for the one reason alone, that is the
 * server's fault, and nobody else's device.
 *
 * @param only - The only device of the user that the kit has connected; a member of the room.
 * @returns The same, or the one that has taken its place.
 */
export async function unlessForeignDevice(
  t: CheckContext,
  { excuse, device }: Turn,
  place: Place,
  only: Endpoint,
): Promise<Endpoint> {
  if (
    await endsWithout(t, place, only, (call) => {
      only.send({ type: 'reject', call, reason: 'busy' })
    })
  )
    return only
  const goes = await endsWithout(t, place, only, () => {
    only.send({ type: 'bye' })
  })
  if (goes) {
    const next = await device()
    await t.join(place.room, next)
    return next
  }
  const told = await excuse(new CheckFailure('the end of a call whose only device is gone', 'it rings on'))
  if (!(told instanceof CheckFailure)) throw told
  return t.couldNotRun(
    'The second user has a device that is not of this run: give a token that nobody else uses (if nobody does, the server goes on ringing devices that have gone)',
  )
}

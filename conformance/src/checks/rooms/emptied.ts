import { setTimeout as sleep } from 'node:timers/promises'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { enter, expectMembers, leaveRoom } from '../scene/membership.ts'

/** How long a server may take to tidy up a room that was empty, in milliseconds. */
const tidiedMs = 1000

/** A room that was empty for a moment only is not tidied away with who has joined it since. */
async function emptyForAMoment(t: CheckContext): Promise<void> {
  const [a, b, c] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  const [same, other] = [t.room(), t.room()]
  for (const room of [same, other]) {
    await enter(t, a, room)
    await leaveRoom(a, room)
    await enter(t, room === same ? a : b, room)
  }
  await sleep(tidiedMs)
  const what = 'joined of a room that was empty for a moment, a second ago,'
  expectMembers(await enter(t, c, same), [a], what)
  await leaveRoom(c, same)
  expectMembers(await enter(t, c, other), [b], what)
}

/** Checks of a room that is empty for a moment. */
export const emptiedRoomChecks: readonly Check[] = [
  check('rooms.members', 'a room that was empty for a moment', emptyForAMoment, {
    name: 'emptied',
    waits: true,
  }),
]

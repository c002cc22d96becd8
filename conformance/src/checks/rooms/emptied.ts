import { setTimeout as sleep } from 'node:timers/promises'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { expecting } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { enter, expectMembers, leaveRoom, needsRooms } from '../scene/membership.ts'

/** How long a server may take to tidy up a room that was empty, in milliseconds; some take a minute. */
const tidiedMs = { ordinary: 1000, besideCalls: 2500, exhaustive: 65_000 } as const

/** How long there is time to wait for that: a run that looks at calls, too, takes longer than this in any case. */
function patienceMs(t: CheckContext): number {
  if (t.exhaustive) return tidiedMs.exhaustive
  const beside = t.target.offered.names.has('calls') ? tidiedMs.besideCalls : tidiedMs.ordinary
  return Math.min(beside, t.dueMs / 2)
}

/** A room that was empty for a moment only is not tidied away with who has joined it since. */
async function emptyForAMoment(t: CheckContext): Promise<void> {
  const [a, b, c] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  const [same, other] = [t.room(), t.room()]
  // Each is in one room at a time, as no more may be allowed.
  for (const [room, first, next] of [
    [same, a, a],
    [other, c, b],
  ] as const) {
    await enter(t, first, room)
    await leaveRoom(first, room)
    await enter(t, next, room)
  }
  const waitedMs = patienceMs(t)
  await sleep(waitedMs)
  const what = `joined of a room that was empty for a moment, ${(waitedMs / 1000).toFixed(1)} s ago,`
  expectMembers(await enter(t, c, same), [a], what)
  await leaveRoom(c, same)
  expectMembers(await enter(t, c, other), [b], what)
}

/** A room that becomes empty takes no other along whose name begins with its own. */
async function emptyBesideAnother(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  const name = t.room()
  const longer = `${name}/1`
  await t.join(longer, a, b)
  await enter(t, a, name)
  await leaveRoom(a, name)
  const goesOn = 'a room to go on after another one has become empty, with whose name its own begins'
  await expecting(goesOn, t.barrier(a, b, longer))
  await expecting(goesOn, t.barrier(b, a, longer))
}

/** Checks of a room that is empty for a moment. */
export const emptiedRoomChecks: readonly Check[] = [
  check('rooms.members', 'a room that was empty for a moment', emptyForAMoment, {
    name: 'emptied',
    waits: true,
  }),
  check('rooms.several', 'a room becomes empty beside one of a longer name', emptyBesideAnother, {
    name: 'emptied',
  }),
]

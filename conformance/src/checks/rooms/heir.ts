import type { Endpoint } from '../../endpoint/endpoint.ts'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import {
  dataNumber,
  enter,
  expectData,
  leaveRoom,
  seesData,
  seesJoin,
  seesLeave,
} from '../scene/membership.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectAccepted } from '../scene/refusal.ts'

/** A client that has taken over from a member of a room and is a member of it again, before anybody else is. */
async function heirInRoom(
  t: CheckContext,
): Promise<{ readonly room: string; readonly heir: Endpoint; readonly other: Endpoint }> {
  const { room, a, b } = await t.pair()
  await leaveRoom(b, room)
  const heir = await t.client({ hello: { replaces: a.session } })
  await t.join(room, heir)
  return { room, heir, other: b }
}

async function heirHearsOfNewcomers(t: CheckContext): Promise<void> {
  const { room, heir, other } = await heirInRoom(t)
  const data = dataNumber(t, 1)
  await enter(t, other, room, data)
  const { member } = await seesJoin(heir, room, other)
  expectData(member, data, 'peer-joined at a connection that replaced another')
}

async function heirHearsOfUpdates(t: CheckContext): Promise<void> {
  const { room, heir, other } = await heirInRoom(t)
  await enter(t, other, room)
  const since = heir.log.length
  const data = dataNumber(t, 2)
  other.send({ type: 'update', room, data })
  await seesData(heir, room, other, data, since)
}

async function heirHearsOfLeavers(t: CheckContext): Promise<void> {
  const { room, heir, other } = await heirInRoom(t)
  await enter(t, other, room)
  await seesJoin(heir, room, other)
  const since = heir.log.length
  await leaveRoom(other, room)
  await seesLeave(heir, room, other, since)
}

async function heirSendsAndReceives(t: CheckContext): Promise<void> {
  const { room, heir, other } = await heirInRoom(t)
  await enter(t, other, room)
  for (const [from, to, what] of [
    [heir, other, 'a hangup from a connection that replaced another'],
    [other, heir, 'a hangup to a connection that replaced another'],
  ] as const) {
    const place = { room, to: to.peer, call: t.callId() }
    await expectAccepted(from.post(hangupTo(place)), 'ok', what)
    const arrived = await to.expect('hangup', ({ call }) => call === place.call, what)
    if (arrived.from !== from.peer)
      throw new CheckFailure(`${what} with from ${from.peer}`, `from is ${arrived.from}`)
  }
}

/** Checks that a connection which replaced another is a member like any other: what was its predecessor's is no part of it. */
export const heirChecks: readonly Check[] = [
  check('rooms.peer-joined', 'newcomers, told to one that has taken over', heirHearsOfNewcomers, {
    name: 'heir',
  }),
  check('rooms.update', 'an update, told to one that has taken over', heirHearsOfUpdates, { name: 'heir' }),
  check('rooms.leave', 'a leaver, told to one that has taken over', heirHearsOfLeavers, { name: 'heir' }),
  check('relay.delivered', 'to and from one that has taken over', heirSendsAndReceives, { name: 'heir' }),
]

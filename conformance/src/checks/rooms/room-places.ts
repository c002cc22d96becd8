import type { Member } from '@parley/schemas'
import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { stringOf } from '../../endpoint/wire.ts'
import { departures, type Departure } from '../scene/departure.ts'
import { fullRoom, placesOf } from '../scene/full-room.ts'
import { grantedRoom, sharedRoom } from '../scene/granted-room.ts'
import {
  announcedLimit,
  dataNumber,
  enter,
  expectData,
  expectMembers,
  leaveRoom,
  messagesOf,
  needsRooms,
  seesData,
  seesJoin,
  seesLeave,
  tryEnter,
} from '../scene/membership.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { answersAlike } from '../scene/same-answer.ts'
import { authenticateAgain } from '../scene/token.ts'

async function fullRoomRefuses(t: CheckContext): Promise<void> {
  const { places, refused, intrusion, entered, announced, returned } = await fullRoom(t)
  if (refused.code !== 'room-full')
    throw unexpected(refused, `room-full for a join of a room with ${String(places)} members`)
  // Who was refused is not there: it cannot send, and nobody has heard of it.
  if (intrusion.code !== 'not-in-room')
    throw unexpected(intrusion, 'not-in-room for a hangup of a peer that was refused')
  if (entered.type !== 'joined') throw unexpected(entered, 'joined in the place of a member that has left')
  if (returned.type !== 'joined')
    throw unexpected(returned, 'joined for a member that leaves a full room and joins it again in one go')
  if (announced > 1) {
    throw new CheckFailure('no peer-joined for a refused join', `a member got ${String(announced)} in all`)
  }
}

/** Ways in which the members of a full room go, one after another. */
const goings: readonly (Pick<Departure, 'way' | 'go'> & { readonly isElsewhere?: boolean })[] = [
  departures.replaced,
  departures.bye,
  departures.cut,
  departures.leave,
  {
    go: departures.cut.go,
    way: 'a cut connection, and was in another room before this one',
    isElsewhere: true,
  },
]

/** A place is free again whichever way a member has gone: one place, once. */
async function placesComeBack(t: CheckContext): Promise<void> {
  const places = placesOf(t, goings.length + 1)
  const [room, elsewhere] = [t.room(), t.room()]
  const severalRooms = (announcedLimit(t, 'roomsPerPeer') ?? 2) > 1
  const ways = goings.filter(({ isElsewhere = false }) => severalRooms || !isElsewhere)
  const [another, witness, ...others] = (await t.clients(places + 1)) as [Endpoint, Endpoint, ...Endpoint[]]
  // With few places the others have gone: then those who came in their places go in the remaining ways.
  const arrive = async (member: Endpoint, number: number) => {
    if (ways[number]?.isElsewhere) await enter(t, member, elsewhere)
    return await tryEnter(t, member, room)
  }
  await enter(t, witness, room)
  const expectFull = async (what: string) => {
    const refused = await tryEnter(t, another, room)
    if (refused.code !== 'room-full') throw unexpected(refused, `room-full for ${what}`)
  }
  for (const outcome of await Promise.all(others.map(arrive)))
    if (outcome.type !== 'joined') throw unexpected(outcome, `joined for each of ${String(places)} members`)
  for (const [number, { way, go }] of ways.entries()) {
    const member = others[number]
    if (!member) break
    const gone = async () => {
      await go(t, member, room)
      await seesLeave(witness, room, member)
    }
    const [next] = await Promise.all([t.client(), gone()])
    const outcome = await arrive(next, others.length)
    if (outcome.type !== 'joined')
      throw unexpected(outcome, `joined in the place of a member that has gone by ${way}`)
    others.push(next)
    await expectFull('one more')
    if (go !== departures.leave.go) continue
    // Whoever has left has no place to give back.
    member.send({ type: 'bye' })
    await presupposing('connection.bye', member.expectEnd('the end of the connection after bye'))
    await expectFull('one more, after bye by a peer that had left the room')
  }
}

async function lastPlaceIsOne(t: CheckContext): Promise<void> {
  const rivals = 4
  const places = placesOf(t, rivals)
  const clients = await t.clients(places - 1 + rivals)
  const [settled, rival] = [clients.slice(rivals), clients.slice(0, rivals)]
  const room = t.room()
  await Promise.all(settled.map((member) => enter(t, member, room)))
  for (let round = 0; round < 3; round += 1) {
    const outcomes = await Promise.all(rival.map((member) => tryEnter(t, member, room)))
    const admitted = rival.filter((_, index) => outcomes[index]?.type === 'joined')
    const other = outcomes.find(({ type, code }) => type !== 'joined' && code !== 'room-full')
    if (other) throw unexpected(other, 'joined or room-full for a join for the last place')
    if (admitted.length !== 1) {
      throw new CheckFailure(
        `one of ${String(rivals)} peers admitted to the last of ${String(places)} places`,
        `${String(admitted.length)} were`,
      )
    }
    await Promise.all(admitted.map((member) => leaveRoom(member, room)))
  }
}

/** Two peers in two rooms: what happens in one changes nothing in the other. */
async function roomsAreApart(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const [one, two] = [t.room(), t.room()]
  const [a, b, c] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  await enter(t, a, one, dataNumber(t, 1))
  await enter(t, a, two, dataNumber(t, 2))
  const inOne = await enter(t, b, one)
  const inTwo = await enter(t, b, two)
  expectMembers(inOne, [a], 'joined of the first room')
  expectMembers(inTwo, [a], 'joined of the second room')
  expectData(inOne.members[0], dataNumber(t, 1), 'members of the first room')
  expectData(inTwo.members[0], dataNumber(t, 2), 'members of the second room')
  a.send({ type: 'update', room: two, data: dataNumber(t, 3) })
  await seesData(b, two, a, dataNumber(t, 3))
  await seesJoin(a, one, b)
  await leaveRoom(b, one)
  await seesLeave(a, one, b)
  // The second room is as it was: both hear each other, with the room's name on it.
  const goesOn = 'messages of the second room delivered after the first one is left'
  await expecting(goesOn, t.barrier(b, a, two))
  await expecting(goesOn, t.barrier(a, b, two))
  const leaked = b.all(
    'peer-updated',
    (m) => m.room === one && isDeepStrictEqual(m.member.data, dataNumber(t, 3)),
  )
  if (leaked.length > 0)
    throw new CheckFailure('an update of one room', 'the other room was told of its data')
  if (messagesOf(a, two).some((m) => m['type'] === 'peer-left')) {
    throw new CheckFailure('peer-left of the room that was left only', `${a.name} got one of another room`)
  }
  const only = placesForThird(t) ? await enter(t, c, one) : undefined
  if (only) {
    expectMembers(only, [a], 'joined of the room that one of two has left')
    expectData(only.members[0], dataNumber(t, 1), 'members of the room whose data was not updated')
  }
  const { id } = b.post(hangupTo({ room: one, to: a.peer, call: t.callId() }))
  await expectRefusal(b, id, ['not-in-room'], 'a hangup in the room that was left')
}

function placesForThird(t: CheckContext): boolean {
  return (announcedLimit(t, 'membersPerRoom') ?? 3) >= 3
}

/** A second join of one room, and its end, say nothing of the other. */
async function rejoinOfOneRoom(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const [one, two] = [t.room(), t.room()]
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  for (const room of [one, two]) await enter(t, a, room, dataNumber(t, 1))
  for (const room of [one, two]) await enter(t, b, room)
  await enter(t, a, one, dataNumber(t, 2))
  await seesData(b, one, a, dataNumber(t, 2))
  const shown = (await enter(t, b, two)).members.find(({ peer }) => peer === a.peer)
  expectData(shown, dataNumber(t, 1), 'members of the room that was not joined again')
  await leaveRoom(a, one)
  await enter(t, a, one)
  await expecting(
    'messages of the second room delivered after the first one is joined again',
    t.barrier(a, b, two),
  )
}

async function emptyRoomForgets(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, a, room, dataNumber(t, 1))
  await leaveRoom(a, room)
  const reply = await enter(t, b, room)
  expectMembers(reply, [], 'joined of a room whose last member has left')
  expectData(reply.self, undefined, 'self of a newcomer without data')
  await leaveRoom(b, room)
  const back = await enter(t, a, room)
  expectMembers(back, [], 'joined of a room whose last member has left')
  expectData(back.self, undefined, 'self of a peer that comes back without data')
}

/** The last member goes with its connection; whoever comes next may at most be told of that. */
async function emptyAfter(t: CheckContext, { way, go }: Departure): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, a, room, dataNumber(t, 1))
  await go(t, a, room)
  await a.gone(t.dueMs)
  const reply = await enter(t, b, room)
  // Where it is told of none, the second join shows whether the room has been left behind.
  for (const { peer } of reply.members)
    await seesLeave(b, room, peer).catch((error: unknown) => {
      if (!(error instanceof CheckFailure)) throw error
    })
  expectMembers(await enter(t, b, room), [], `joined of a room whose last member has gone by ${way}`)
}

/** A join that was refused is no membership to be left. */
async function refusedCannotLeave(t: CheckContext): Promise<void> {
  const { unjoined } = await fullRoom(t)
  if (unjoined.code !== 'not-in-room')
    throw unexpected(unjoined, 'not-in-room for the leave of a peer whose join was refused with room-full')
}

async function forbiddenTellsNothing(t: CheckContext): Promise<void> {
  const { room, outsider, insider } = grantedRoom(t, 'closed')
  const out = await t.client({ user: outsider })
  const within = await t.client({ user: insider })
  const ask = async (name: string) => {
    const outcome = await tryEnter(t, out, name)
    if (outcome.code !== 'forbidden') throw unexpected(outcome, 'forbidden for a join that no grant allows')
    return outcome.message
  }
  const unused = `${room.slice(0, -1)}${room.endsWith('0') ? '1' : '0'}`
  await enter(t, within, room)
  await answersAlike(
    () => ask(unused),
    () => ask(room),
    'a room that exists and one that does not',
    [unused, room],
  )
  await t.barrier(...(await markerPair(t, within, insider, room)), room)
  if (within.all('peer-joined', ({ member }) => member.peer === out.peer).length > 0) {
    throw new CheckFailure('no peer-joined for a forbidden join', `${within.name} got one`)
  }
  // The control: the same peer joins where it may.
  await enter(t, out, t.room(outsider))
}

async function markerPair(
  t: CheckContext,
  receiver: Endpoint,
  user: number,
  room: string,
): Promise<[Endpoint, Endpoint]> {
  const sender = await t.client({ user })
  await enter(t, sender, room)
  await seesJoin(receiver, room, sender)
  return [sender, receiver]
}

/** Where a member that authenticates again, and joins anew, is shown. */
async function shownAfterRefresh(
  t: CheckContext,
  room: string,
  a: Endpoint,
  b: Endpoint,
  user: number,
): Promise<readonly (readonly [where: string, member: Member | undefined])[]> {
  await authenticateAgain(t, b, user)
  const listed = (await enter(t, a, room)).members.find(({ peer }) => peer === b.peer)
  // Whether it is a member still is for auth.refresh to say.
  if ((await b.request({ type: 'leave', room })).type !== 'left') return []
  const since = a.log.length
  const { self } = await enter(t, b, room)
  const { member } = await seesJoin(a, room, b, since)
  return [
    ['members after a refresh', listed],
    ['self of a join after a refresh', self],
    ['peer-joined of a join after a refresh', member],
  ]
}

/** Where nobody is authenticated nobody has a user; otherwise each has its own. */
async function usersAreTrue(t: CheckContext): Promise<void> {
  const { needsAuth, users } = t.target
  const others = needsAuth && users.length > 1 ? 1 : 0
  const room = sharedRoom(t, 0, others)
  const data = { user: 'somebody else' }
  const a = await t.client()
  const b = await t.client({ user: others })
  await enter(t, a, room)
  const reply = await enter(
    t,
    b,
    room,
    JSON.stringify(data).length <= (announcedLimit(t, 'dataBytes') ?? 64) ? data : undefined,
  )
  const told = await seesJoin(a, room, b)
  b.send({ type: 'update', room, data: 1 })
  const updated = await seesData(a, room, b, 1)
  const again = await enter(t, b, room, dataNumber(t, 2))
  const renewed = await seesData(a, room, b, dataNumber(t, 2))
  const listed = (await enter(t, a, room)).members.find(({ peer }) => peer === b.peer)
  const userOf = (member: Endpoint, index: number) =>
    needsAuth ? users[index]?.authenticated?.user : stringOf(member.welcome, 'user')
  const shown = [
    ['self', reply.self, userOf(b, others)],
    ['members', reply.members[0], userOf(a, 0)],
    ['peer-joined', told.member, userOf(b, others)],
    ['peer-updated', updated.member, userOf(b, others)],
    ['self of a second join', again.self, userOf(b, others)],
    ['peer-updated of a second join', renewed.member, userOf(b, others)],
    ['members after an update and a second join', listed, userOf(b, others)],
  ] as const
  for (const [where, member, user] of shown) expectUser(where, member, user)
  if (!needsAuth) return
  for (const [where, member] of await shownAfterRefresh(t, room, a, b, others))
    expectUser(where, member, userOf(b, others))
}

function expectUser(where: string, member: Member | undefined, user: string | undefined): void {
  if (!member || member.user === user) return
  const expected =
    user === undefined ? 'no user for a peer that is not authenticated' : `user ${user}, as in authenticated`
  throw new CheckFailure(`${expected}, in ${where}`, `user is ${member.user ?? 'absent'}`)
}

/** Checks of spec/rooms.md: who has a place in a room, and what rooms share. */
export const roomPlaceChecks: readonly Check[] = [
  check('rooms.user', 'user is as whom a peer is authenticated', usersAreTrue, { name: 'shown' }),
  check('rooms.several', 'two rooms of the same peers', roomsAreApart, { name: 'apart' }),
  check('rooms.several', 'a second join of one of two rooms', rejoinOfOneRoom, { name: 'rejoin' }),
  check('rooms.forbidden', 'a join that no grant allows tells nothing', forbiddenTellsNothing),
  check('rooms.full', 'a room without a place refuses', fullRoomRefuses, { name: 'refused' }),
  check('rooms.leave-not-in-room', 'a leave after a join that found no place', refusedCannotLeave, {
    name: 'full',
  }),
  check('rooms.full', 'a place comes back however a member goes', placesComeBack, {
    name: 'freed',
    lengthy: true,
  }),
  check('rooms.last-place', 'several peers join for the last place at once', lastPlaceIsOne, {
    lengthy: true,
  }),
  check('rooms.empty', 'who joins an empty room finds nothing', emptyRoomForgets, { name: 'left' }),
  ...(['bye', 'close', 'replaced'] as const).map((name) =>
    check(
      'rooms.empty',
      `who joins after the last member has gone by ${departures[name].way} finds nothing`,
      (t) => emptyAfter(t, departures[name]),
      { name },
    ),
  ),
]

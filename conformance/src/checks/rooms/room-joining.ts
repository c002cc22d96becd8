import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { apart, clip } from '../../observer/clip.ts'
import { atOnce } from '../scene/at-once.ts'
import { fullRoom } from '../scene/full-room.ts'
import {
  announcedLimit,
  dataKinds,
  dataNumber,
  enter,
  expectData,
  expectMembers,
  leaveRoom,
  messagesOf,
  noData,
  placesFor,
  seesData,
  seesJoin,
  seesLeave,
  unlessJoinsLimited,
  type Joined,
} from '../scene/membership.ts'

/** Fails unless `self` shows the peer's own id and data. */
function expectSelf(reply: Joined, member: Endpoint, data: unknown, room: string): void {
  if (reply.room !== room) {
    const [expected, actual] = apart(room, reply.room)
    throw new CheckFailure(`joined of room ${expected}`, `its room is ${actual}`)
  }
  if (reply.self.peer !== member.peer) {
    throw new CheckFailure(
      `self.peer ${member.peer}, the id that welcome gave`,
      `self.peer is ${reply.self.peer}`,
    )
  }
  expectData(reply.self, data, 'self')
}

async function joinedShowsOwnData(t: CheckContext): Promise<void> {
  const a = await t.client()
  await atOnce([undefined, ...dataKinds(t)], announcedLimit(t, 'roomsPerPeer') ?? 8, async (data) => {
    const room = t.room()
    expectSelf(await enter(t, a, room, data), a, data, room)
    await leaveRoom(a, room)
  })
}

async function joinedWithoutId(t: CheckContext): Promise<void> {
  const a = await t.client()
  const room = t.room()
  const data = dataNumber(t, 1)
  a.send({ type: 'join', room, data })
  await a.sync()
  unlessJoinsLimited(a)
  const reply = await a.expect('joined', (m) => m.room === room, 'joined for a join without id')
  expectSelf(reply, a, data, room)
  if ('ref' in reply) throw new CheckFailure('joined without ref for a join without id', 'it carries a ref')
}

/** Everybody joins one after another; each reply has to list those before it, with their data. */
async function membersListsEverybody(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 6, 2))
  const dataOf = (index: number) => [dataNumber(t, index), noData(t), undefined][index % 3]
  for (const [index, member] of members.entries()) {
    const reply = await enter(t, member, room, dataOf(index))
    expectMembers(reply, members.slice(0, index), `joined for member ${String(index + 1)}`)
    for (const [earlier, { peer, name }] of members.slice(0, index).entries()) {
      const shown = reply.members.find((each) => each.peer === peer)
      expectData(shown, dataOf(earlier), `members, about ${name} at ${member.name}`)
    }
  }
}

/** Data that was changed by `update` or by a second join is what a newcomer is shown; who has left is not. */
async function membersAreCurrent(t: CheckContext): Promise<void> {
  const room = t.room()
  placesFor(t, 4, 4)
  const [a, b, c, d] = (await t.clients(4)) as [Endpoint, Endpoint, Endpoint, Endpoint]
  await enter(t, a, room, dataNumber(t, 1))
  await enter(t, b, room, dataNumber(t, 2))
  await enter(t, c, room, dataNumber(t, 3))
  await seesJoin(a, room, c)
  const [ofA, ofB] = [dataNumber(t, 4), dataNumber(t, 5)]
  a.send({ type: 'update', room, data: dataNumber(t, 6) })
  a.send({ type: 'update', room, data: ofA })
  await enter(t, b, room, ofB)
  await leaveRoom(c, room)
  await seesData(b, room, a, ofA)
  const reply = await enter(t, d, room)
  expectMembers(reply, [a, b], 'joined after updates and a leave')
  const shown = (peer: string) => reply.members.find((each) => each.peer === peer)
  expectData(shown(a.peer), ofA, 'members, after update')
  expectData(shown(b.peer), ofB, 'members, after a second join with data')
  const again = await enter(t, c, room)
  expectMembers(again, [a, b, d], 'joined of a peer that comes back')
  await t.barrier(c, a, room)
}

/** Nobody is shown itself: neither in a first or later `joined`, nor by presence about what it does. */
async function notToldOfItself(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  await enter(t, a, room, dataNumber(t, 1))
  await enter(t, b, room)
  await enter(t, a, room)
  a.send({ type: 'update', room, data: dataNumber(t, 2) })
  await seesData(b, room, a, dataNumber(t, 2))
  await t.barrier(b, a, room)
  const since = b.log.length
  await leaveRoom(a, room)
  await enter(t, a, room)
  await seesJoin(b, room, a, since)
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  for (const member of [a, b]) {
    for (const reply of member.all('joined')) {
      if (!reply.members.some(({ peer }) => peer === member.peer)) continue
      throw new CheckFailure('members without the joining peer', `${member.name} found itself in members`)
    }
    const own = messagesOf(member, room).find((m) => {
      const about = (m['member'] as { peer?: unknown } | undefined)?.peer ?? m['peer']
      return String(m['type']).startsWith('peer-') && about === member.peer
    })
    if (own)
      throw new CheckFailure(
        'no presence about oneself',
        `${member.name} got a ${String(own['type'])} about itself`,
      )
  }
}

/** Every member is told of each newcomer, with its data and nothing else. */
async function everybodyHearsOfNewcomers(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 5, 2))
  const dataOf = (index: number) =>
    [noData(t), undefined, dataNumber(t, 2), dataNumber(t, 3), undefined][index]
  for (const [index, member] of members.entries()) {
    await enter(t, member, room, dataOf(index))
    for (const earlier of members.slice(0, index)) {
      const told = await seesJoin(earlier, room, member)
      expectData(told.member, dataOf(index), `peer-joined about ${member.name} at ${earlier.name}`)
    }
  }
}

async function newcomersDataArrivesWhole(t: CheckContext): Promise<void> {
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await atOnce(dataKinds(t), announcedLimit(t, 'roomsPerPeer') ?? 8, async (data) => {
    const room = t.room()
    await enter(t, a, room)
    for (const what of ['a newcomer', 'one who comes back']) {
      const since = a.log.length
      await enter(t, b, room, data)
      const { member } = await seesJoin(a, room, b, since)
      expectData(member, data, `peer-joined about ${b.name}, ${what}`)
      await leaveRoom(b, room)
      await seesLeave(a, room, b, since)
    }
    await leaveRoom(a, room)
  })
}

/** Peers join at the same moment; of each two exactly one may find the other. */
async function joinsAreOrdered(t: CheckContext): Promise<void> {
  const members = await t.clients(placesFor(t, 6, 2))
  for (let round = 0; round < 3; round += 1) {
    const room = t.room()
    const replies = await Promise.all(members.map((member) => enter(t, member, room)))
    for (const [index, member] of members.entries()) {
      for (const [place, other] of members.entries()) {
        if (place <= index) continue
        const found = replies[index]?.members.some(({ peer }) => peer === other.peer)
        const foundBack = replies[place]?.members.some(({ peer }) => peer === member.peer)
        if (found && foundBack) {
          throw new CheckFailure(
            'of two peers that join, exactly one finding the other in members',
            `${member.name} and ${other.name} found each other`,
          )
        }
        if (!found) await seesJoin(member, room, other)
        if (!foundBack) await seesJoin(other, room, member)
        if (found || foundBack) continue
        throw new CheckFailure(
          'of two peers that join, exactly one finding the other in members',
          `${member.name} and ${other.name} both got peer-joined instead`,
        )
      }
    }
    await Promise.all(members.map((member) => leaveRoom(member, room)))
  }
}

/** Rooms in which the last member leaves at the moment in which another one joins. */
const handedOver = 8

/** Whoever joins at the moment in which the last member leaves is in the room that others find by that name. */
async function joinsAsTheLastLeaves(t: CheckContext): Promise<void> {
  const [leaving, joining, third] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  placesFor(t, 3, 3)
  const count = Math.min(handedOver, announcedLimit(t, 'roomsPerPeer') ?? handedOver)
  const rooms = Array.from({ length: count }, () => t.room())
  for (const first of ['leave', 'join']) {
    await Promise.all(rooms.map((room) => enter(t, leaving, room)))
    const asked = rooms.map((room) => {
      const leaves = () => leaveRoom(leaving, room)
      const joins = () => enter(t, joining, room)
      return first === 'leave' ? [leaves(), joins()] : [joins(), leaves()]
    })
    await Promise.all(asked.flat())
    const found = await Promise.all(rooms.map((room) => enter(t, third, room)))
    for (const reply of found)
      expectMembers(
        reply,
        [joining],
        'joined of who comes after one has left and another one has joined at once',
      )
    await Promise.all(rooms.flatMap((room) => [leaveRoom(joining, room), leaveRoom(third, room)]))
  }
}

async function rejoinIsFresh(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const since = b.log.length
  expectMembers(await enter(t, a, room), [b], 'joined for a second join')
  expectMembers(await enter(t, a, room, dataNumber(t, 1)), [b], 'joined for a third join')
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  if (b.log.some(({ index, message }) => index >= since && message['type'] === 'peer-joined')) {
    throw new CheckFailure(
      'no peer-joined about a peer that is a member already',
      `${b.name} got one after the second join`,
    )
  }
  const gone = b.all('peer-left', ({ peer }) => peer === a.peer)
  if (gone.length > 0)
    throw new CheckFailure('a membership that goes on', `${b.name} got peer-left for a second join`)
}

/** A join of a member finds its place taken by nobody but itself. */
async function rejoinOfFullRoom(t: CheckContext): Promise<void> {
  for (const { outcome, others } of (await fullRoom(t)).rejoins) {
    if (outcome.type !== 'joined') throw unexpected(outcome, 'joined for a second join of a full room')
    expectMembers(outcome.message as unknown as Joined, others, 'joined for a second join of a full room')
  }
}

async function rejoinChangesData(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, b, room)
  await enter(t, a, room, dataNumber(t, 1))
  for (const data of [dataNumber(t, 2), noData(t), dataNumber(t, 3)]) {
    const since = b.log.length
    expectData((await enter(t, a, room, data)).self, data, 'self after a second join with data')
    await seesData(b, room, a, data, since)
    const shown = (await enter(t, b, room)).members.find(({ peer }) => peer === a.peer)
    expectData(shown, data, 'members, about a peer whose second join had data')
  }
}

async function rejoinKeepsData(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  for (const data of [dataNumber(t, 1), noData(t)]) {
    await enter(t, a, room, data)
    expectData((await enter(t, a, room)).self, data, 'self after a second join without data')
    const shown = (await enter(t, b, room)).members.find(({ peer }) => peer === a.peer)
    expectData(shown, data, 'members, about a peer whose second join had no data')
    a.send({ type: 'update', room, data: dataNumber(t, 4) })
    expectData(
      (await enter(t, a, room)).self,
      dataNumber(t, 4),
      'self after an update and a join without data',
    )
    await leaveRoom(a, room)
    await leaveRoom(b, room)
  }
}

/** A member leaves and joins again in one go: two memberships, the second of which begins with what its own join says. */
async function comesRightBack(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, b, room)
  let before = dataNumber(t, 1)
  await enter(t, a, room, before)
  await seesJoin(b, room, a)
  for (const data of [undefined, dataNumber(t, 2), undefined]) {
    const since = [a, b].map(({ log }) => log.length)
    const how = `a leave and a join ${data === undefined ? 'without' : 'with'} data in one go, with data ${clip(JSON.stringify(before))} before`
    a.send({ type: 'leave', room })
    a.send({ type: 'join', room, ...(data === undefined ? {} : { data }) })
    const reply = await a.expect('joined', (m) => m.room === room, `joined after ${how}`, {
      since: since[0] ?? 0,
    })
    expectData(reply.self, data, `self after ${how}`)
    await seesLeave(b, room, a, since[1])
    expectData((await seesJoin(b, room, a, since[1])).member, data, `peer-joined at ${b.name} after ${how}`)
    before = dataNumber(t, 3)
    a.send({ type: 'update', room, data: before })
    await seesData(b, room, a, before, since[1])
  }
}

/** Somebody joins and leaves in one go: a membership all the same, of which the others are told. */
async function goesAgainAtOnce(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, b, room)
  for (let round = 0; round < 3; round += 1) {
    const since = b.log.length
    a.send({ type: 'join', room })
    a.send({ type: 'leave', room })
    await seesJoin(b, room, a, since)
    await seesLeave(b, room, a, since)
  }
}

/** A second membership is like the first: it hears of who comes. */
async function returnedHearsOfNewcomers(t: CheckContext): Promise<void> {
  placesFor(t, 2, 2)
  const { room, a, b } = await t.pair()
  await leaveRoom(b, room)
  await leaveRoom(a, room)
  await enter(t, a, room)
  const since = a.log.length
  await enter(t, b, room)
  await seesJoin(a, room, b, since)
}

/** Checks of spec/rooms.md: joining. */
export const roomJoiningChecks: readonly Check[] = [
  check('rooms.joined', 'joined shows the own id and data', joinedShowsOwnData, { name: 'self' }),
  check('rooms.joined', 'joined comes also for a join without id', joinedWithoutId, { name: 'without-id' }),
  check('rooms.members', 'members lists everybody who is there', membersListsEverybody, {
    name: 'everybody',
  }),
  check('rooms.members', 'members shows the present, not the past', membersAreCurrent, { name: 'current' }),
  check('rooms.not-self', 'nobody is told of itself', notToldOfItself, { name: 'acting' }),
  check('rooms.peer-joined', 'every member is told of each newcomer', everybodyHearsOfNewcomers, {
    name: 'everybody',
  }),
  check('rooms.peer-joined', "the newcomer's data arrives whole", newcomersDataArrivesWhole, {
    name: 'data',
  }),
  check('rooms.peer-joined', 'a member that has come back is told, too', returnedHearsOfNewcomers, {
    name: 'returned',
  }),
  check('rooms.peer-joined', 'a member leaves and joins again in one go', comesRightBack, {
    name: 'back-at-once',
  }),
  check('rooms.peer-joined', 'somebody joins and leaves again in one go', goesAgainAtOnce, {
    name: 'gone-at-once',
  }),
  check('rooms.total-order', 'of two that join at once, one finds the other', joinsAreOrdered, {
    name: 'at-once',
  }),
  check('rooms.total-order', 'one joins as the last one leaves', joinsAsTheLastLeaves, {
    name: 'handed-over',
  }),
  check('rooms.rejoin', 'a second join gets a fresh joined, and no peer-joined', rejoinIsFresh, {
    name: 'fresh',
  }),
  check('rooms.rejoin', 'a second join of a full room', rejoinOfFullRoom, { name: 'full' }),
  check('rooms.rejoin-data', 'a second join with data changes it', rejoinChangesData, { name: 'with' }),
  check('rooms.rejoin-data', 'a second join without data keeps it', rejoinKeepsData, { name: 'without' }),
]

import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { departures, type Departure } from '../scene/departure.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import {
  announcedLimit,
  dataNumber,
  enter,
  expectMembers,
  knowsOf,
  leaveRoom,
  messagesOf,
  placesFor,
  seesData,
  seesJoin,
  seesLeave,
  unlessJoinsLimited,
} from '../scene/membership.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectRefusal } from '../scene/refusal.ts'

function expectReason(actual: string, reason: string, who: string): void {
  if (actual === reason) return
  throw new CheckFailure(`reason ${reason} at ${who}`, `the reason was ${actual}`)
}

async function leaveIsTold(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 4, 2))
  for (const member of members) await enter(t, member, room, dataNumber(t, 1))
  for (const [index, member] of members.entries()) {
    const others = members.slice(index + 1)
    const reply = await leaveRoom(member, room)
    if (reply.room !== room) throw new CheckFailure(`left of room ${room}`, `its room is ${reply.room}`)
    expectReason(reply.reason, 'leave', `the peer that left`)
    for (const other of others)
      expectReason((await seesLeave(other, room, member)).reason, 'leave', other.name)
  }
}

async function leaveWithoutId(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  a.send({ type: 'leave', room })
  const reply = await a.expect('left', (m) => m.room === room, 'left for a leave without id')
  if ('ref' in reply) throw new CheckFailure('left without ref for a leave without id', 'it carries a ref')
  expectReason(reply.reason, 'leave', 'the peer that left')
  expectReason((await seesLeave(b, room, a)).reason, 'leave', b.name)
}

async function leaveNeedsMembership(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const outsider = await t.client()
  const refuse = async (why: string, where = room) => {
    const { id } = outsider.post({ type: 'leave', room: where })
    await expectRefusal(outsider, id, ['not-in-room'], `a leave by a peer that ${why}`)
  }
  await refuse('never joined')
  await refuse('is in no room', t.room())
  const other = t.room()
  await enter(t, outsider, other)
  await refuse('is in another room')
  await leaveRoom(b, room)
  await seesLeave(a, room, b)
  const again = [b.post({ type: 'leave', room }), b.post({ type: 'leave', room })]
  for (const { id } of again) await expectRefusal(b, id, ['not-in-room'], 'a second leave')
  await leaveRoom(outsider, other)
  await enter(t, outsider, room)
  await seesJoin(a, room, outsider)
  await leaveRoom(outsider, room)
  await seesLeave(a, room, outsider)
  const back = a.log.length
  await enter(t, b, room)
  await seesJoin(a, room, b, back)
  await t.barrier(b, a, room)
  const told = a.all('peer-left').length
  if (told !== 2)
    throw new CheckFailure('two peer-left for two members that left', `${a.name} got ${String(told)}`)
}

/** A member leaves a room and joins it anew; the others have been told. */
async function comesBack(
  t: CheckContext,
  { room, member, others }: { room: string; member: Endpoint; others: readonly Endpoint[] },
): Promise<void> {
  const since = others.map(({ log }) => log.length)
  await leaveRoom(member, room)
  await enter(t, member, room)
  for (const [index, other] of others.entries()) await seesJoin(other, room, member, since[index])
}

/** A member goes; in each of its rooms everybody else is told why. */
async function goneFromEveryRoom(t: CheckContext, { way, reason, go }: Departure): Promise<void> {
  const roomCount = Math.min(3, announcedLimit(t, 'roomsPerPeer') ?? 3)
  const rooms = Array.from({ length: roomCount }, () => t.room())
  const [gone, ...others] = (await t.clients(placesFor(t, 3, 2))) as [Endpoint, ...Endpoint[]]
  // That it has left another room before is no reason for those that it goes from now.
  const earlier = t.room()
  await enter(t, gone, earlier)
  await leaveRoom(gone, earlier)
  for (const room of rooms) for (const member of [gone, ...others]) await enter(t, member, room)
  for (const room of rooms) for (const other of others) await knowsOf(other, room, gone)
  // The end of a membership that began anew is told like that of a first one.
  const again = rooms.length > 1 ? rooms.at(-1) : undefined
  if (again !== undefined) await comesBack(t, { room: again, member: gone, others })
  const since = others.map(({ log }) => log.length)
  await go(t, gone, rooms[0] ?? '')
  for (const room of rooms) {
    for (const [index, other] of others.entries()) {
      const leaving = seesLeave(other, room, gone, since[index])
      const expected = `peer-left at ${other.name} after ${way}, in a room that the peer had left before and joined anew`
      const told = await (room === again ? expecting(expected, leaving) : leaving)
      expectReason(told.reason, reason, `${other.name} after ${way}`)
    }
  }
  for (const room of rooms) {
    const [other] = others
    if (!other) return
    const { id } = other.post(hangupTo({ room, to: gone.peer, call: t.callId() }))
    await expectRefusal(other, id, ['peer-not-found'], `a hangup to a peer that is gone by ${way}`)
  }
}

/** Rooms that a connection which ends is in, where the server lets it be in so many. */
const manyRooms = 20

/** A member of many rooms goes: each of them is told. */
async function goneFromManyRooms(t: CheckContext, { way, reason, go }: Departure): Promise<void> {
  const count = Math.min(manyRooms, announcedLimit(t, 'roomsPerPeer') ?? manyRooms)
  const rooms = Array.from({ length: count }, () => t.room())
  const [gone, other] = (await t.clients(2)) as [Endpoint, Endpoint]
  await Promise.all(rooms.map((room) => t.join(room, gone, other)))
  await go(t, gone, '')
  const told = await Promise.allSettled(rooms.map((room) => seesLeave(other, room, gone)))
  const [missing] = told.filter(({ status }) => status === 'rejected')
  if (missing) {
    const came = told.filter(({ status }) => status === 'fulfilled').length
    throw new CheckFailure(
      `peer-left in each of ${String(count)} rooms after ${way}`,
      `it came in ${String(came)} of them`,
    )
  }
  for (const each of told)
    if (each.status === 'fulfilled') expectReason(each.value.reason, reason, `${other.name} after ${way}`)
}

/** What a member has been told and what it finds when it asks again are one thing, at once and in whichever way another one went. */
async function findsThemGone(t: CheckContext): Promise<void> {
  placesFor(t, 3, 3)
  const ways = [departures.leave, departures.bye, departures.close, departures.cut, departures.replaced]
  const look = async ({ way, go }: Departure) => {
    const room = t.room()
    const [a, b, gone] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
    for (const member of [a, b, gone]) await enter(t, member, room)
    await knowsOf(a, room, gone)
    await go(t, gone, room)
    await seesLeave(a, room, gone)
    expectMembers(await enter(t, a, room), [b], `joined right after the peer-left of a member gone by ${way}`)
  }
  await Promise.all(ways.map(look))
}

/** What was sent before `bye` keeps its effect, and the room's other members stay what they are. */
async function byeAfterMessages(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const call = t.callId()
  a.send({ type: 'update', room, data: dataNumber(t, 1) })
  a.send(hangupTo({ room, to: b.peer, call }))
  a.send({ type: 'bye' })
  await b.expect('hangup', (m) => m.call === call, 'a hangup sent right before bye')
  await seesData(b, room, a, dataNumber(t, 1))
  expectReason((await seesLeave(b, room, a)).reason, 'bye', b.name)
}

/** Reasons of a `bye`, which are for logs: some are those of another end, or one that a vendor might give to others. */
const byeReasons = ['com.example.tab-closed', 'lost', 'kicked', 'x'] as const

/** What the others are told is that it was `bye`, whatever the client has said with it. */
async function byeWithReasons(t: CheckContext): Promise<void> {
  const room = t.room()
  const witness = await t.client()
  await enter(t, witness, room)
  for (const reason of byeReasons) {
    const gone = await t.client()
    await enter(t, gone, room)
    gone.send({ type: 'bye', reason })
    const told = await seesLeave(witness, room, gone)
    expectReason(told.reason, 'bye', `${witness.name} after a bye with reason ${reason}`)
  }
}

/** Close codes that a server has for an end of its own: RFC 6455 lets a client write any of them. */
const serversCloseCodes = {
  'of kicked': 4403,
  'of replaced': 4409,
  'of token-expired': 4441,
  'of a server that goes away': 1001,
} as const

/** Whatever code a client closes with: why its connection has ended is for the server to say. */
async function closedWithCodes(t: CheckContext): Promise<void> {
  const room = t.room()
  const witness = await t.client()
  if (!witness.link.webSocket) t.notApplicable('This binding has no close codes')
  await enter(t, witness, room)
  for (const [what, code] of Object.entries(serversCloseCodes)) {
    const gone = await t.client()
    await enter(t, gone, room)
    gone.close(code)
    const told = await seesLeave(witness, room, gone)
    expectReason(
      told.reason,
      'lost',
      `${witness.name} after a close frame with code ${String(code)}, that ${what}`,
    )
  }
}

/** A connection that the server itself has to end, for a frame that breaks the binding. */
async function endedForBinary(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const { webSocket } = a.link
  if (!webSocket) t.notApplicable('This binding has no binary messages')
  a.hostile = true
  webSocket.writeFrame({ opcode: 2, fin: true, payload: Buffer.from('{"type":"ping"}') })
  expectReason((await seesLeave(b, room, a)).reason, 'lost', `${b.name} after a binary message`)
}

/** A server may end the connection for it, or only refuse the frame: then the peer is still there. */
async function endedForSize(t: CheckContext): Promise<void> {
  const bytes = announcedLimit(t, 'messageBytes')
  if (bytes === undefined) t.couldNotRun('welcome announces no limits.messageBytes: see connection.welcome')
  t.cost({ bytes: bytes + 1024 }, 'A message that is too large')
  const { room, a, b } = await t.pair()
  a.hostile = true
  a.sendText(JSON.stringify({ type: 'ping', id: a.nextId(), 'com.example.filler': 'x'.repeat(bytes) }))
  // What answers the frame is the end, or an error: the connection may go on.
  await a
    .waitFor(({ message }) => message['type'] === 'error', 'an error or the end')
    .catch((error: unknown) => {
      if (!(error instanceof CheckFailure)) throw error
    })
  const [refused] = a.all('error')
  if (refused ? !refused.fatal : !a.end)
    t.notApplicable('The server goes on with a connection whose message is too large')
  expectReason((await seesLeave(b, room, a)).reason, 'lost', `${b.name} after a message that was too large`)
}

/** One peer-left for each membership that ends, however many reasons there are to send one. */
async function toldOnce(t: CheckContext, departure: Departure): Promise<void> {
  const second = (announcedLimit(t, 'roomsPerPeer') ?? 2) >= 2
  const room = t.room()
  placesFor(t, 3, 3)
  const [gone, b, c] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  for (const member of [gone, b, c]) await enter(t, member, room)
  await seesJoin(b, room, c)
  const witnessed = second ? t.room() : undefined
  if (witnessed !== undefined) for (const member of [gone, b]) await enter(t, member, witnessed)
  await departure.go(t, gone, room)
  for (const other of [b, c]) await seesLeave(other, room, gone)
  // Whatever end the connection has now, its membership of this room has ended before.
  if (departure.reason === 'leave') gone.link.abort()
  else await gone.gone(t.dueMs)
  if (witnessed !== undefined) await seesLeave(b, witnessed, gone)
  const late = await t.client()
  await leaveRoom(c, room)
  await enter(t, late, room)
  await t.barrier(late, b, room)
  for (const [other, where] of [
    [b, room],
    [c, room],
    [b, witnessed],
  ] as const) {
    const told =
      where === undefined ? [] : other.all('peer-left', (m) => m.room === where && m.peer === gone.peer)
    if (where === undefined || told.length === 1) continue
    throw new CheckFailure(
      `one peer-left after ${departure.way}`,
      `${other.name} got ${String(told.length)} in one room`,
    )
  }
}

/** Comes and goes several times: each membership ends once. */
async function toldOnceEachTime(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (let round = 0; round < 4; round += 1) {
    await leaveRoom(a, room)
    await enter(t, a, room)
    if (round % 2 === 1) await enter(t, a, room)
  }
  await t.barrier(a, b, room)
  const story = messagesOf(b, room)
    .filter((m) => m['type'] === 'peer-left' || m['type'] === 'peer-joined')
    .map((m) => String(m['type']))
  const expected = Array.from({ length: 4 }, () => ['peer-left', 'peer-joined']).flat()
  if (story.join() === expected.join()) return
  throw new CheckFailure(
    'peer-left and peer-joined in turn, four times each',
    `${b.name} got ${story.join(', ')}`,
  )
}

/** Times that a peer joins a room and leaves it. */
const manyTimes = 100

/** However often a peer has come and gone, the next time is as the first. */
async function comesAndGoesOn(t: CheckContext): Promise<void> {
  t.cost({ messages: 2 * manyTimes }, 'Joining a room many times')
  const room = t.room()
  const a = await t.client()
  const asked = Array.from({ length: manyTimes }, () => [
    a.post({ type: 'join', room }),
    a.post({ type: 'leave', room }),
  ]).flat()
  for (const [index, pending] of asked.entries()) {
    const what = index % 2 === 0 ? 'joined' : 'left'
    const nth = String(Math.floor(index / 2) + 1)
    const outcome = await pending.outcome(`${what} for time ${nth} that a peer comes and goes`)
    if (outcome.type === what) continue
    unlessJoinsLimited(a)
    throw unexpected(outcome, `${what} for time ${nth} that a peer comes and goes`)
  }
}

/** How much longer than the token that ends a witness's token has to last, in milliseconds. */
const outlivesMs = 30_000

/** The server ends a connection whose authentication has run out. */
async function expiryIsTold(t: CheckContext): Promise<void> {
  const lives = t.target.users.map(({ authenticated }) =>
    authenticated ? (authenticated.expiresInMs ?? Infinity) : 0,
  )
  const expiresInMs = Math.min(...lives.filter((ms) => ms > 0))
  if (!Number.isFinite(expiresInMs))
    t.notApplicable('No token of the kit ends: authenticated has no expiresInMs')
  const user = lives.indexOf(expiresInMs)
  t.cost({ ms: expiresInMs }, 'Waiting for a token to end')
  // The witness has to be there for as long as the end may take to be told.
  const witness = lives.findIndex((ms) => ms > expiresInMs + outlivesMs)
  if (witness === -1)
    t.notObserved('This takes a second token that ends much later, or never, for who is to be told')
  const room = sharedRoom(t, user, witness)
  const a = await t.client({ user })
  const b = await t.client({ user: witness })
  await enter(t, b, room)
  await enter(t, a, room)
  await new Promise((resolve) => setTimeout(resolve, expiresInMs))
  expectReason((await seesLeave(b, room, a)).reason, 'expired', `${b.name} after the end of a token`)
}

/** Checks of spec/rooms.md: leaving. */
export const roomLeavingChecks: readonly Check[] = [
  check('rooms.members', 'a member that others were told has gone', findsThemGone, { name: 'gone' }),
  check('rooms.leave', 'left for the one, peer-left for the others', leaveIsTold, { name: 'told' }),
  check('rooms.leave', 'a leave without id', leaveWithoutId, { name: 'without-id' }),
  check('rooms.leave-not-in-room', 'a leave needs a membership', leaveNeedsMembership),
  check('rooms.bye', 'every room is told of bye', (t) => goneFromEveryRoom(t, departures.bye), {
    name: 'every-room',
  }),
  check('rooms.bye', 'bye with reasons of its own', byeWithReasons, { name: 'reasons' }),
  check('rooms.bye', 'bye right after other messages', byeAfterMessages, { name: 'after-messages' }),
  check(
    'rooms.lost',
    'every room is told of a closed connection',
    (t) => goneFromEveryRoom(t, departures.close),
    { name: 'closed' },
  ),
  check('rooms.lost', 'every room is told of a cut connection', (t) => goneFromEveryRoom(t, departures.cut), {
    name: 'cut',
  }),
  check('rooms.lost', 'a member of many rooms is cut off', (t) => goneFromManyRooms(t, departures.cut), {
    name: 'many-rooms',
  }),
  check('rooms.bye', 'a member of many rooms says bye', (t) => goneFromManyRooms(t, departures.bye), {
    name: 'many-rooms',
  }),
  check('rooms.lost', 'a connection that the server ends', endedForBinary, {
    name: 'ended-by-server',
    hostile: true,
  }),
  check('rooms.lost', 'a connection that ends for a message that is too large', endedForSize, {
    name: 'ended-for-size',
    hostile: true,
  }),
  check('rooms.lost', 'close frames with codes that the server has too', closedWithCodes, {
    name: 'close-codes',
  }),
  check('rooms.ended', 'the end of a token is told as expired', expiryIsTold, { name: 'expired' }),
  check('rooms.states', 'a peer that comes and goes a hundred times', comesAndGoesOn, { name: 'many-times' }),
  check('rooms.left-once', 'members that come and go', toldOnceEachTime, { name: 'returning' }),
  ...Object.entries(departures).map(([name, departure]) =>
    check('rooms.left-once', `one peer-left after ${departure.way}`, (t) => toldOnce(t, departure), { name }),
  ),
]

import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { safeBurst } from '../scene/answer.ts'
import { atOnce } from '../scene/at-once.ts'
import {
  announcedLimit,
  enter,
  expectData,
  leaveRoom,
  seesData,
  seesJoin,
  tryEnter,
} from '../scene/membership.ts'
import { fullRoom, placesOf } from '../scene/full-room.ts'
import { messageSizeChecks } from '../scene/message-size.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { authenticate, tokenOf } from '../scene/token.ts'

/** The value of an optional limit; ends the check where it is not announced. */
function announced(t: CheckContext, name: 'membersPerRoom' | 'roomsPerPeer' | 'dataBytes'): number {
  return announcedLimit(t, name) ?? t.notApplicable(`The server announces no limits.${name}`)
}

function expectCode(outcome: Outcome, code: string, what: string): void {
  if (outcome.code !== code) throw unexpected(outcome, `${code} for ${what}`)
}

/** As many rooms as announced are joined, one more is not, and after a leave it is. */
async function enforcesRooms(t: CheckContext): Promise<void> {
  const limit = announced(t, 'roomsPerPeer')
  t.cost({ messages: limit + 4 }, `Joining ${String(limit)} rooms`)
  const a = await t.client()
  const rooms = await fill(t, a, limit)
  const further = t.room()
  expectCode(await tryEnter(t, a, further), 'forbidden', `the join of room number ${String(limit + 1)}`)
  const [first = ''] = rooms
  // Where the peer is in already, it joins nothing more.
  await expecting('joined for a second join of one of these rooms', enter(t, a, first))
  // The limit is one peer's: another one is not touched by it.
  const b = await t.client()
  await expecting('joined for the same room by another peer, which is in none', enter(t, b, further))
  await leaveRoom(a, first)
  const { members } = await expecting(
    'joined for the refused room once another one is left',
    enter(t, a, further),
  )
  if (members.some(({ peer }) => peer === b.peer)) return
  throw new CheckFailure(
    'joined for the refused room once another one is left',
    'it does not list the member that is there',
  )
}

async function fill(t: CheckContext, a: Endpoint, count: number): Promise<readonly string[]> {
  const rooms = Array.from({ length: count }, () => t.room())
  const expected = `joined for each of ${String(count)} rooms, as limits.roomsPerPeer says`
  await atOnce(rooms, safeBurst, (room) => expecting(expected, enter(t, a, room)))
  return rooms
}

/** Bytes of data with which a join is refused, at most. */
const largestRefused = 16_384

/** A join that is refused for want of a place takes none of the rooms that a peer may be in. */
async function refusedTakesNoRoom(t: CheckContext): Promise<void> {
  const limit = announced(t, 'roomsPerPeer')
  t.cost({ messages: limit + 2 }, `Joining ${String(limit)} rooms`)
  const places = placesOf(t, 1)
  const full = t.room()
  await t.join(full, ...(await t.clients(places)))
  const a = await t.client()
  expectCode(await tryEnter(t, a, full), 'room-full', 'the join of a room without a place')
  const bytes = announcedLimit(t, 'dataBytes')
  // For whatever it is refused.
  if (bytes !== undefined && bytes < largestRefused)
    await presupposing('limits.data', tryEnter(t, a, t.room(), 'd'.repeat(bytes)))
  await fill(t, a, limit)
}

/** A refused join counts as nothing, and a room that was left and joined again counts once. */
async function countsRooms(t: CheckContext): Promise<void> {
  const limit = announced(t, 'roomsPerPeer')
  t.cost({ messages: 3 * limit + 8 }, `Joining ${String(limit)} rooms`)
  const a = await t.client()
  const rooms = await fill(t, a, limit)
  // Rooms are left by one of several members as by the only one.
  const others = await t.clients(Math.min(2, (announcedLimit(t, 'membersPerRoom') ?? 3) - 1))
  await t.join(rooms[0] ?? '', ...others)
  await a.request({ type: 'leave', room: t.room() })
  expectCode(
    await tryEnter(t, a, t.room()),
    'forbidden',
    'a join beyond limits.roomsPerPeer, after the leave of a room that the peer is not in',
  )
  for (const refused of [t.room(), t.room()])
    expectCode(await tryEnter(t, a, refused), 'forbidden', 'a join beyond limits.roomsPerPeer')
  await atOnce(rooms.slice(0, 3), 3, async (room) => {
    await leaveRoom(a, room)
    await expecting('joined for a room that has just been left', enter(t, a, room))
  })
  expectCode(
    await tryEnter(t, a, t.room()),
    'forbidden',
    'a join beyond limits.roomsPerPeer, after rooms were left and joined again',
  )
  if (!t.target.needsAuth) return
  const { type } = await authenticate(a, await tokenOf(t))
  if (type !== 'authenticated') return
  expectCode(
    await tryEnter(t, a, t.room()),
    'forbidden',
    'a join beyond limits.roomsPerPeer, after the authentication was refreshed',
  )
}

async function enforcesMembers(t: CheckContext): Promise<void> {
  const { places, refused, displaced } = await fullRoom(t)
  // After second joins of members, which take no further place.
  expectCode(refused, 'room-full', `the join of member number ${String(places + 1)}`)
  expectCode(displaced, 'room-full', 'the join of the member that had left, once its place is taken')
}

/** Fewest bytes that every form of data can be made of. */
const fewestBytes = 16

/** Data of exactly so many bytes as RFC 8785 writes it. */
type DataOf = (bytes: number) => unknown

const dataForms = {
  // A number has room in any limit.
  text: (bytes) => (bytes < fewestBytes ? Number('1'.repeat(bytes)) : 'd'.repeat(bytes - 2)),
  bytes: (bytes) => 'é'.repeat(Math.floor((bytes - 2) / 2)) + 'd'.repeat(bytes % 2),
  emoji: (bytes) => '😀'.repeat(Math.floor((bytes - 2) / 4)) + 'd'.repeat((bytes - 2) % 4),
  object: (bytes) => ({ a: 'd'.repeat(bytes - 8) }),
  names: (bytes) => ({ [`${'é'.repeat(Math.floor((bytes - 6) / 2))}${'d'.repeat(bytes % 2)}`]: 1 }),
  list: (bytes) =>
    bytes % 2 === 1
      ? Array.from({ length: (bytes - 1) / 2 }, () => 1)
      : [10, ...Array.from({ length: (bytes - 4) / 2 }, () => 1)],
  escapes: (bytes) => '\n'.repeat(Math.floor((bytes - 2) / 2)) + 'd'.repeat(bytes % 2),
} satisfies Readonly<Record<string, DataOf>>

function dataLimit(t: CheckContext, fewest = fewestBytes): number {
  const limit = announced(t, 'dataBytes')
  const messageBytes = announcedLimit(t, 'messageBytes') ?? 65_536
  if (limit < fewest) t.notObserved(`limits.dataBytes of ${String(limit)} leaves no room to vary data`)
  if (limit + 1000 > messageBytes) t.notObserved('limits.dataBytes is as good as limits.messageBytes')
  t.cost({ bytes: 16 * limit }, `Sending data of ${String(limit)} bytes`)
  return limit
}

/** Data of exactly the limit is taken in a join, a second join and an update; one byte more in none of them. */
async function enforcesData(t: CheckContext, form: keyof typeof dataForms): Promise<void> {
  const limit = dataLimit(t, form === 'text' ? 1 : fewestBytes)
  const dataOf: DataOf = dataForms[form]
  const [exact, more] = [dataOf(limit), dataOf(limit + 1)]
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, b, room)
  expectCode(await tryEnter(t, a, room, more), 'too-large', `a join with data of ${String(limit + 1)} bytes`)
  const { self } = await enter(t, a, room, exact)
  expectData(self, exact, 'joined.self')
  const { member } = await seesJoin(b, room, a)
  expectData(member, exact, 'peer-joined')
  // Before and after what is refused: a has been told of one thing more, and no less.
  b.send({ type: 'update', room, data: 3 })
  await seesData(a, room, b, 3)
  expectCode(
    await a.request({ type: 'update', room, data: more }),
    'too-large',
    `an update with data of ${String(limit + 1)} bytes`,
  )
  expectCode(
    await tryEnter(t, a, room, more),
    'too-large',
    `a second join with data of ${String(limit + 1)} bytes`,
  )
  b.send({ type: 'update', room, data: 4 })
  await seesData(a, room, b, 4)
  const shown = (await enter(t, b, room)).members.find(({ peer }) => peer === a.peer)
  if (isDeepStrictEqual(shown?.data, more))
    throw new CheckFailure(
      `data of ${String(limit)} bytes in members, about a member whose larger data was refused`,
      `it shows the refused data, of ${String(limit + 1)} bytes`,
    )
  expectData(shown, exact, 'members, about a member whose larger data was refused')
  const small = await a.request({ type: 'update', room, data: 2 })
  if (small.type !== 'ok') throw unexpected(small, 'ok for an update with small data')
  await seesData(b, room, a, 2)
  const since = b.log.length
  const update = await a.request({ type: 'update', room, data: exact })
  if (update.type !== 'ok') throw unexpected(update, `ok for an update with data of ${String(limit)} bytes`)
  await seesData(b, room, a, exact, since)
}

/** `dataBytes` counts the canonical form: white space, superfluous escapes and the spelling of numbers in the frame are none of it. */
async function measuresCanonical(t: CheckContext): Promise<void> {
  const limit = dataLimit(t)
  const { room, a, b } = await t.pair()
  const count = limit - 2
  const items = Math.floor((limit - 1) / 2)
  // What the frame has more than the canonical form must not bring it beyond limits.messageBytes.
  const spare = (announcedLimit(t, 'messageBytes') ?? 65_536) - limit - 500
  /** A text of so many pieces, of which as many as there is room for are written the long way. */
  const pieces = (most: number, long: string, short: string): string[] => {
    const first = Math.min(most, Math.floor(spare / (long.length - short.length)))
    return Array.from({ length: most }, (_, place) => (place < first ? long : short))
  }
  const textOfUpdate = (id: string, data: string) =>
    `{"type":"update","id":${JSON.stringify(id)},"room":${JSON.stringify(room)},"data":${data}}`
  const texts = [
    `[ ${pieces(items, '1 \t', '1').join(',')} ]`,
    `[${pieces(items, '1.0', '1').join(',')}]`,
    `[${pieces(items, '-0', '0').join(',')}]`,
    `"${pieces(count, '\\u0041', 'd').join('')}"`,
    `"${pieces(count, '\\/', 'd').join('')}"`,
  ]
  for (const text of texts) {
    const since = b.log.length
    const id = a.nextId()
    a.sendText(textOfUpdate(id, text))
    const outcome = await a.outcome(id)
    if (outcome.type !== 'ok')
      throw unexpected(
        outcome,
        `ok for data of ${String(limit)} bytes as RFC 8785 writes it, written as ${text.slice(0, 24)}…`,
      )
    await seesData(b, room, a, JSON.parse(text), since)
  }
  // In the canonical form each of these has a byte more, its sign.
  const long = Array.from({ length: Math.floor((limit - 1) / 5) }, () => '1e21').join(',')
  const id = a.nextId()
  a.sendText(textOfUpdate(id, `[${long}]`))
  const bytes = Buffer.byteLength(JSON.stringify(JSON.parse(`[${long}]`)))
  expectCode(
    await a.outcome(id),
    'too-large',
    `an update with data of ${String(bytes)} bytes as RFC 8785 writes it, written as [1e21,…]`,
  )
}

/** Rooms in as great a number as an ordinary run may join, where none is announced. */
async function honoursRooms(t: CheckContext): Promise<void> {
  const limit = announcedLimit(t, 'roomsPerPeer')
  const count = Math.min(limit ?? safeBurst, safeBurst)
  const { a, b, room } = await t.pair()
  const further = Array.from({ length: count - 1 }, () => t.room())
  for (const outcome of await atOnce(further, safeBurst, (each) => tryEnter(t, a, each))) {
    if (outcome.type !== 'joined')
      throw unexpected(outcome, `joined for one of ${String(count)} rooms${announcedWords(limit)}`)
  }
  await t.barrier(a, b, room)
}

function announcedWords(limit: number | undefined): string {
  return limit === undefined ? ', where no limit is announced' : `, of ${String(limit)} that are announced`
}

/** Members that a room has to take whose server announces no limit: more than any other check brings along. */
const unlimitedMembers = 24

async function honoursMembers(t: CheckContext): Promise<void> {
  const limit = announcedLimit(t, 'membersPerRoom')
  const joins = limit === undefined ? await joinsOf(t, unlimitedMembers) : (await fullRoom(t)).joins
  const refused = joins.find(({ type }) => type !== 'joined')
  if (refused) {
    throw unexpected(refused, `joined for one of ${String(joins.length)} members${announcedWords(limit)}`)
  }
}

async function joinsOf(t: CheckContext, count: number): Promise<readonly Outcome[]> {
  const room = t.room()
  const members = await t.clients(count)
  return Promise.all(members.map((member) => tryEnter(t, member, room)))
}

/** Data as large as the announced limits allow: that of data, or else that of a message. */
async function honoursData(t: CheckContext): Promise<void> {
  const limit = announcedLimit(t, 'dataBytes')
  const messageBytes = announcedLimit(t, 'messageBytes') ?? 65_536
  const bytes = Math.min(limit ?? messageBytes, messageBytes - 1000)
  t.cost({ bytes: 6 * bytes }, `Sending data of ${String(bytes)} bytes`)
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  const data = dataForms.text(bytes)
  const other = typeof data === 'number' ? data + 1 : `${data.slice(1)}e`
  await enter(t, a, room, data)
  // What the server sends may be longer than messageBytes: the reply grows with the room.
  const { members, self } = await enter(t, b, room, data)
  expectData(self, data, 'joined.self')
  expectData(
    members.find(({ peer }) => peer === a.peer),
    data,
    'joined.members',
  )
  const since = b.log.length
  const outcome = await a.request({ type: 'update', room, data: other })
  if (outcome.type !== 'ok')
    throw unexpected(outcome, `ok for an update with data of ${String(bytes)} bytes${announcedWords(limit)}`)
  await seesData(b, room, a, other, since)
}

/** As many messages in one go as every announced rate allows. */
async function honoursBurst(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  a.unpaced()
  const calls = Array.from({ length: 90 }, () => t.callId())
  for (const call of calls) a.send(hangupTo({ room, to: b.peer, call }))
  await t.barrier(a, b, room)
  const [refused] = a.all('error')
  if (refused) {
    const number = calls.indexOf(refused.call ?? '') + 1
    const which = number > 0 ? `message ${String(number)}` : 'one'
    throw new CheckFailure('90 messages in one go accepted', `${which} was refused with ${refused.code}`)
  }
}

/** Checks of spec/limits.md. */
export const limitChecks: readonly Check[] = [
  ...messageSizeChecks,
  check('limits.enforced', 'one member more than limits.membersPerRoom', enforcesMembers, {
    name: 'members',
  }),
  check('limits.enforced', 'rooms are counted as they are joined and left', countsRooms, { name: 'rooms' }),
  check('limits.enforced', 'one byte of data more than limits.dataBytes', (t) => enforcesData(t, 'text'), {
    name: 'data',
  }),
  check('limits.honoured', 'as many rooms as are announced', honoursRooms, { name: 'rooms' }),
  check('limits.honoured', 'as many members as are announced', honoursMembers, { name: 'members' }),
  check('limits.honoured', 'data as large as is announced', honoursData, { name: 'data' }),
  check('limits.honoured', 'as many messages in one go as every rate allows', honoursBurst, {
    name: 'burst',
  }),
  ...(['bytes', 'emoji', 'object', 'names', 'list', 'escapes'] as const).map((form) =>
    check(
      'limits.data',
      `${form} of exactly limits.dataBytes, and of one byte more`,
      (t) => enforcesData(t, form),
      { name: form },
    ),
  ),
  check('limits.data', 'the size is that of the canonical form', measuresCanonical, { name: 'canonical' }),
  check('limits.rooms', 'limits.roomsPerPeer rooms, and one more', enforcesRooms),
  check(
    'limits.rooms',
    'limits.roomsPerPeer rooms after a join that was refused for want of a place',
    refusedTakesNoRoom,
    {
      name: 'full',
    },
  ),
]

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import {
  announcedLimit,
  controlCharacters,
  dataNumber,
  enter,
  expectData,
  fits,
  leaveRoom,
  placesFor,
  seesData,
  seesLeave,
} from '../scene/membership.ts'
import { sideBySide, type Part } from '../scene/side-by-side.ts'

/** Each takes the whole place of the one before: nothing of it may be left, or be brought into another form. */
const successions: readonly unknown[] = [
  { name: 'a', deep: { left: 1, right: [1, 2, 3] } },
  { name: 'b', deep: { right: [4] } },
  { deep: {} },
  // Decomposed, composed, and compatibility characters: equal only after a normalisation.
  { 'e\u0301': 'e\u0301', '\u00e9': '\u00e9', '\ufb01': '\u212b' },
  ['1', 1, '1.0', 'true', 'null', ' x ', '<b>&amp;</b>', 'a\r\nb', '\u200d\ufeff'],
  { x: controlCharacters, 'a\u0000b': '\u0000' },
  { 10: 'ten', 9: 'nine', length: 0, toString: 'x', constructor: null },
  // Parsed, not written: as a literal the name would be the prototype.
  JSON.parse('{"__proto__":{"x":1},"y":[{"__proto__":null}]}'),
  9007199254740991,
  0.1,
  -0.000001,
  5e-324,
  '',
  0,
  false,
  [],
  {},
  null,
]

/** What a member and a newcomer are shown is the last data, as it was written. */
async function latestDataOnly(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (const data of successions.filter((each) => fits(t, each))) {
    const since = b.log.length
    a.send({ type: 'update', room, data })
    await seesData(b, room, a, data, since)
  }
}

/** The same by joins: at the member that is told, at the one who asks, and in what it is told itself. */
async function shownAsWritten(t: CheckContext, { room, a, b, mine }: Part): Promise<void> {
  for (const data of mine(successions.filter((each) => fits(t, each)))) {
    const since = b.log.length
    expectData((await enter(t, a, room, data)).self, data, 'self of a second join')
    await seesData(b, room, a, data, since)
    const shown = (await enter(t, b, room)).members.find(({ peer }) => peer === a.peer)
    expectData(shown, data, 'members of a second join')
  }
}

/** What a member has said while nobody heard it is what a newcomer is shown. */
async function saidToNobody(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  const shownTo = async (what: string, data: unknown) => {
    const { members } = await enter(t, b, room)
    expectData(
      members.find(({ peer }) => peer === a.peer),
      data,
      `members, after ${what} of a member that was alone`,
    )
    const since = a.log.length
    await leaveRoom(b, room)
    await seesLeave(a, room, b, since)
  }
  await enter(t, a, room, dataNumber(t, 1))
  a.send({ type: 'update', room, data: dataNumber(t, 2) })
  await a.sync()
  await shownTo('an update', dataNumber(t, 2))
  await enter(t, a, room, dataNumber(t, 3))
  await shownTo('a second join', dataNumber(t, 3))
}

/** Bytes of the data of each member of a crowd whose `joined` is longer than what a client may send. */
const largeDataBytes = 8000

/** Least bytes of data with which a `joined` becomes long. */
const leastLargeBytes = 1000

/** The longest `joined` that a few members make: what a server sends may be longer than what it takes. */
async function showsMuchData(t: CheckContext): Promise<void> {
  const places = placesFor(t, 10, 3)
  const size = Math.min(announcedLimit(t, 'dataBytes') ?? largeDataBytes, largeDataBytes)
  if (size < leastLargeBytes)
    t.notObserved(`limits.dataBytes of ${String(size)} leaves no room for large data`)
  t.cost({ bytes: (places * places * size) / 2 }, 'Showing large data to every member')
  const room = t.room()
  const members = await t.clients(places)
  const newcomer = members.pop() as Endpoint
  const dataOf = (place: number) => `${String(place)}${'d'.repeat(size - 3)}`
  const entered = members.map((member, place) => enter(t, member, room, dataOf(place)))
  await presupposing('limits.data', Promise.all(entered))
  const reply = await enter(t, newcomer, room)
  for (const [place, member] of members.entries()) {
    const shown = reply.members.find(({ peer }) => peer === member.peer)
    expectData(
      shown,
      dataOf(place),
      `members, where each of ${String(members.length)} has ${String(size)} bytes of data`,
    )
  }
}

/** Checks of spec/rooms.md: data is the application's, carried and not read. */
export const carriedDataChecks: readonly Check[] = [
  check('rooms.members', 'data that was set while nobody else was there', saidToNobody, { name: 'alone' }),
  check('rooms.members', 'members with large data', showsMuchData, { name: 'large-data' }),
  check('rooms.update', 'the data of an update takes the whole place of the earlier', latestDataOnly, {
    name: 'replaced-data',
    lengthy: true,
  }),
  check(
    'rooms.rejoin-data',
    'the data of a second join takes the whole place of the earlier',
    (t) => sideBySide(t, (part) => shownAsWritten(t, part)),
    {
      name: 'replaced-data',
      lengthy: true,
    },
  ),
]

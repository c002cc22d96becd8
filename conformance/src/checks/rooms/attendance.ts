import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { ordinaryBudget } from '../../engine/cost.ts'
import { announcedLimit, enter, leaveRoom } from '../scene/membership.ts'

/** Members beyond which nothing new is likely to show, and which a server without a limit has to bear. */
const largest = 20

type Attended = 'rooms.members' | 'rooms.peer-joined' | 'rooms.update' | 'rooms.leave'

/** What somebody in a well attended room was not told. */
interface Miss {
  readonly requirement: Attended
  readonly expected: string
  readonly actual: string
}

/** Waits for a message at every one of many members; names the first that did not get it. */
async function everyone(
  requirement: Attended,
  members: readonly Endpoint[],
  wait: (member: Endpoint) => Promise<unknown>,
  expected: string,
): Promise<Miss | undefined> {
  const told = await Promise.all(
    members.map((member) =>
      wait(member).then(
        () => true,
        (error: unknown) => {
          if (error instanceof CheckFailure) return false
          throw error
        },
      ),
    ),
  )
  const missing = members.filter((_, index) => !told[index])
  const [first] = missing
  if (!first) return undefined
  const actual = `${String(missing.length)} of ${String(members.length)} members were not told, ${first.name} among them`
  return { requirement, expected, actual }
}

/** As many members as the room has places for see the last of them come, change and go; and so for the first. */
async function attended(t: CheckContext): Promise<Miss[]> {
  const room = t.room()
  const size = Math.min(largest, announcedLimit(t, 'membersPerRoom') ?? largest, ordinaryBudget.members)
  const members = await t.clients(size)
  const last = members.at(-1) as Endpoint
  const settled = members.slice(0, -1)
  for (const member of settled) await enter(t, member, room)
  const misses: (Miss | undefined)[] = []
  const reply = await enter(t, last, room)
  const listed = new Set(reply.members.map(({ peer }) => peer))
  const found = settled.filter(({ peer }) => listed.has(peer)).length
  if (found < settled.length) {
    misses.push({
      requirement: 'rooms.members',
      expected: `all ${String(settled.length)} others in the members of ${last.name}`,
      actual: `it lists ${String(found)} of them`,
    })
  }
  misses.push(
    await everyone(
      'rooms.peer-joined',
      settled,
      (m) => m.expect('peer-joined', ({ room: r, member }) => r === room && member.peer === last.peer),
      `peer-joined about ${last.name} at every other of ${String(size)} members`,
    ),
  )
  for (const [number, sender] of [members[0] as Endpoint, last].entries()) {
    sender.send({ type: 'update', room, data: number })
    misses.push(
      await everyone(
        'rooms.update',
        members.filter((member) => member !== sender),
        (m) =>
          m.expect(
            'peer-updated',
            ({ room: r, member }) =>
              r === room && member.peer === sender.peer && isDeepStrictEqual(member.data, number),
          ),
        `peer-updated about ${sender.name} at every other of ${String(size)} members`,
      ),
    )
  }
  const first = members[0] as Endpoint
  await leaveRoom(first, room)
  misses.push(
    await everyone(
      'rooms.leave',
      members.slice(1),
      (m) => m.expect('peer-left', ({ room: r, peer }) => r === room && peer === first.peer),
      `peer-left about ${first.name} at every other of ${String(size)} members`,
    ),
  )
  return misses.filter((miss) => miss !== undefined)
}

const judged: readonly (readonly [Attended, string])[] = [
  ['rooms.members', 'the last of many members finds all others'],
  ['rooms.peer-joined', 'many members are told who joins'],
  ['rooms.update', 'many members are told of an update'],
  ['rooms.leave', 'many members are told who leaves'],
]

/** Checks of spec/rooms.md in a room with as many members as may be; each judges its own sentence only. */
export const attendanceChecks: readonly Check[] = judged.map(([requirement, title]) =>
  check(
    requirement,
    title,
    async (t) => {
      const misses = await t.shared('well attended room', attended).catch((error: unknown) => {
        if (error instanceof CheckFailure)
          return t.couldNotRun(`The room could not be filled, which other checks judge: ${error.message}`)
        throw error
      })
      const miss = misses.find((each) => each.requirement === requirement)
      if (miss) throw new CheckFailure(miss.expected, miss.actual)
    },
    { name: 'attended', lengthy: true },
  ),
)

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { enter } from '../scene/membership.ts'
import { findPage, findWords, inRooms, namesOf, search, textsOf, words } from './stage.ts'

/** find.own-rooms */
async function showsOwnRooms(t: CheckContext): Promise<void> {
  const { a, prefix, rooms } = await inRooms(t, ['a', 'b'])
  const pages = await search(t, a, { kind: 'rooms', prefix })
  const found = namesOf(pages)
  const missing = rooms.find((room) => !found.includes(room))
  if (missing === undefined) return
  throw new CheckFailure(
    `every room that the client is in: ${words(rooms)}`,
    `${words([missing])} was not found`,
  ).shownBy(...textsOf(pages))
}

/** Characters that the names of rooms under many a grant begin with. */
const shortPrefix = 3

/** find.own-rooms: whatever its grants are, under a prefix that says less than they do, and under one that says more. */
async function showsEachUserItsRooms(t: CheckContext): Promise<void> {
  for (const user of t.target.needsAuth ? t.target.users.keys() : [0]) {
    const a = await t.client({ user })
    const room = t.room(user)
    await enter(t, a, room)
    for (const prefix of [room, room.slice(0, -1), room.slice(0, shortPrefix)])
      await requireFound(t, a, room, prefix)
  }
}

/** Pages after which a search among the rooms of others is given up. */
const mostPages = 30

async function requireFound(t: CheckContext, a: Endpoint, room: string, prefix: string): Promise<void> {
  const find = { kind: 'rooms', prefix } as const
  const texts: string[] = []
  let cursor: string | undefined
  do {
    const page = await findPage(t, a, { ...find, ...(cursor === undefined ? {} : { cursor }) })
    if (page.items.some((item) => item.room === room)) return
    texts.push(page.text)
    cursor = page.cursor
  } while (cursor !== undefined && texts.length < mostPages)
  if (cursor !== undefined)
    t.notObserved(`The search did not come to its end within ${String(mostPages)} pages`)
  throw new CheckFailure(
    `the room that the client is in, ${words([room])}, for ${findWords(find)}`,
    'it was not found',
  ).shownBy(...texts)
}

const options = { capability: 'discovery' } as const

/** Checks of what a client finds of its own rooms. */
export const ownRoomsChecks: readonly Check[] = [
  check('find.own-rooms', 'the rooms that the client is in', showsOwnRooms, options),
  check('find.own-rooms', 'the rooms of each user, by shorter and longer prefixes', showsEachUserItsRooms, {
    ...options,
    name: 'prefixes',
  }),
]

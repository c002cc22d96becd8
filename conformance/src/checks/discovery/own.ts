import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { enter, needsRooms } from '../scene/membership.ts'
import { fullRoom } from '../scene/full-room.ts'
import { hasTwoUsers, requireToken, userOf } from '../scene/token.ts'
import {
  findPage,
  findWords,
  inRooms,
  nameOf,
  namesOf,
  pageOf,
  requireFound,
  requireOrder,
  search,
  textsOf,
  words,
} from './stage.ts'

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
      await requireFound(t, a, { kind: 'rooms', prefix }, room)
  }
}

/** find.own-rooms: also one in which no place is left. */
async function showsFullRooms(t: CheckContext): Promise<void> {
  const { places, found, displaced } = await fullRoom(t)
  if (displaced.code !== 'room-full') t.couldNotRun('The room is not full: see rooms.full')
  if (found?.type !== 'found') return t.couldNotRun('The room was not looked for: see find.reply')
  const { items, text } = pageOf(found)
  if (items.length > 0) return
  throw new CheckFailure(
    `the room that the client is in, whose ${String(places)} places are all taken`,
    'it was not found',
  ).shownBy(text)
}

/** find.order: names that are written with digits are compared as strings, too. */
async function ordersDigits(t: CheckContext): Promise<void> {
  if (t.target.users[0]?.authenticated?.grants !== undefined)
    t.notApplicable("The user's grants may not cover such names")
  needsRooms(t, 2)
  const digits = (count: number) => Array.from({ length: count }, () => String(t.random.integer(10))).join('')
  // So many digits that nobody else has that room, and so few that they are taken for the place in a list.
  const prefix = `1${digits(5)}`
  const a = await t.client()
  for (const room of [`${prefix}9${digits(2)}`, `${prefix}1${digits(3)}`]) await enter(t, a, room)
  for (const limit of [1, 100]) {
    const pages = await search(t, a, { kind: 'rooms', prefix, limit })
    requireOrder(namesOf(pages), textsOf(pages))
  }
}

/** find.order: what several grants let a client see is one list. */
async function mergesGrants(t: CheckContext): Promise<void> {
  const user = t.target.users.findIndex((_, index) => joinable(t, index).length > 1)
  if (user < 0) t.notApplicable('No user of the kit has grants with several prefixes to join')
  const prefixes = joinable(t, user)
  needsRooms(t, prefixes.length)
  const a = await t.client({ user })
  const rooms = prefixes.map((prefix) => `${prefix}order-${t.random.hex(24)}`)
  for (const room of rooms) await enter(t, a, room)
  const pages = await search(t, a, { kind: 'rooms' })
  requireOrder(namesOf(pages), textsOf(pages))
}

/** The prefixes under which a user may join rooms. */
function joinable(t: CheckContext, user: number): readonly string[] {
  const grants = t.target.users[user]?.authenticated?.grants ?? []
  return grants.flatMap(({ prefix, join }) =>
    join && prefix !== undefined && prefix.length <= 96 ? [prefix] : [],
  )
}

/** find.own-user: among others, page by page. */
async function showsOwnUserAmongOthers(t: CheckContext): Promise<void> {
  requireToken(t)
  const users = hasTwoUsers(t) ? [0, 1] : [0]
  const clients = await Promise.all(users.map((user) => t.client({ user })))
  for (const [user, a] of clients.entries())
    for (const limit of [1, 100]) await requireFound(t, a, { kind: 'users', limit }, userOf(t, user))
}

/** find.order: a user with two connections is one user. */
async function countsUsersOnce(t: CheckContext): Promise<void> {
  requireToken(t)
  const [a] = await Promise.all([t.client(), t.client(), t.client({ capabilities: [] })])
  const pages = await search(t, a, { kind: 'users', prefix: userOf(t) })
  requireOrder(namesOf(pages), textsOf(pages))
}

/** find.prefix: of users, by prefixes that end as the client's own name does, go on after it, or turn off before its end. */
async function keepsToPrefixesOfUsers(t: CheckContext): Promise<void> {
  requireToken(t)
  const a = await t.client()
  const own = userOf(t)
  for (const prefix of [own.slice(1), `${own}~`, `${own.slice(0, -1)}~`]) {
    const find = { kind: 'users', prefix } as const
    const { items, text } = await findPage(t, a, find)
    const wrong = items.find((item) => !nameOf(item).startsWith(prefix))
    if (wrong !== undefined)
      throw new CheckFailure(
        `nothing but names that begin so for ${findWords(find)}`,
        `there came ${words([nameOf(wrong)])}`,
      ).shownBy(text)
  }
}

/** find.complete: a prefix that is the whole name of what is there. */
async function findsWholeNames(t: CheckContext): Promise<void> {
  const { a, prefix, rooms } = await inRooms(t, ['', 'a'])
  const pages = await search(t, a, { kind: 'rooms', prefix })
  const missing = rooms.filter((room) => !namesOf(pages).includes(room))
  if (missing.length > 0)
    throw new CheckFailure(
      `a room whose name is the prefix of the search, and one whose name goes on behind it: ${words(rooms)}`,
      `${words(missing)} was on none of the pages`,
    ).shownBy(...textsOf(pages))
}

const options = { capability: 'discovery' } as const

/** Checks of what a client finds of its own. */
export const ownChecks: readonly Check[] = [
  check('find.own-rooms', 'the rooms that the client is in', showsOwnRooms, options),
  check('find.own-rooms', 'the rooms of each user, by shorter and longer prefixes', showsEachUserItsRooms, {
    ...options,
    name: 'prefixes',
  }),
  check('find.own-rooms', 'a room that is full', showsFullRooms, { ...options, name: 'full' }),
  check('find.order', 'names of digits alone', ordersDigits, { ...options, name: 'digits' }),
  check('find.order', 'rooms that several grants let a client see', mergesGrants, {
    ...options,
    name: 'grants',
  }),
  check('find.order', 'a user with several connections', countsUsersOnce, { ...options, name: 'users' }),
  check('find.prefix', 'users, by what their names hold elsewhere', keepsToPrefixesOfUsers, {
    ...options,
    name: 'users',
  }),
  check('find.complete', 'a room whose whole name is the prefix', findsWholeNames, {
    ...options,
    name: 'whole-name',
  }),
  check('find.own-user', 'among all users that the client sees, page by page', showsOwnUserAmongOthers, {
    ...options,
    name: 'pages',
  }),
]

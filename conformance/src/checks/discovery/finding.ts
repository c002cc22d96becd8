import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost } from '../../engine/failure.ts'
import { enter, leaveRoom, seesLeave } from '../scene/membership.ts'
import { waitingMemberChecks } from '../resume/search-meanwhile.ts'
import { authenticate, authenticateAgain, requireToken, tokenOf, userOf } from '../scene/token.ts'
import { changesOf } from '../scene/two-grants.ts'
import { grantedRoom } from '../scene/granted-room.ts'
import { ownChecks } from './own.ts'
import { presentChecks } from './present.ts'
import {
  findPage,
  findWords,
  inRooms,
  nameOf,
  namesOf,
  pageOf,
  requireOrder,
  search,
  textsOf,
  tryFind,
  words,
} from './stage.ts'

/** find.reply: with an `id` and without, of both kinds, with and without matches. */
async function answersFinds(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, ['a'])
  const finds = [
    { kind: 'rooms', prefix },
    { kind: 'rooms', prefix: `${prefix}~` },
    { kind: 'rooms', prefix, limit: 1 },
    { kind: 'rooms', prefix, limit: 1000 },
    { kind: 'users', prefix },
    { kind: 'rooms', prefix: '~'.repeat(128) },
  ] as const
  for (const find of finds) {
    const outcome = await tryFind(t, a, find)
    if (outcome.type === 'found') continue
    const failure = unexpected(outcome, `found for ${findWords(find)}`)
    // Its schema accepts it.
    throw outcome.code === 'bad-message'
      ? Object.assign(failure, { presupposes: 'frames.good-shape' } as const)
      : failure
  }
  const since = a.log.length
  a.send({ type: 'find', kind: 'rooms', prefix })
  await a.waitFor(
    ({ message: { type, ref, code } }) =>
      ref === undefined && (type === 'found' || (type === 'error' && code === 'rate-limited')),
    'found for a find without id',
    { since },
  )
}

/** find.kind: rooms, and where there are users the client's own. */
async function givesWhatIsAskedFor(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, ['a'])
  const own = t.target.needsAuth && t.target.users.length > 0 ? userOf(t) : ''
  const finds = [
    { kind: 'rooms', prefix },
    { kind: 'users', prefix },
    ...(own === '' ? [] : [{ kind: 'users', prefix: own } as const, { kind: 'rooms', prefix: own } as const]),
  ] as const
  for (const find of finds) {
    const { items, text } = await findPage(t, a, find)
    const wrong = items.find((item) => (find.kind === 'rooms') !== (item.room !== undefined))
    if (wrong)
      throw new CheckFailure(
        `${find.kind} for ${findWords(find)}`,
        `there came ${wrong.room === undefined ? 'a user' : 'a room'}`,
      ).shownBy(text)
  }
}

/** find.members: with one member, with two, and with one again. */
async function countsMembers(t: CheckContext): Promise<void> {
  const { a, prefix, rooms } = await inRooms(t, ['a'])
  const [room = ''] = rooms
  const b = await t.client()
  const requireCount = async (members: number, when: string) => {
    const { items, text } = await findPage(t, a, { kind: 'rooms', prefix })
    const item = items.find((one) => one.room === room)
    if (item?.room === undefined)
      throw Object.assign(
        new CheckFailure('the room that the client is in', 'it was not found').shownBy(text),
        {
          presupposes: 'find.own-rooms',
        } as const,
      )
    if (item.members === members) return
    throw new CheckFailure(
      `members ${String(members)} for a room ${when}`,
      `it was ${String(item.members)}`,
    ).shownBy(text)
  }
  await requireCount(1, 'of one member')
  await enter(t, b, room)
  await requireCount(2, 'of two members')
  await enter(t, b, room)
  await requireCount(2, 'of two members, of which one has joined again')
  await leaveRoom(b, room)
  await requireCount(1, 'that one of two members has left')
  const c = await t.client()
  await enter(t, c, room)
  await requireCount(2, 'of two members again')
  c.link.abort()
  await seesLeave(a, room, c)
  await requireCount(1, 'of which one of two members was lost')
}

/** find.prefix: exactly, whatever its characters mean elsewhere. */
async function keepsToPrefixes(t: CheckContext): Promise<void> {
  const tails = ['a', 'A', '_', '%', '*', '.']
  const { a, prefix } = await inRooms(t, tails)
  for (const tail of [...tails, '?', '^']) {
    const find = { kind: 'rooms', prefix: `${prefix}${tail}` } as const
    const pages = await search(t, a, find)
    const wrong = namesOf(pages).find((name) => !name.startsWith(find.prefix))
    if (wrong !== undefined)
      throw new CheckFailure(
        `nothing but names that begin so for ${findWords(find)}`,
        `there came ${words([wrong])}`,
      ).shownBy(...textsOf(pages))
  }
}

/** Last characters whose order is another one in dictionaries, by length or by the time of joining. */
const tails = ['b', '~', 'A', '1', 'a', 'B', '_', ' '] as const

/** find.order */
async function goesUp(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, tails)
  for (const limit of [3, 100]) {
    const pages = await search(t, a, { kind: 'rooms', prefix, limit })
    requireOrder(namesOf(pages), textsOf(pages))
  }
}

/** find.order: what begins before the place of the search pushes nothing onto the next page. */
async function countsNothingTwice(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, ['c', 'e', 'g', 'i'])
  const b = await t.client()
  const pages = await search(t, a, { kind: 'rooms', prefix, limit: 2 }, async ({ items }, number) => {
    if (number === 1) for (const tail of ['a', 'b', 'd', 'f']) await enter(t, b, `${prefix}${tail}`)
    // The room at which the search stands ends: it goes on behind it all the same.
    const last = items.at(-1)?.room
    if (number === 2 && last !== undefined) await leaveRoom(/[abdf]$/.test(last) ? b : a, last)
  })
  requireOrder(namesOf(pages), textsOf(pages))
}

/** find.complete: rooms come and go on both sides of the place of the search. */
async function losesNothing(t: CheckContext): Promise<void> {
  const staying = ['c', 'g', 'k', 'm']
  const { a, prefix, rooms } = await inRooms(t, [...staying, 'a', 'b'])
  const b = await t.client()
  const pages = await search(t, a, { kind: 'rooms', prefix, limit: 2 }, async (_page, number) => {
    if (number !== 1) return
    for (const tail of ['a', 'b']) await leaveRoom(a, `${prefix}${tail}`)
    await enter(t, b, `${prefix}h`)
    await leaveRoom(b, `${prefix}h`)
  })
  const found = namesOf(pages)
  const missing = rooms.slice(0, staying.length).filter((room) => !found.includes(room))
  if (missing.length > 0)
    throw new CheckFailure(
      'on one of the pages every room that was there all along, while others came and went',
      `${words(missing)} was on none`,
    ).shownBy(...textsOf(pages))
}

/** find.complete: whatever is left over for the last page. */
async function losesNothingAtTheEnd(t: CheckContext): Promise<void> {
  // Some names begin as the whole name before them; behind `~` there is no character that a name may have.
  const { a, prefix, rooms } = await inRooms(t, ['a', 'ab', 'b', '~~'])
  for (let limit = 1; limit <= rooms.length + 1; limit += 1) {
    const pages = await search(t, a, { kind: 'rooms', prefix, limit })
    const found = namesOf(pages)
    const missing = rooms.filter((room) => !found.includes(room))
    if (missing.length > 0)
      throw new CheckFailure(
        `all ${String(rooms.length)} rooms on the pages of a search with limit ${String(limit)}`,
        `${words(missing)} was on none`,
      ).shownBy(...textsOf(pages))
  }
}

/** find.limit */
async function keepsToLimits(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, ['a', 'b', 'c', 'd'])
  for (const limit of [1, 2, 3]) {
    const pages = await search(t, a, { kind: 'rooms', prefix, limit })
    const long = pages.find(({ items }) => items.length > limit)
    if (long)
      throw new CheckFailure(
        `${String(limit)} items at most on a page with limit ${String(limit)}`,
        `it had ${String(long.items.length)}`,
      ).shownBy(long.text)
  }
  const find = { kind: 'rooms', prefix, limit: 2 } as const
  const { cursor } = await findPage(t, a, find)
  if (cursor === undefined) return
  const { items, text } = await findPage(t, a, { ...find, limit: 1, cursor })
  if (items.length > 1)
    throw new CheckFailure(
      '1 item at most on a page with limit 1, where the page before had limit 2',
      `it had ${String(items.length)}`,
    ).shownBy(text)
}

/** find.progress: of every search, also where the last page is full, and of one that finds nothing. */
async function comesToAnEnd(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, ['a', 'b'])
  for (const find of [
    { kind: 'rooms', prefix, limit: 1 },
    { kind: 'rooms', prefix, limit: 2 },
    { kind: 'rooms', prefix: `${prefix}~` },
    { kind: 'users', prefix },
  ] as const) {
    try {
      await search(t, a, find)
    } catch (error) {
      if (!(error instanceof CheckFailure) || error.presupposes !== 'find.progress') throw error
      throw new CheckFailure(error.expected, error.actual).shownBy(...error.frames)
    }
  }
}

/** find.cursor: again, with another limit, and where its peer has authenticated again. */
async function takesCursors(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, ['a', 'b', 'c'])
  const find = { kind: 'rooms', prefix, limit: 1 } as const
  const { cursor } = await findPage(t, a, find)
  if (cursor === undefined) return t.notObserved('The first page has no cursor')
  for (const [limit, what] of [
    [1, 'for the first time'],
    [1, 'once more'],
    [2, 'with another limit'],
    [1, 'after other searches'],
    ...(t.target.needsAuth ? [[1, 'after a further auth'] as const] : []),
  ] as const) {
    if (what === 'after a further auth') await authenticateAgain(t, a)
    if (what === 'after other searches')
      for (const other of [find, { kind: 'rooms', prefix: `${prefix}b` }, { kind: 'users', prefix }] as const)
        await findPage(t, a, other)
    const expected = `found for the cursor of the page before, ${what}`
    const outcome = await tryFind(t, a, { ...find, limit, cursor })
    if (outcome.type !== 'found') throw unexpected(outcome, expected)
    const { items, text } = pageOf(outcome)
    const again = items.find((item) => nameOf(item) <= `${prefix}a`)
    if (again) throw new CheckFailure(expected, 'the page began again').shownBy(text)
    const [next] = items
    if (!next || nameOf(next) !== `${prefix}b`)
      throw new CheckFailure(
        `${expected}: it goes on behind the page that the cursor came with, with ${words([`${prefix}b`])}`,
        next ? `it went on with ${words([nameOf(next)])}` : 'the page had no item',
      ).shownBy(text)
  }
}

/** Searches of one peer that are begun, and go on only when all of them are. */
const manySearches = 20

/** find.cursor: each of many that one peer has been sent, the oldest first. */
async function takesManyCursors(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, ['a', 'b', 'c'])
  // Two kinds of searches: what is kept for each kind is kept for all.
  const searches = Array.from({ length: manySearches }, (_, number) => ({
    kind: 'rooms' as const,
    prefix: number % 2 === 0 ? prefix : prefix.slice(0, -1),
    limit: 1,
  }))
  const begun = []
  for (const find of searches) begun.push({ find, ...(await findPage(t, a, find)) })
  for (const [place, { find, cursor }] of begun.entries()) {
    if (cursor === undefined) return t.notObserved('A first page has no cursor')
    const outcome = await tryFind(t, a, { ...find, cursor })
    if (outcome.type === 'found') continue
    const later = manySearches - 1 - place
    throw unexpected(
      outcome,
      `found for the cursor of a first page, after ${String(later)} later searches of the same client`,
    )
  }
}

/** Milliseconds for which a cursor has to be good, less what the kit keeps away from their end. */
const lastingMs = 58_000

/** Milliseconds after which the kit shows a sign of life. */
const aliveMs = 20_000

/** find.cursor: almost to the end of the time for which it has to be good. */
async function keepsCursors(t: CheckContext): Promise<void> {
  t.cost({ ms: lastingMs }, 'Waiting until a cursor is almost a minute old')
  const { a, prefix } = await inRooms(t, ['a', 'b', 'c'])
  const find = { kind: 'rooms', prefix, limit: 1 } as const
  const { cursor } = await findPage(t, a, find)
  if (cursor === undefined) return t.notObserved('The first page has no cursor')
  for (let left = lastingMs; left > 0; left -= aliveMs) {
    if (await a.endsWithin(Math.min(left, aliveMs)))
      throw new ConnectionLost('a connection that lasts', 'it ended')
    await a.sync()
  }
  const outcome = await tryFind(t, a, { ...find, cursor })
  if (outcome.type !== 'found') throw unexpected(outcome, 'found for a cursor that is not a minute old')
}

/** find.unknown-cursor */
async function refusesCursors(t: CheckContext): Promise<void> {
  const { a, prefix, rooms } = await inRooms(t, ['a', 'b', 'c'])
  const b = await t.client()
  for (const room of rooms) await enter(t, b, room)
  const find = { kind: 'rooms', prefix, limit: 1 } as const
  const { cursor } = await findPage(t, a, find)
  if (cursor === undefined) return t.notObserved('The first page has no cursor')
  const cases = [
    ['a cursor that was never sent', a, { ...find, cursor: `none-${t.random.hex(24)}` }],
    ['a cursor that was sent to another peer', b, { ...find, cursor }],
    ['a cursor that was sent for a longer prefix', a, { ...find, prefix: prefix.slice(0, -1), cursor }],
    ['a cursor that was sent for a shorter prefix', a, { ...find, prefix: `${prefix}c`, cursor }],
    ['a cursor that was sent for another kind', a, { ...find, kind: 'users', cursor }],
    ['a cursor that was sent for a prefix', a, { kind: 'rooms', limit: 1, cursor }],
  ] as const
  for (const [what, from, wrong] of cases) {
    const outcome = await tryFind(t, from, wrong)
    if (outcome.code !== 'unknown-cursor') throw unexpected(outcome, `unknown-cursor for ${what}`)
  }
  const outcome = await tryFind(t, a, { ...find, cursor })
  if (outcome.type !== 'found')
    throw Object.assign(unexpected(outcome, 'found for the cursor as it was sent'), {
      presupposes: 'find.cursor',
    } as const)
}

/** find.may-join */
async function hidesForbiddenRooms(t: CheckContext): Promise<void> {
  const { room, outsider, insider } = grantedRoom(t, 'closed')
  const [inside, outside] = await Promise.all([t.client({ user: insider }), t.client({ user: outsider })])
  await enter(t, inside, room)
  const find = { kind: 'rooms', prefix: room } as const
  if (!namesOf(await search(t, inside, find)).includes(room))
    throw Object.assign(new CheckFailure('the room that its member looks for', 'it was not found'), {
      presupposes: 'find.own-rooms',
    } as const)
  const pages = await search(t, outside, find)
  if (namesOf(pages).includes(room))
    throw new CheckFailure(
      'no room that the grants of the client do not let it join',
      `${words([room])} was found`,
    ).shownBy(...textsOf(pages))
}

/** find.may-join: what a refresh takes away is seen no longer, also by who is in the room still. */
async function hidesLostRooms(t: CheckContext): Promise<void> {
  for (const { before, after, lost } of changesOf(t, 'join')) {
    const [room] = lost
    if (room === undefined) continue
    const a = await t.client({ user: before.user })
    await enter(t, a, room)
    const find = { kind: 'rooms', prefix: room } as const
    if (!namesOf(await search(t, a, find)).includes(room))
      throw Object.assign(new CheckFailure('the room that its member looks for', 'it was not found'), {
        presupposes: 'find.own-rooms',
      } as const)
    const later = await tokenOf(t, after.user)
    const outcome = await authenticate(a, later)
    if (outcome.type !== 'authenticated')
      throw Object.assign(unexpected(outcome, 'authenticated for another token of the same user'), {
        presupposes: 'auth.refresh',
      } as const)
    const pages = await search(t, a, find)
    if (namesOf(pages).includes(room))
      throw new CheckFailure(
        'no room that the grants of the client let it join no longer',
        `${words([room])} was found`,
      ).shownBy(...textsOf(pages))
  }
}

/** find.own-user */
async function showsOwnUser(t: CheckContext): Promise<void> {
  requireToken(t)
  const a = await t.client()
  const user = userOf(t)
  const { items, text } = await findPage(t, a, { kind: 'users', prefix: user, limit: 1 })
  // Of all names that begin so it is the lowest.
  if (items[0]?.user === user) return
  throw new CheckFailure(
    `the user as whom the client is authenticated, ${words([user])}`,
    `there came ${words(items.map(nameOf))}`,
  ).shownBy(text)
}

const options = { capability: 'discovery' } as const

/** Checks of spec/discovery.md: finding. */
export const findingChecks: readonly Check[] = [
  check('find.may-join', 'a room that grants do not open', hidesForbiddenRooms, options),
  ...ownChecks,
  check('find.may-join', 'a room that a refresh has closed', hidesLostRooms, { ...options, name: 'refresh' }),
  check('find.own-user', 'the user as whom the client is authenticated', showsOwnUser, options),
  check('find.reply', 'finds of every form', answersFinds, options),
  check('find.kind', 'rooms and users', givesWhatIsAskedFor, options),
  ...presentChecks,
  check('find.members', 'the number of members as they come and go', countsMembers, options),
  ...waitingMemberChecks,
  check('find.prefix', 'prefixes with characters that mean something elsewhere', keepsToPrefixes, options),
  check('find.order', 'names of all kinds of characters', goesUp, options),
  check('find.order', 'rooms that begin during a search', countsNothingTwice, { ...options, name: 'joins' }),
  check('find.complete', 'rooms that come and go during a search', losesNothing, options),
  check('find.complete', 'searches with each limit', losesNothingAtTheEnd, { ...options, name: 'limits' }),
  check('find.limit', 'pages of one, two and three', keepsToLimits, options),
  check('find.progress', 'searches to the last page', comesToAnEnd, options),
  check('find.cursor', 'one cursor again and again', takesCursors, options),
  check('find.cursor', 'many cursors of one client', takesManyCursors, {
    ...options,
    name: 'many',
    lengthy: true,
  }),
  check('find.cursor', 'a cursor that is almost a minute old', keepsCursors, {
    ...options,
    name: 'lasting',
    lengthy: true,
  }),
  check('find.unknown-cursor', 'cursors of others, for something else, and made up', refusesCursors, options),
]

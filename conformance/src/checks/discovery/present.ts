import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { enter, leaveRoom, needsRooms, seesLeave } from '../scene/membership.ts'
import { findPage, inRooms, nameOf, namesOf, search, textsOf, words } from './stage.ts'

/** Milliseconds between two looks at what may go at any moment. */
const pauseMs = 200

/** find.present: a room that all have left, and one that the client alone has left. */
async function forgetsRooms(t: CheckContext): Promise<void> {
  const { a, prefix, rooms } = await inRooms(t, ['a', 'b'])
  const [kept = '', left = ''] = rooms
  await search(t, a, { kind: 'rooms', prefix })
  await leaveRoom(a, left)
  const pages = await search(t, a, { kind: 'rooms', prefix })
  const wrong = namesOf(pages).find((name) => name !== kept)
  if (wrong !== undefined)
    throw new CheckFailure(
      'no room but those that have members',
      `there came ${words([wrong])}, which all have left`,
    ).shownBy(...textsOf(pages))
}

/** find.present: a room whose only member was cut off. */
async function forgetsLostRooms(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const { a, prefix, rooms } = await inRooms(t, ['a'])
  const [kept = ''] = rooms
  const b = await t.client()
  await enter(t, b, kept)
  const alone = `${prefix}b`
  await enter(t, b, alone)
  b.link.abort()
  await seesLeave(a, kept, b)
  const deadline = performance.now() + t.dueMs
  let pages = await search(t, a, { kind: 'rooms', prefix })
  while (namesOf(pages).includes(alone) && performance.now() < deadline) {
    await a.endsWithin(pauseMs)
    pages = await search(t, a, { kind: 'rooms', prefix })
  }
  if (namesOf(pages).includes(alone))
    throw new CheckFailure(
      'no room but those that have members',
      `there came ${words([alone])}, whose only member was cut off`,
    ).shownBy(...textsOf(pages))
}

/** find.present: a room that all have left since the page before. */
async function forgetsRoomsMeanwhile(t: CheckContext): Promise<void> {
  const { a, prefix } = await inRooms(t, ['a', 'b', 'c', 'd'])
  const gone = ['b', 'd'].map((tail) => `${prefix}${tail}`)
  const pages = await search(t, a, { kind: 'rooms', prefix, limit: 1 }, async (_page, number) => {
    if (number === 1) for (const room of gone) await leaveRoom(a, room)
  })
  const wrong = namesOf(pages.slice(1)).filter((name) => gone.includes(name))
  if (wrong.length > 0)
    throw new CheckFailure(
      'on a page no room that all have left before its find',
      `there came ${words(wrong)}`,
    ).shownBy(...textsOf(pages))
}

/** find.present: where nobody authenticates there are no users. */
async function knowsNoUsers(t: CheckContext): Promise<void> {
  if (t.target.welcome.auth.length > 0) t.notApplicable('The server asks for authentication: it has users')
  const a = await t.client()
  const { items, text } = await findPage(t, a, { kind: 'users', limit: 1 })
  if (items.length > 0)
    throw new CheckFailure(
      'no users where nobody authenticates',
      `there came ${words(items.map(nameOf))}`,
    ).shownBy(text)
}

const options = { capability: 'discovery' } as const

/** Checks of find.present: who and what has gone is in no search. */
export const presentChecks: readonly Check[] = [
  check('find.present', 'a room that all have left', forgetsRooms, options),
  check('find.present', 'a room whose only member was cut off', forgetsLostRooms, {
    ...options,
    name: 'lost',
  }),
  check('find.present', 'rooms that all leave during a search', forgetsRoomsMeanwhile, {
    ...options,
    name: 'pages',
  }),
  check('find.present', 'users where nobody authenticates', knowsNoUsers, { ...options, name: 'no-users' }),
]

import type { Find, Found, FoundRoom, FoundUser, Presence } from '@parley/schemas'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { requestInTime, retryAfterOf } from '../../endpoint/retry.ts'
import { clip } from '../../observer/frame-observer.ts'
import { enter, needsRooms } from '../scene/membership.ts'

/** A search: what its pages have in common. */
export type Search = Pick<Find, 'kind' | 'prefix' | 'limit'>

/** One page, and the frame that it came in. */
export interface Page {
  readonly items: readonly (FoundRoom | FoundUser)[]
  readonly cursor: string | undefined
  readonly text: string
}

/** Pages after which a search of the few rooms of a check is given up. */
const mostPages = 30

/** Sends a find and returns its outcome; again when the server says, where it was refused for coming too often. */
export async function tryFind(t: CheckContext, a: Endpoint, find: Omit<Find, 'type'>): Promise<Outcome> {
  const outcome = await requestInTime(a, { type: 'find', ...find })
  const wait = retryAfterOf(outcome)
  if (wait !== undefined) t.notObserved(`The server asks to wait ${String(wait)} ms before the next find`)
  return outcome
}

/** Sends a find and returns the page that answers it. */
export async function findPage(t: CheckContext, a: Endpoint, find: Omit<Find, 'type'>): Promise<Page> {
  const outcome = await tryFind(t, a, find)
  if (outcome.type !== 'found')
    throw Object.assign(unexpected(outcome, `found for ${findWords(find)}`), {
      presupposes: find.cursor === undefined ? 'find.reply' : 'find.cursor',
    } as const)
  return pageOf(outcome)
}

/** The page that an outcome is. */
export function pageOf({ message, text }: Pick<Outcome, 'message' | 'text'>): Page {
  const { items, cursor } = message as unknown as Found
  return { items, cursor, text }
}

/** A find in words. */
export function findWords({ kind, prefix, limit, cursor }: Omit<Find, 'type'>): string {
  const under = prefix === undefined ? '' : ` with the prefix ${clip(words([prefix]))}`
  const most = limit === undefined ? '' : `, ${String(limit)} at most`
  return `a find of ${kind}${under}${most}${cursor === undefined ? '' : ', with the cursor of the page before'}`
}

/**
 * Searches to the last page.
 *
 * @param between - Done after each page that another one follows.
 */
export async function search(
  t: CheckContext,
  a: Endpoint,
  wanted: Search,
  between: (page: Page, number: number) => Promise<void> = () => Promise.resolve(),
): Promise<readonly Page[]> {
  const pages: Page[] = []
  let cursor: string | undefined
  do {
    const page = await findPage(t, a, { ...wanted, ...(cursor === undefined ? {} : { cursor }) })
    pages.push(page)
    cursor = page.cursor
    if (cursor === undefined) break
    if (page.items.length === 0)
      throw Object.assign(
        new CheckFailure('an item on a page with cursor', 'the page had none').shownBy(page.text),
        { presupposes: 'find.progress' } as const,
      )
    await between(page, pages.length)
  } while (pages.length < mostPages)
  if (cursor !== undefined) giveUp(t, pages)
  return pages
}

/** Ends a check whose search does not end: names that come again show why. */
function giveUp(t: CheckContext, pages: readonly Page[]): never {
  for (let most = 2; most <= pages.length; most += 1) {
    const begun = pages.slice(0, most)
    try {
      requireOrder(namesOf(begun), textsOf(begun))
    } catch (error) {
      throw Object.assign(error as CheckFailure, { presupposes: 'find.order' } as const)
    }
  }
  return t.notObserved(`The search did not come to its end within ${String(mostPages)} pages`)
}

/**
 * Searches until a name is found that the client has to see.
 *
 * @throws `CheckFailure` where it is on none of the pages.
 */
export async function requireFound(t: CheckContext, a: Endpoint, find: Search, name: string): Promise<void> {
  const pages: Page[] = []
  let cursor: string | undefined
  do {
    const page = await findPage(t, a, { ...find, ...(cursor === undefined ? {} : { cursor }) })
    if (page.items.some((item) => nameOf(item) === name)) return
    pages.push(page)
    cursor = page.cursor
  } while (cursor !== undefined && pages.length < mostPages)
  if (cursor !== undefined) giveUp(t, pages)
  throw new CheckFailure(
    `the client's own, ${words([name])}, for ${findWords(find)}`,
    'it was not found',
  ).shownBy(...textsOf(pages))
}

/** Fails unless each name of a search is higher than the one before. */
export function requireOrder(names: readonly string[], texts: readonly string[]): void {
  const place = names.findIndex((name, index) => index > 0 && name <= (names[index - 1] ?? ''))
  if (place < 0) return
  throw new CheckFailure(
    'each name of a search higher than the one before, compared as strings',
    `${words([names[place] ?? ''])} came after ${words([names[place - 1] ?? ''])}`,
  ).shownBy(...texts)
}

/** The name of an item. */
export function nameOf(item: FoundRoom | FoundUser): string {
  return item.room ?? item.user
}

/** All names of a search, in the order of its pages. */
export function namesOf(pages: readonly Page[]): readonly string[] {
  return pages.flatMap(({ items }) => items.map(nameOf))
}

/** Frames of pages, for a failure. */
export function textsOf(pages: readonly Page[]): readonly string[] {
  return pages.map(({ text }) => text)
}

/** What of a name is drawn for one check. */
const drawn = /[0-9a-f]{24}/g

/** Names in words, without what is drawn: it stands in the frames. */
export function words(names: readonly string[]): string {
  return names.length === 0
    ? 'nothing'
    : names.map((name) => JSON.stringify(name.replaceAll(drawn, '…'))).join(', ')
}

/** A client in rooms of the kit's own whose names begin alike; each has one more character. */
export interface RoomScene {
  readonly a: Endpoint
  readonly prefix: string
  /** The rooms, in the order of `tails`. */
  readonly rooms: readonly string[]
}

/** Has a client join rooms with these last characters. */
export async function inRooms(t: CheckContext, tails: readonly string[]): Promise<RoomScene> {
  needsRooms(t, tails.length)
  const a = await t.client()
  const prefix = t.room()
  const rooms = tails.map((tail) => `${prefix}${tail}`)
  for (const room of rooms) await enter(t, a, room)
  return { a, prefix, rooms }
}

/** A user of whom the server cannot have heard. */
export function strangerUser(t: CheckContext): string {
  return `nobody-${t.random.hex(24)}`
}

/**
 * Watches users and waits for `ok`.
 *
 * @param what - The watch in words, where the check is about its being accepted.
 */
export async function watch(a: Endpoint, users: readonly string[], what?: string): Promise<Outcome> {
  const outcome = await a.request({ type: 'watch', users: [...users] })
  if (outcome.type === 'ok') return outcome
  const failure = unexpected(outcome, `ok for ${what ?? 'a watch'}`)
  throw what === undefined ? Object.assign(failure, { presupposes: 'watch.no-oracle' } as const) : failure
}

/** Ends watches and waits for `ok`. */
export async function unwatch(a: Endpoint, users: readonly string[]): Promise<Outcome> {
  const outcome = await a.request({ type: 'unwatch', users: [...users] })
  if (outcome.type !== 'ok') throw unexpected(outcome, 'ok for an unwatch')
  return outcome
}

/** What a client has been told of a user, from a place in its log on. */
export function toldOf(a: Endpoint, user: string, since = 0): readonly Presence[] {
  return a.log
    .filter(
      ({ index, message }) => index >= since && message['type'] === 'presence' && message['user'] === user,
    )
    .map(({ message }) => message as unknown as Presence)
}

/**
 * Watches one user and returns the presence that answers it.
 *
 * @param again - Whether the user is watched already.
 */
export async function look(a: Endpoint, user: string, again = false): Promise<Presence> {
  const since = a.log.length
  await watch(a, [user])
  return presupposing(
    again ? 'watch.again' : 'watch.first',
    hear(a, user, () => true, 'presence for a user that is watched', since),
  )
}

/** Waits for a presence of a user. */
export function hear(
  a: Endpoint,
  user: string,
  where: (presence: Presence) => boolean,
  what: string,
  since = 0,
): Promise<Presence> {
  return a.expect('presence', (m) => m.user === user && where(m), what, { since })
}

/** Presence in words. */
export function presenceWords({ online, revision }: Pick<Presence, 'online' | 'revision'>): string {
  return `${online ? 'online' : 'offline'} with revision ${String(revision)}`
}

import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { findPage, inRooms, tryFind, type Page } from '../discovery/stage.ts'
import { enter, needsRooms } from '../scene/membership.ts'
import { needsCapability } from './meanwhile.ts'
import { cut, resume, unlessLate } from './stage.ts'

const withDiscovery = { capabilities: ['resume', 'discovery'] } as const

/** find.members: a member whose session waits is one, and one whose session was resumed. */
async function countsWhoWaits(t: CheckContext): Promise<void> {
  needsCapability(t, 'resume')
  const { a, prefix, rooms } = await inRooms(t, ['a'])
  const [room = ''] = rooms
  const b = await t.client({ capabilities: ['resume'] })
  await enter(t, b, room)
  const requireBoth = (page: Page, whose: string) => {
    const found = page.items.find((item) => item.room === room)
    const members = found?.room === undefined ? undefined : found.members
    if (members === 2) return
    throw new CheckFailure(
      `members 2 for a room of two members, the session of one of which ${whose}`,
      `it was ${String(members)}`,
    ).shownBy(page.text)
  }
  const look = () => findPage(t, a, { kind: 'rooms', prefix })
  const lost = await cut(t, b)
  const away = await look()
  unlessLate(lost)
  await resume(t, lost, { later: await t.client({ capabilities: ['resume'] }) })
  requireBoth(away, 'waits')
  requireBoth(await look(), 'was resumed')
}

/** resume.goes-on: a search goes on where it was. */
async function searchesOn(t: CheckContext): Promise<void> {
  needsCapability(t, 'discovery')
  needsRooms(t, 2)
  const a = await t.client(withDiscovery)
  const prefix = t.room()
  for (const tail of ['a', 'b']) await enter(t, a, `${prefix}${tail}`)
  const find = { kind: 'rooms', prefix, limit: 1 } as const
  const { cursor } = await findPage(t, a, find)
  if (cursor === undefined) return t.notObserved('The first page has no cursor')
  const lost = await cut(t, a)
  const later = await resume(t, lost, { later: await t.client(withDiscovery) })
  const outcome = await tryFind(t, later, { ...find, cursor })
  if (outcome.type !== 'found')
    throw unexpected(outcome, 'found for the cursor of the page before, after a resume between them')
}

/** Checks of the searches of a session that waits. */
export const searchMeanwhileChecks: readonly Check[] = [
  check('resume.goes-on', 'a search with a resume between its pages', searchesOn, {
    capability: 'resume',
    name: 'cursor',
  }),
]

/** Checks of searches for who has a session. */
export const waitingMemberChecks: readonly Check[] = [
  check('find.members', 'a member whose session waits', countsWhoWaits, {
    capability: 'discovery',
    name: 'waiting',
  }),
]

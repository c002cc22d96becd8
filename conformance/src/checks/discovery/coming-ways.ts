import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { enter, leaveRoom, needsRooms } from '../scene/membership.ts'
import { cut, parametersOf, resume, unlessLate } from '../resume/stage.ts'
import { invalidToken } from '../scene/token.ts'
import { findPage, hear, look, nameOf, presenceWords, toldOf, unwatch } from './stage.ts'

/** Who watches the second user, and sees it. */
export interface Watching {
  readonly user: string
  readonly late: Endpoint
  /** Others who do so, for what is said of a change that has not been told to one. */
  readonly others?: readonly Endpoint[]
}

/** Has a connection fail to authenticate until the server ends it. Whether it does is for auth.third-failure to say: it ends here in any case. */
async function failsForGood(t: CheckContext, one: Endpoint): Promise<void> {
  let code: string | undefined = 'auth-failed'
  for (let failures = 0; failures < 3 && code === 'auth-failed'; failures += 1) {
    const refused = one.request({ type: 'auth', method: 'token', token: invalidToken(t) })
    code = (await presupposing('auth.third-failure', refused)).code
  }
  if (code !== 'auth-failed' || !(await one.endsInTime())) one.close()
}

/** How a connection of the user ends, in words. */
const ways: readonly (readonly [what: string, end: (t: CheckContext, one: Endpoint) => unknown])[] = [
  [
    'has said bye, in no room',
    (_t, one) => {
      one.send({ type: 'bye' })
    },
  ],
  [
    'was cut off',
    (_t, one) => {
      one.link.abort()
    },
  ],
  [
    'was replaced by one that is nobody’s',
    (t, one) => t.client({ anonymous: true, capabilities: [], hello: { replaces: one.session } }),
  ],
  ['was ended for its third auth-failed', failsForGood],
]

/** Waits until the one who watches has been told how the user is now; says of the others who watch, too, which have been. */
export async function awaitChange(
  { late, user, others = [] }: Watching,
  online: boolean,
  since: number,
  what: string,
): Promise<void> {
  const expected = `presence with online ${String(online)} at ${late.name}, which watches, ${what}`
  try {
    await hear(late, user, (said) => said.online === online, expected, since)
  } catch (error) {
    const told = others.filter((each) => {
      const [before, last] = toldOf(each, user).slice(-2)
      return each !== late && last?.online === online && before?.online !== online
    })
    if (!(error instanceof CheckFailure) || told.length === 0) throw error
    const names = told.map(({ name }) => name).join(' and ')
    throw error.inWords(error.expected, `${error.actual}; ${names}, watching too, got it`)
  }
}

/** watch.change: however the only connection of a user ends, and however often it has authenticated. */
export async function endsInEveryWay(t: CheckContext, watching: Watching): Promise<void> {
  const { late } = watching
  for (const [what, end] of ways) {
    const since = late.log.length
    const one = await t.client({ user: 1, capabilities: [] })
    await awaitChange(watching, true, since, 'for a user that has come online')
    const token = await t.token(1)
    const then = late.log.length
    if (token !== undefined) await one.request({ type: 'auth', method: 'token', token })
    await end(t, one)
    await awaitChange(watching, false, then, `for a user whose only connection, authenticated twice, ${what}`)
  }
}

/** watch.change: a watcher that is a member of a room is one like all others. */
export async function tellsMembers(t: CheckContext, watching: Watching, member: Endpoint): Promise<void> {
  needsRooms(t, 1)
  const room = t.room()
  await presupposing('rooms.joined', enter(t, member, room))
  await isToldOfBoth(t, watching, member, 'that watches and is a member of a room')
  await leaveRoom(member, room)
}

/**
 * The second user comes and goes, and another watcher is told of both, as the one that all parts have.
 *
 * @param which - What is special about it, in words that go on "at a client".
 */
export async function isToldOfBoth(
  t: CheckContext,
  watching: Watching,
  watcher: Endpoint,
  which: string,
): Promise<void> {
  const { late, user } = watching
  const [since, then] = [late.log.length, watcher.log.length]
  const told = async (online: boolean, what: string) => {
    await presupposing('watch.change', awaitChange(watching, online, since, what))
    const expected = `presence with online ${String(online)} ${what}, at a client ${which}`
    await hear(watcher, user, (said) => said.online === online, expected, then)
  }
  const one = await t.client({ user: 1, capabilities: [] })
  await told(true, 'for a user that has come online')
  one.close()
  await one.expectEnd()
  await told(false, 'for a user that has gone')
}

/** watch.unwatch: who begins anew is told each change once. */
export async function isToldOnce(t: CheckContext, watching: Watching, anew: Endpoint): Promise<void> {
  const { late, user } = watching
  await unwatch(anew, [user])
  await look(anew, user)
  const [since, then] = [anew.log.length, late.log.length]
  const one = await t.client({ user: 1, capabilities: [] })
  await hear(anew, user, ({ online }) => online, 'presence for a user that has come online', since)
  one.close()
  await one.expectEnd()
  await hear(anew, user, ({ online }) => !online, 'presence for a user that has gone', since)
  await anew.sync()
  await awaitChange(watching, false, then, 'for a user that has gone')
  const told = toldOf(anew, user, since)
  if (told.length > 2)
    throw new CheckFailure(
      'presence once for each change of a user that was watched, unwatched and watched again',
      `there came ${told.map(presenceWords).join(', ')}`,
    )
}

/** Ends a part that takes sessions where the server offers none. */
function needsSessions(t: CheckContext): void {
  if (!t.target.offered.names.has('resume'))
    throw new Undecided('not-applicable', 'The server does not offer resume')
}

/** watch.online: a session that waits is there. */
export async function staysWhileWaiting(t: CheckContext, watching: Watching): Promise<void> {
  needsSessions(t)
  const { late, user } = watching
  const since = late.log.length
  const session = { user: 1, capabilities: ['resume'] } as const
  const one = await t.client(session)
  await awaitChange(watching, true, since, 'for a user that has come online')
  const then = late.log.length
  const quiet = async (when: string) => {
    await late.sync()
    const [told] = toldOf(late, user, then)
    if (told) throw new CheckFailure(`no presence for a user ${when}`, `${presenceWords(told)} came`)
  }
  const lost = await cut(t, one)
  const fresh = await t.client()
  const said = await look(fresh, user)
  unlessLate(lost)
  if (!said.online)
    throw new CheckFailure('online true for a user whose only session waits', presenceWords(said))
  await quiet('whose only session waits')
  const later = await resume(t, lost, { later: await t.client(session) })
  await quiet('whose only session was resumed')
  await unwatch(fresh, [user])
  const anew = await look(fresh, user)
  if (!anew.online)
    throw new CheckFailure(
      'online true at a client that begins to watch a user whose only session was resumed',
      presenceWords(anew),
    )
  later.send({ type: 'bye' })
  await awaitChange(watching, false, then, 'for a user whose session was resumed, and has said bye')
}

/** find.complete: whose only session waits, or was resumed, is found. */
export async function isFoundWithItsSession(t: CheckContext, watching: Watching): Promise<void> {
  needsSessions(t)
  const { late, user } = watching
  const since = late.log.length
  const session = { user: 1, capabilities: ['resume'] } as const
  const one = await t.client(session)
  await presupposing('watch.change', awaitChange(watching, true, since, 'for a user that has come online'))
  const then = late.log.length
  const lost = await cut(t, one)
  const requireFound = async (when: string, unlessOver: () => void = () => undefined) => {
    const { items, text } = await findPage(t, late, { kind: 'users', prefix: user, limit: 1 })
    if (items.some((item) => nameOf(item) === user)) return
    unlessOver()
    throw new CheckFailure(`in a search the user ${when}`, 'the user was not found').shownBy(text)
  }
  await requireFound('whose only session waits', () => {
    unlessLate(lost)
  })
  const later = await resume(t, lost, { later: await t.client(session) })
  await requireFound('whose only session was resumed')
  later.send({ type: 'bye' })
  const gone = awaitChange(watching, false, then, 'for a user whose session was resumed, and has said bye')
  await presupposing('watch.change', gone)
}

/** Milliseconds within which a session whose time is over ends, and within which that is told. */
const endsWithinMs = 10_000

/** watch.change: a session that waits in vain is there no more. */
export async function goesWithItsWindow(t: CheckContext, watching: Watching): Promise<void> {
  needsSessions(t)
  const { late, user } = watching
  const since = late.log.length
  const one = await t.client({ user: 1, capabilities: ['resume'] })
  await awaitChange(watching, true, since, 'for a user that has come online')
  const { windowSeconds } = parametersOf(one)
  try {
    t.cost({ ms: 1000 * windowSeconds }, `The time for which a session waits (${String(windowSeconds)} s)`)
  } catch (error) {
    const before = late.log.length
    one.send({ type: 'bye' })
    await awaitChange(watching, false, before, 'for a user that has said bye')
    throw error
  }
  const then = late.log.length
  await cut(t, one)
  const isGone = () => toldOf(late, user, then).some(({ online }) => !online)
  if (await late.comesWithin(isGone, 1000 * windowSeconds + endsWithinMs + t.dueMs)) return
  throw new CheckFailure(
    `presence with online false within 10 s after the ${String(windowSeconds)} s for which the only session of a user waits, in vain`,
    'none came',
  )
}

/** watch.unwatch: of a watch from before a resume. */
export async function tellsNoMore(t: CheckContext, watching: Watching, resumed: Endpoint): Promise<void> {
  const { late, user } = watching
  const [since, before] = [late.log.length, resumed.log.length]
  const one = await t.client({ user: 1, capabilities: [] })
  await hear(
    resumed,
    user,
    ({ online }) => online,
    'presence with online true at a client that has resumed',
    before,
  )
  await unwatch(resumed, [user])
  const then = resumed.log.length
  one.close()
  await presupposing('watch.change', awaitChange(watching, false, since, 'for a user that has gone'))
  await resumed.sync()
  // What the scene goes on with takes no session: this one is to take no place.
  resumed.send({ type: 'bye' })
  const [told] = toldOf(resumed, user, then)
  if (told)
    throw new CheckFailure(
      'no presence after the unwatch of a user that was watched before a resume',
      `${presenceWords(told)} came`,
    )
}

/** watch.ends: the watches of a session that waits go on. Returns who watches when it has resumed. */
export async function tellsWhoWasAway(t: CheckContext, watching: Watching): Promise<Endpoint> {
  needsSessions(t)
  const { late, user } = watching
  const both = { capabilities: ['discovery', 'resume'] } as const
  const away = await t.client(both)
  await look(away, user)
  const since = late.log.length
  const lost = await cut(t, away)
  const one = await t.client({ user: 1, capabilities: [] })
  await awaitChange(watching, true, since, 'for a user that has come online')
  const later = await resume(t, lost, { later: await t.client(both) })
  const what = 'for a user that came online while the session of a client waited that watches it'
  await hear(later, user, ({ online }) => online, `presence with online true ${what}`)
  one.close()
  await hear(later, user, ({ online }) => !online, 'presence with online false at a client that has resumed')
  await presupposing('watch.change', awaitChange(watching, false, since, 'for a user that has gone'))
  return later
}

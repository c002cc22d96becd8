import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing, Undecided, Withheld } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { Company } from '../scene/company.ts'
import { requireTwoUsers, userOf } from '../scene/token.ts'
import {
  beginsWithThePresent,
  forgetsTheHasty,
  passesOverDevices,
  tellsNothingOfAuth,
  tellsWhoAuthenticatesAgain,
} from './coming-again.ts'
import {
  awaitChange,
  endsInEveryWay,
  goesWithItsWindow,
  isFoundWithItsSession,
  isToldOnce,
  staysWhileWaiting,
  tellsMembers,
  tellsNoMore,
  tellsWhoWasAway,
} from './coming-ways.ts'
import { staysWhenRefused, staysWhoItIs, tellsOfNoNamesake, watchNamesakes } from './namesake.ts'
import { hear, look, namesOf, presenceWords, search, strangerUser, toldOf, unwatch, watch } from './stage.ts'

/** What is looked at where a user comes and goes. */
export type ComingPart =
  | 'online'
  | 'oracle'
  | 'sight'
  | 'not-by-presence'
  | 'change'
  | 'churn'
  | 'devices'
  | 'again'
  | 'revision'
  | 'unwatch'
  | 'only-watched'
  | 'ends'
  | 'gone'
  | 'ways'
  | 'member'
  | 'anew'
  | 'waiting'
  | 'session'
  | 'away'
  | 'unwatched'
  | 'window'
  | 'names'
  | 'refused'
  | 'mismatch'
  | 'refreshed'
  | 'reauth'
  | 'past'
  | 'hasty'

/** What came of each part: nothing wrong, or what a check of it throws. */
export type ComingFindings = ReadonlyMap<ComingPart, Error | undefined>

/** Those who watch the second user, each in its own way, as the first user. */
interface Cast {
  readonly user: string
  /** Watched while the user was offline. */
  readonly early: Endpoint
  /** Watched while the user was online. */
  readonly late: Endpoint
  /** Watched twice. */
  readonly twice: Endpoint
  /** Has watched, and watches no more. */
  readonly former: Endpoint
  /** Never watched. */
  readonly other: Endpoint
  /** Those who watch and go on watching. */
  readonly others: readonly Endpoint[]
  /** The connection that the user has at first. */
  readonly phone: Endpoint
}

/** Milliseconds for which a server may go on taking for online who has gone, and be found late rather than in somebody's company. */
const latelyMs = 20_000

/**
 * Plays everything that takes a user who comes and goes, one part after another. It runs when no other check does: a connection of the second
 * user that another check has would keep the user online.
 */
export async function comeAndGo(t: CheckContext): Promise<ComingFindings> {
  requireTwoUsers(t)
  const user = userOf(t, 1)
  const company = await Company.begin(t)
  const findings = new Map<ComingPart, Error | undefined>()
  const part = async (name: ComingPart, looking: () => void | Promise<void>) => {
    try {
      await looking()
      if (!findings.has(name)) findings.set(name, undefined)
    } catch (thrown) {
      const error = await company.excuse(thrown)
      if (error instanceof CheckFailure) error.seen = t.transcript.length
      findings.set(name, error instanceof Error ? error : new Error(String(error)))
    }
  }
  const [early, late, twice, former, other] = await Promise.all(Array.from({ length: 5 }, () => t.client()))
  if (!early || !late || !twice || !former || !other) return findings
  const before = await look(early, user)
  // A connection of the kit that has just ended may not be noticed yet.
  const isAway = ({ message }: { readonly message: Wire }) =>
    message['type'] === 'presence' && message['user'] === user && message['online'] === false
  if (before.online && !(await early.comes(isAway))) {
    const told = await company.excuse(new CheckFailure('a second user that is offline', 'it is online'))
    if (!(told instanceof CheckFailure)) throw told
    // A server that is late each time is judged by what follows.
    if (!(await early.comesWithin((frame) => isAway(frame), latelyMs)))
      t.couldNotRun(
        'The second user is still online after its last connection has ended: either the server does not notice that a user has gone, or somebody else uses the same token (give the kit one that nobody else uses)',
      )
  }
  const alike = await watchNamesakes(other, user)
  // It need not have asked for anything to be online.
  const phone = await t.client({ user: 1, capabilities: [] })
  const seen = await look(late, user)
  await part('oracle', () => {
    if (seen.online) throw new Undecided('not-observed', 'The first user sees the second')
    return tellsNothing(t, { early, late, user })
  })
  if (!seen.online) return hidden(findings)
  const cast = { user, early, late, twice, former, other, others: [early, late, twice], phone }
  findings.set('online', undefined)
  await part('not-by-presence', async () => {
    const expected =
      'presence with online true for a user that has come online, of a client that has watched before and sees the user'
    // Who has watched since the user is online misses changes too where they are not told.
    await presupposing(
      'watch.change',
      hear(early, user, ({ online }) => online, expected),
    )
  })
  await part('names', () => tellsOfNoNamesake(other, alike))
  await watch(twice, [user])
  await watch(twice, [user])
  await look(former, user)
  await unwatch(former, [user])
  await part('sight', () => findsWhomItWatches(t, cast, true))
  await part('refused', () => staysWhenRefused(t, { user, late }, phone))
  await part('devices', () => passesOverDevices(t, cast))
  await part('change', () => tellsChanges(t, cast))
  const toldOnceEach = () => {
    requireChanges(twice, user, 2, 'of a user that was watched twice')
  }
  if (findings.get('change') === undefined) {
    await part('gone', () => findsWhomItWatches(t, cast, false))
    let resumed: Endpoint | undefined
    // Each begins with a user that is offline: where one fails the next would tell of it.
    for (const [name, looking] of [
      ['ways', () => endsInEveryWay(t, cast)],
      ['mismatch', () => staysWhoItIs(t, cast)],
      ['member', () => tellsMembers(t, cast, early)],
      ['anew', () => isToldOnce(t, cast, early)],
      ['reauth', () => tellsNothingOfAuth(t, cast)],
      ['refreshed', () => tellsWhoAuthenticatesAgain(t, cast)],
      ['waiting', () => staysWhileWaiting(t, cast)],
      ['session', () => isFoundWithItsSession(t, cast)],
      ['away', async () => void (resumed = await tellsWhoWasAway(t, cast))],
      ['window', () => goesWithItsWindow(t, cast)],
    ] as const) {
      await part(name, looking)
      const found = findings.get(name)
      if (found instanceof Withheld) await takeOff(t, cast)
      // Whom somebody else has connected stays online: that the next part sees for itself.
      else if (found instanceof Undecided && (await isOnline(cast)))
        await takeOff(t, cast).catch(unlessFailure)
      if (findings.get(name) instanceof CheckFailure) {
        await part('again', toldOnceEach)
        for (const one of t.endpoints) one.close()
        return findings
      }
    }
    await part('unwatched', async () => {
      // Without who has resumed it comes to what that came to.
      if (resumed === undefined || resumed.end !== undefined)
        throw (
          findings.get('away') ??
          new Undecided('inconclusive', 'Who had resumed was gone before it could unwatch')
        )
      await tellsNoMore(t, cast, resumed)
    })
  }
  await part('churn', () => tellsChurn(t, cast))
  await part('again', toldOnceEach)
  await part('revision', () => {
    for (const one of [late, twice]) requireRevisions(one, user)
  })
  await part('unwatch', () => tellsNobodyElse(former, user, 'after unwatch'))
  await part('only-watched', () => tellsNobodyElse(other, user, 'of a user that was never watched'))
  await part('ends', () => endsWithItsPeer(t, cast))
  // What has failed before would fail here again.
  if (![...findings.values()].some((found) => found instanceof CheckFailure)) {
    await part('past', () => beginsWithThePresent(t, cast))
    if (findings.get('past') === undefined) await part('hasty', () => forgetsTheHasty(t, cast))
  }
  for (const one of t.endpoints) one.close()
  return findings
}

/** Where the first user does not see the second there is nothing else to look at. */
function hidden(findings: Map<ComingPart, Error | undefined>): ComingFindings {
  const parts: readonly ComingPart[] = [
    'online',
    'sight',
    'not-by-presence',
    'change',
    'churn',
    'devices',
    'again',
  ]
  const rest: readonly ComingPart[] = [
    'revision',
    'unwatch',
    'only-watched',
    'ends',
    'gone',
    'ways',
    'member',
    'anew',
    'waiting',
    'session',
    'away',
    'unwatched',
    'window',
    'names',
    'refused',
    'mismatch',
    'refreshed',
    'reauth',
    'past',
    'hasty',
  ]
  for (const name of [...parts, ...rest])
    findings.set(
      name,
      new Undecided(
        'not-observed',
        'The first user does not see the second: presence said offline while it was online',
      ),
    )
  return findings
}

/** watch.no-oracle: the user is online and not seen; find.sight: by neither. */
async function tellsNothing(
  t: CheckContext,
  { early, late, user }: Pick<Cast, 'early' | 'late' | 'user'>,
): Promise<void> {
  await early.sync()
  const told = toldOf(early, user)
  if (told.length > 1)
    throw new CheckFailure(
      'nothing for a client that does not see a user when that user comes online',
      `after the first presence there came ${told.slice(1).map(presenceWords).join(', ')}`,
    )
  const stranger = strangerUser(t)
  await look(late, stranger)
  if (toldOf(late, user).some(({ online }) => online)) t.notObserved('The second user was seen late')
  const shapes = [user, stranger].map((each) =>
    JSON.stringify(toldOf(late, each).map((said) => ({ ...said, user: '' }))),
  )
  if (shapes[0] !== shapes[1])
    throw new CheckFailure(
      `the same for a user who is not seen as for one who does not exist: ${shapes[1] ?? ''}`,
      `it was ${shapes[0] ?? ''}`,
    )
  const found = namesOf(await search(t, late, { kind: 'users', prefix: user, limit: 1 })).includes(user)
  if (found && !(await look(late, user)).online)
    throw new CheckFailure('a user who is not seen by watch in no search', 'the user was found')
}

/** find.sight while the user is online, find.present when it has gone. */
async function findsWhomItWatches(t: CheckContext, { late, user }: Cast, online: boolean): Promise<void> {
  const { items, text } = await search(t, late, { kind: 'users', prefix: user, limit: 1 }).then(
    ([page]) => page ?? { items: [], text: '' },
  )
  const found = items.some((item) => item.user === user)
  if (found === online) return
  throw new CheckFailure(
    online
      ? 'in a search the user whom watch shows online'
      : 'in no search a user that is not online any more',
    online ? 'the user was not found' : 'the user was found',
  ).shownBy(text)
}

/** watch.change: online, and offline when the connection has ended. */
async function tellsChanges(t: CheckContext, { late, twice, user, others }: Cast): Promise<void> {
  const places = [late, twice].map((one) => one.log.length)
  const phone = await t.client({ user: 1, capabilities: [] })
  for (const [index, one] of [late, twice].entries())
    await awaitChange(
      { user, late: one, others },
      true,
      places[index] ?? 0,
      'for a user that has come online',
    )
  const then = late.log.length
  phone.close()
  await phone.expectEnd()
  await awaitChange({ late, user, others }, false, then, 'for a user whose connection has ended')
}

/** Times that a user comes and goes without anybody waiting for what is told of it. */
const rounds = 5

/** watch.change, watch.only-changes: what is told alternates, and ends with how things are. */
async function tellsChurn(t: CheckContext, { late, twice, user }: Cast): Promise<void> {
  const watchers = [late, twice]
  for (let round = 0; round < rounds; round += 1) {
    const one = await t.client({ user: 1, capabilities: [] })
    one.close()
    await one.expectEnd()
  }
  const places = watchers.map((one) => one.log.length)
  await t.client({ user: 1, capabilities: [] })
  for (const [index, one] of watchers.entries()) {
    await awaitChange({ user, late: one }, true, 0, 'for a user that has come online for good')
    await settles(one, user, places[index] ?? 0)
  }
  for (const one of watchers) requireChanges(one, user, 2, 'of a user that comes and goes')
}

/** Waits until the last presence says that the user is online: earlier ones may still be on their way. */
async function settles(one: Endpoint, user: string, since: number): Promise<void> {
  if (toldOf(one, user).at(-1)?.online) return
  await awaitChange({ user, late: one }, true, since, 'for a user that has come online for good')
}

/**
 * Fails where two presences, one after the other, say the same.
 *
 * @param asked - How many at the beginning answer a watch.
 */
function requireChanges(one: Endpoint, user: string, asked: number, what: string): void {
  const said = toldOf(one, user)
  const place = said.findIndex(({ online }, index) => index >= asked && online === said[index - 1]?.online)
  if (place < 0) return
  throw new CheckFailure(
    `presence ${what} that changes each time`,
    `${presenceWords(said[place] as (typeof said)[number])} came after ${presenceWords(said[place - 1] as (typeof said)[number])}`,
  )
}

/** watch.revision */
function requireRevisions(one: Endpoint, user: string): void {
  const said = toldOf(one, user)
  const place = said.findIndex(({ revision }, index) => revision !== index + 1)
  if (place < 0) return
  throw new CheckFailure(
    `revision ${String(place + 1)} in presence number ${String(place + 1)} of a watch`,
    `it was ${String(said[place]?.revision)}`,
  )
}

/** watch.unwatch, watch.only-watched: after all that has happened a watch begins with revision 1, and nothing came before it. */
async function tellsNobodyElse(one: Endpoint, user: string, when: string): Promise<void> {
  const since = one.log.findLast(({ message }) => message['type'] === 'ok')?.index ?? 0
  const place = one.log.length
  await look(one, user)
  const [first] = toldOf(one, user, since)
  const early = one.log.find(
    ({ index: at, message }) =>
      at > since && at < place && message['type'] === 'presence' && message['user'] === user,
  )
  if (early) throw new CheckFailure(`no presence ${when}`, 'presence came').shownBy(early.text)
  if (first && first.revision !== 1)
    throw new CheckFailure(`a watch that begins with revision 1, ${when}`, `it was ${String(first.revision)}`)
}

/** Whether the user is online for who watches it. */
async function isOnline({ late, user }: Pick<Cast, 'late' | 'user'>): Promise<boolean> {
  await late.sync()
  return toldOf(late, user).at(-1)?.online === true
}

function unlessFailure(error: unknown): void {
  if (!(error instanceof CheckFailure)) throw error
}

/** Takes the second user off again after a part that came to no judgement, for which the server may have had no place: neither a connection nor a session keeps it online. */
async function takeOff(t: CheckContext, { late, user }: Cast): Promise<void> {
  for (const { numbers } of t.endpoints.filter((each) => each.numbers !== undefined)) {
    const heir = await t.client({
      anonymous: true,
      capabilities: [],
      hello: { replaces: numbers?.secret ?? '' },
    })
    heir.send({ type: 'bye' })
  }
  closeAll(t, user)
  if (!(await isOnline({ late, user }))) return
  const gone = awaitChange({ user, late }, false, late.log.length, 'for a user whose connections have ended')
  await presupposing('watch.change', gone)
}

/** Ends the connections of a user, but for one that is to stay. */
function closeAll(t: CheckContext, user: string, but?: Endpoint): void {
  for (const each of t.endpoints.filter((endpoint) => endpoint.end === undefined && endpoint !== but))
    if (each.all('authenticated', (m) => m.user === user).length > 0) each.close()
}

/** watch.ends: the connection that replaces a watcher's has no watches. */
async function endsWithItsPeer(t: CheckContext, { late, user }: Cast): Promise<void> {
  const old = await t.client()
  await look(old, user)
  const heir = await t.client({ hello: { replaces: old.session } })
  const since = late.log.length
  const one = await t.client({ user: 1 })
  // The user is online with the connection of the churn; both go, and one comes again.
  closeAll(t, user, one)
  one.close()
  await one.expectEnd()
  await awaitChange({ user, late }, false, since, 'for a user whose connections have ended')
  await tellsNobodyElse(heir, user, 'of a user that only the replaced connection watched')
}

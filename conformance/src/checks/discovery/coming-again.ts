import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { authenticateAgain, tokenOf } from '../scene/token.ts'
import { awaitChange, isToldOfBoth, type Watching } from './coming-ways.ts'
import { look, presenceWords, toldOf, unwatch } from './stage.ts'

/** Who sees a user whose devices come and go. */
interface Devices extends Watching {
  /** Another one who watches. */
  readonly early: Endpoint
  readonly others: readonly Endpoint[]
  /** The only connection that the user has. */
  readonly phone: Endpoint
}

/** watch.only-changes: three more connections come, and all but the last one go, each in its own way. */
export async function passesOverDevices(
  t: CheckContext,
  { early, late, user, others, phone }: Devices,
): Promise<void> {
  const since = late.log.length
  let problem: CheckFailure | undefined
  const quiet = async (what: string) => {
    const still = await look(early, user, true)
    await late.sync()
    const told = toldOf(late, user, since)
    if (still.online && told.length === 0) return
    const seen = told.length > 0 ? `${told.map(presenceWords).join(', ')} came` : presenceWords(still)
    problem ??= new CheckFailure(`no presence, and online true, for a user ${what}`, seen)
  }
  const [laptop, tablet] = await Promise.all([t.client({ user: 1 }), t.client({ user: 1 })])
  await quiet('that has three connections in place of one')
  phone.close()
  await phone.expectEnd()
  await quiet('of whose three connections one has ended')
  tablet.send({ type: 'bye' })
  await tablet.expectEnd()
  await quiet('of whose two connections one has said bye')
  const tab = await t.client({ user: 1 })
  await quiet('that has two connections in place of one')
  await t.client({ anonymous: true, capabilities: [], hello: { replaces: tab.session } })
  await presupposing(
    'replaces.old-ends',
    tab.expectEnd('the end of a connection that another one has replaced'),
  )
  await quiet('of whose two connections one was replaced by one that is nobody’s')
  // Marker on the same path: the last device goes, and that is told.
  laptop.close()
  await laptop.expectEnd()
  await presupposing(
    'watch.change',
    awaitChange({ late, user, others }, false, since, 'for a user whose last connection has ended'),
  )
  if (problem) throw problem
  const said = toldOf(late, user, since)
  if (said.length > 1)
    throw new CheckFailure(
      'one presence for the connections of a user of which the last one ends',
      `there came ${said.map(presenceWords).join(', ')}`,
    )
}

/** watch.only-changes: the only connection of a user authenticates again. */
export async function tellsNothingOfAuth(t: CheckContext, watching: Watching): Promise<void> {
  const { late, user } = watching
  const since = late.log.length
  const one = await t.client({ user: 1, capabilities: [] })
  await presupposing('watch.change', awaitChange(watching, true, since, 'for a user that has come online'))
  const then = late.log.length
  await authenticateAgain(t, one, 1)
  await late.sync()
  const told = toldOf(late, user, then)
  one.close()
  await one.expectEnd()
  if (told.length > 0)
    throw new CheckFailure(
      'no presence for a user whose only connection authenticates again',
      `there came ${told.map(presenceWords).join(', ')}`,
    )
  await presupposing('watch.change', awaitChange(watching, false, then, 'for a user that has gone'))
}

/** watch.ends: the watches of a peer go on when it authenticates again. */
export async function tellsWhoAuthenticatesAgain(t: CheckContext, watching: Watching): Promise<void> {
  const { user } = watching
  const watcher = await t.client()
  await look(watcher, user)
  await authenticateAgain(t, watcher, 0)
  await isToldOfBoth(t, watching, watcher, 'that has authenticated again since its watch')
}

/** Milliseconds between two looks at what may go at any moment. */
const pauseMs = 200

/** Begins a watch again and again until the user is offline. */
async function turnsOffline(t: CheckContext, watcher: Endpoint, user: string, what: string): Promise<void> {
  const deadline = performance.now() + t.dueMs
  for (;;) {
    const said = await look(watcher, user)
    if (!said.online) return
    await unwatch(watcher, [user])
    if (performance.now() > deadline)
      throw new CheckFailure(`online false for a user ${what}`, `${presenceWords(said)} came to each watch`)
    await watcher.endsWithin(pauseMs)
  }
}

/** Ends all connections, and with them all watches, and waits until the server has taken notice. */
async function clear(t: CheckContext): Promise<void> {
  const open = t.endpoints.filter(({ end }) => end === undefined)
  for (const one of open) one.close()
  await Promise.all(open.map((one) => one.endsInTime()))
}

/** watch.online: a watch begins with how things are, whatever was known to one that has ended; and who watches itself is there. */
export async function beginsWithThePresent(t: CheckContext, { user }: Pick<Watching, 'user'>): Promise<void> {
  await clear(t)
  const watcher = await t.client()
  const one = await t.client({ user: 1 })
  for (const [who, what] of [
    [watcher, 'online true for a user that has one connection'],
    [
      one,
      'online true for the user as whom the client is authenticated, on the only connection of that user',
    ],
  ] as const) {
    const said = await look(who, user)
    if (!said.online) throw new CheckFailure(what, presenceWords(said))
    await unwatch(who, [user])
  }
  one.send({ type: 'bye' })
  await one.endsInTime()
  await turnsOffline(t, watcher, user, 'that has gone while nobody watched')
}

/** watch.online: a connection that has ended while its auth was looked at keeps nobody online. */
export async function forgetsTheHasty(t: CheckContext, { user }: Pick<Watching, 'user'>): Promise<void> {
  await clear(t)
  const token = await tokenOf(t, 1)
  const watcher = await t.client()
  const hasty = await t.client({ anonymous: true, capabilities: [] })
  hasty.send({ type: 'auth', method: 'token', token })
  hasty.close()
  // Its auth comes later, and takes as long.
  const one = await t.client({ user: 1, capabilities: [] })
  one.send({ type: 'bye' })
  await Promise.all([one.endsInTime(), hasty.endsInTime()])
  await turnsOffline(t, watcher, user, 'whose connections have all ended, one of them right after its auth')
}

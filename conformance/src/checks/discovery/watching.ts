import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requireToken, userOf } from '../scene/token.ts'
import { cut, lostOf, resume } from '../resume/stage.ts'
import { hear, look, presenceWords, strangerUser, toldOf, unwatch, watch, words } from './stage.ts'

/** watch.outcome-first: with what the server can look up at once, and what it cannot. */
async function answersFirst(t: CheckContext): Promise<void> {
  const a = await t.client()
  for (let round = 0; round < 3; round += 1) {
    const users = [strangerUser(t), strangerUser(t)]
    const since = a.log.length
    const { index } = await watch(a, users)
    await a.sync()
    const early = a.log.find(
      ({ index: at, message }) => at >= since && at < index && message['type'] === 'presence',
    )
    if (early)
      throw new CheckFailure(
        'the outcome of a watch before the presence of its users',
        'presence came first',
      ).shownBy(early.text)
  }
}

/** watch.first */
async function answersForEach(t: CheckContext): Promise<void> {
  const a = await t.client()
  const users = [strangerUser(t), strangerUser(t), strangerUser(t)]
  const [first = '', second = ''] = users
  await watch(a, [...users, first, second])
  await a.sync()
  for (const user of users) {
    const { length } = toldOf(a, user)
    if (length === 1) continue
    const twice = user === first || user === second ? ', named twice in the watch,' : ''
    throw new CheckFailure(
      `presence once for each user of a watch, before the outcome of a later ping: for ${words([user])}${twice} one`,
      `${String(length)} came`,
    )
  }
}

/** watch.online: nobody is online of whom nobody has heard. */
async function strangersAreOffline(t: CheckContext): Promise<void> {
  const a = await t.client()
  if ((await look(a, strangerUser(t))).online)
    throw new CheckFailure('online false for a user that does not exist', 'it was true')
}

/** Names of what every object has in many a language: somebody may be called by one of them, but hardly by two at a time. */
const inherited = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'] as const

/** watch.online: what a table has of its own is no user. */
async function knowsNobodyByBirth(t: CheckContext): Promise<void> {
  const a = await t.client()
  await watch(a, inherited)
  await a.sync()
  const online = inherited.filter((user) => toldOf(a, user).some((said) => said.online))
  if (online.length > 1)
    throw new CheckFailure(
      `online false for users named ${words(inherited)}, as whom nobody is authenticated`,
      `it was true for ${words(online)}`,
    )
}

/** watch.no-oracle: a user that does not exist is watched as any other. */
async function watchesStrangers(t: CheckContext): Promise<void> {
  const a = await t.client()
  const user = strangerUser(t)
  const outcome = await a.request({ type: 'watch', users: [user] })
  if (outcome.type !== 'ok') throw unexpected(outcome, 'ok for the watch of a user that does not exist')
  await a.sync()
  const [said] = toldOf(a, user)
  if (said?.online === false) return
  throw new CheckFailure(
    'presence with online false for a user that does not exist',
    said ? presenceWords(said) : 'none came',
  )
}

/** watch.online: the client's own user, which it sees. */
async function seesOneself(t: CheckContext): Promise<void> {
  requireToken(t)
  const a = await t.client()
  if (!(await look(a, userOf(t))).online)
    throw new CheckFailure('online true for the user as whom the client is authenticated', 'it was false')
}

/** watch.revision: of each user for itself. */
async function countsRevisions(t: CheckContext): Promise<void> {
  const a = await t.client()
  const users = [strangerUser(t), strangerUser(t)]
  for (const user of users)
    for (const revision of [1, 2, 3]) {
      const said = await look(a, user, revision > 1)
      if (said.revision !== revision)
        throw new CheckFailure(
          `revision ${String(revision)} in presence number ${String(revision)} of a watch`,
          `it was ${String(said.revision)}`,
        )
    }
}

/** watch.again */
async function answersAgain(t: CheckContext): Promise<void> {
  const a = await t.client()
  const user = strangerUser(t)
  await look(a, user)
  for (const times of [2, 3]) {
    await watch(a, [user, strangerUser(t)])
    await a.sync()
    const { length } = toldOf(a, user)
    if (length === times) continue
    throw new CheckFailure(
      `presence for a user that is watched already, at each watch: ${String(times)} after ${String(times)}`,
      `${String(length)} came`,
    )
  }
}

/** watch.unwatch: what follows begins anew, and whoever is not watched is passed over. */
async function beginsAnew(t: CheckContext): Promise<void> {
  const a = await t.client()
  const [first, last, other, kept] = [strangerUser(t), strangerUser(t), strangerUser(t), strangerUser(t)]
  for (const user of [first, last, kept]) await look(a, user)
  await look(a, first, true)
  const outcome = await a.request({ type: 'unwatch', users: [other, first, first, last] })
  if (outcome.type !== 'ok')
    throw unexpected(outcome, 'ok for an unwatch, also of a user that is not watched')
  const begins = async (user: string, which: string) => {
    const said = await look(a, user)
    if (said.revision !== 1)
      throw new CheckFailure(
        `revision 1 in the first presence after unwatch and watch of ${which}`,
        presenceWords(said),
      )
  }
  await begins(first, 'a user')
  await begins(last, 'the last one of several users')
  await unwatch(a, [first])
  await unwatch(a, [first])
  await begins(first, 'a user that was unwatched twice')
  const said = await look(a, kept, true)
  if (said.revision !== 2)
    throw new CheckFailure('revision 2 for a user that no unwatch has named', presenceWords(said))
}

/** Users that one watch of a check names. */
const atOnce = 100

/** watch.limit: to the last one, and no further; what is refused leaves nothing. */
async function keepsToTheLimit(t: CheckContext): Promise<void> {
  const a = await t.client()
  const capabilities = a.welcome['capabilities'] as { readonly discovery?: { readonly watches?: number } }
  const watches = capabilities.discovery?.watches ?? 0
  t.cost({ messages: watches }, `Watching as many users as one peer may, ${String(watches)},`)
  const fill = Array.from({ length: watches - 1 }, () => strangerUser(t))
  for (let from = 0; from < fill.length; from += atOnce)
    await watch(a, fill.slice(from, from + atOnce), `a watch within the ${String(watches)} that one peer may`)
  const [last, next] = [strangerUser(t), strangerUser(t)]
  const refuse = async (users: readonly string[], what: string) => {
    const outcome = await a.request({ type: 'watch', users: [...users] })
    if (outcome.code !== 'forbidden') throw unexpected(outcome, `forbidden for ${what}`)
  }
  await refuse([last, next], 'a watch of two users where one more may be watched')
  const third = strangerUser(t)
  await watch(
    a,
    [third],
    'the watch of a third user after one of two was refused, where one more may be watched',
  )
  await unwatch(a, [third])
  const since = a.log.length
  await watch(a, [last, last], 'the watch of the last user that may be watched, named twice')
  await a.sync()
  const [said] = toldOf(a, last)
  if (said && (said.revision !== 1 || toldOf(a, last, since).length !== 1))
    throw new CheckFailure(
      'nothing of a watch that was refused: the next one of its user is the first',
      `presence said ${presenceWords(said)}`,
    )
  const kept = fill.slice(0, 5)
  await refuse([next, ...kept.slice(0, 1)], 'the watch of one user more than may be watched')
  const then = a.log.length
  await watch(a, [last, ...kept], 'a watch of users that are watched already')
  await a.sync()
  for (const [index, user] of kept.entries()) {
    const revisions = toldOf(a, user, then).map(({ revision }) => revision)
    if (revisions.length === 0 || revisions[0] === 2) continue
    const refused = index === 0 ? 'named' : 'did not name'
    throw new CheckFailure(
      `revision 2 in the second presence of a user that is watched: a watch that was refused in between, and ${refused} it, takes no effect`,
      `it was ${String(revisions[0])}`,
    )
  }
  await unwatch(a, [strangerUser(t), strangerUser(t)])
  await refuse(
    [next],
    'the watch of one user more than may be watched, after an unwatch of users that were not',
  )
  await unwatch(a, [last])
  await watch(a, [next], 'a watch in the place of one that has ended')
}

/** watch.ends: of a session that is resumed they go on, each with its next revision. */
async function goesOnWithTheSession(t: CheckContext): Promise<void> {
  if (!t.target.offered.names.has('resume')) t.notApplicable('The server does not offer resume')
  const both = { capabilities: ['discovery', 'resume'] } as const
  const a = await t.client(both)
  const user = strangerUser(t)
  await look(a, user)
  const watchAgain = async (on: Endpoint, revision: number, when: string) => {
    const since = on.log.length
    await watch(on, [user])
    const said = await hear(on, user, () => true, 'presence for a user that is watched already', since)
    if (said.revision !== revision)
      throw new CheckFailure(
        `revision ${String(revision)} for a watch again after a resume${when}: the watch of the session goes on`,
        `it was ${String(said.revision)}`,
      )
  }
  const later = await resume(t, await cut(t, a), { later: await t.client(both) })
  await watchAgain(later, 2, '')
  const last = await resume(t, lostOf(later), { later: await t.client(both) })
  await watchAgain(last, 3, ' that has ended the connection of before')
}

/** watch.unwatch: of users that were watched before a resume, the client's own among them where it has one. */
async function endsAfterResume(t: CheckContext): Promise<void> {
  if (!t.target.offered.names.has('resume')) t.notApplicable('The server does not offer resume')
  const both = { capabilities: ['discovery', 'resume'] } as const
  const a = await t.client(both)
  const own = t.target.users[0]?.authenticated?.user
  const users = [strangerUser(t), ...(own === undefined ? [] : [own])]
  for (const user of users) await look(a, user)
  const later = await resume(t, await cut(t, a), { later: await t.client(both) })
  await unwatch(later, users)
  for (const user of users) {
    const said = await look(later, user)
    if (said.revision !== 1)
      throw new CheckFailure(
        'revision 1 in the first presence after unwatch and watch of a user that was watched before a resume',
        presenceWords(said),
      )
  }
}

const options = { capability: 'discovery' } as const

/** Checks of spec/discovery.md: watching, as far as it takes nobody to come or go. */
export const watchingChecks: readonly Check[] = [
  check('watch.outcome-first', 'the outcome and the presence of its users', answersFirst, options),
  check('watch.first', 'users named once and twice', answersForEach, options),
  check('watch.online', 'a user that does not exist', strangersAreOffline, options),
  check('watch.online', 'names that mean something elsewhere', knowsNobodyByBirth, {
    ...options,
    name: 'elsewhere',
  }),
  check('watch.online', 'the user as whom the client is authenticated', seesOneself, {
    ...options,
    name: 'own',
  }),
  check('watch.no-oracle', 'a user that does not exist', watchesStrangers, options),
  check('watch.revision', 'three watches of one user', countsRevisions, options),
  check('watch.again', 'a user that is watched already', answersAgain, options),
  check('watch.unwatch', 'a watch after unwatch', beginsAnew, options),
  check('watch.unwatch', 'an unwatch after a resume', endsAfterResume, { ...options, name: 'resumed' }),
  check('watch.ends', 'a watch of a session that is resumed', goesOnWithTheSession, {
    ...options,
    name: 'resumed',
  }),
  check('watch.limit', 'the last user that may be watched, and one more', keepsToTheLimit, {
    ...options,
    lengthy: true,
  }),
]

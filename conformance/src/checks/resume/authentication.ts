import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { expectFailed, requireMethods } from '../authentication/auth-outcome.ts'
import { expectForbidden, expectJoin } from '../authentication/grants.ts'
import { slackMs } from '../../observer/timer-observer.ts'
import { authenticatedAt, endOf, expectExpiry, shortLived } from '../scene/expiry.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { invalidToken, requireAuth, tokenOf, userOf } from '../scene/token.ts'
import { changesOf, expectSending } from '../scene/two-grants.ts'
import {
  cut,
  isOver,
  lostOf,
  numbersOf,
  parametersOf,
  resume,
  stage,
  unlessLate,
  type Lost,
} from './stage.ts'

/** Goes on with a session as another token of its user, or the same one, lets it. */
async function resumeAs(t: CheckContext, lost: Lost, user: number): Promise<Endpoint> {
  return resume(t, lost, { later: await t.client({ user }) })
}

/** resume.authentication: what the later token lets it join. */
async function joinsByTheLater(t: CheckContext): Promise<void> {
  for (const { before, after, lost, won } of changesOf(t, 'join')) {
    const a = await t.client({ user: before.user })
    for (const room of lost.slice(0, 1))
      await presupposing('auth.grants', expectJoin(t, a, room, 'this user by its first grants'))
    const later = await resumeAs(t, await cut(t, a), after.user)
    const when = 'which only the grants from before the resume cover'
    for (const room of lost) await expectForbidden(t, later, room, when)
    for (const room of won)
      await expectJoin(t, later, room, 'this user by the grants with which it has resumed')
  }
}

/** resume.authentication: where the later token lets it send. */
async function sendsByTheLater(t: CheckContext): Promise<void> {
  for (const { before, after, lost, won } of changesOf(t, 'send')) {
    for (const room of [...lost.slice(0, 1), ...won.slice(0, 1)]) {
      const [a, b] = await Promise.all([
        t.client({ user: before.user }),
        t.client({ user: before.user, capabilities: [] }),
      ])
      await t.join(room, a, b)
      const first = expectSending(t, [a, b], room, lost.includes(room), 'before a resume')
      await presupposing('auth.grants', first)
      const later = await resumeAs(t, await cut(t, a), after.user)
      await expectSending(t, [later, b], room, won.includes(room), 'after a resume with another token')
    }
  }
}

/** A session with the moment at which its authentication ends, in milliseconds of `performance.now()`. */
interface Ending {
  readonly a: Endpoint
  readonly endsAt: number
}

/** Begins a session as a user whose authentication ends. */
async function beginEnding(t: CheckContext, user: number): Promise<Ending> {
  const token = await tokenOf(t, user)
  const a = await t.client({ user, anonymous: true })
  const { sentAt, expiresInMs } = await authenticatedAt(t, a, token)
  return { a, endsAt: sentAt + expiresInMs }
}

/** Another token of a user that lasts longer than the one that ends, in whose place it can come. */
function longerLived(t: CheckContext, user: number, ms: number): number | undefined {
  const found = t.target.users.findIndex(
    ({ authenticated }, place) =>
      place !== user &&
      userOf(t, place) === userOf(t, user) &&
      (authenticated?.expiresInMs ?? Infinity) > 2 * ms + 30_000,
  )
  return found === -1 ? undefined : found
}

/** resume.authentication: it ends when the later one does, whether the one before has no end or an earlier one. */
async function endsWithTheLater(t: CheckContext): Promise<void> {
  const { user, ms } = shortLived(t, 1.6)
  const other = longerLived(t, user, ms)
  const token = other === undefined ? undefined : await tokenOf(t, user)
  const { a, endsAt } =
    other === undefined
      ? await beginEnding(t, user)
      : { a: await t.client({ user: other }), endsAt: Infinity }
  if (other === undefined) await a.endsWithin(ms / 2)
  const lost = await cut(t, a)
  const fresh = token ?? (await tokenOf(t, user)) // not earlier: a token may end at a time of its own, as a JWT does
  const later = await t.client({ user, anonymous: true })
  const { sentAt, expiresInMs } = await authenticatedAt(t, later, fresh)
  if (sentAt + expiresInMs < endsAt + ms / 4 && other === undefined)
    t.notObserved('The end of this token does not move: give one that lasts from each authentication')
  await resume(t, lost, { later }).catch((error: unknown) => {
    unlessLate(lost)
    unlessLate(lostOf(later))
    throw error
  })
  await expectExpiry(t, later, sentAt, expiresInMs)
}

/** What a server is given to notice that an authentication has ended, where it must not. */
const glanceMs = 1000

/** resume.authentication: the end of the one before is none any more. */
async function outlivesTheEarlier(t: CheckContext): Promise<void> {
  const { user, ms } = shortLived(t, 1)
  const other = longerLived(t, user, ms)
  if (other === undefined)
    return t.notObserved(
      'This takes another token of the user whose token ends, that ends much later or never',
    )
  const { a, endsAt } = await beginEnding(t, user)
  const later = await resumeAs(t, await cut(t, a), other)
  const expected = 'a session that lasts as long as the authentication with which it was resumed'
  const ended = await later.endsWithin(Math.max(0, endsAt + slackMs + glanceMs - performance.now()))
  if (ended)
    throw new CheckFailure(
      expected,
      `the connection ended when the one before would have, with ${endOf(later)}`,
    )
  await expecting(expected, later.sync())
}

/** Milliseconds within which a session whose time is over ends. */
const endsWithinMs = 5000

/** resume.expiry */
async function endsWhileItWaits(t: CheckContext): Promise<void> {
  requireAuth(t)
  const { user, ms } = shortLived(t, 1)
  const witness = t.target.users.findIndex(
    ({ authenticated }) => (authenticated?.expiresInMs ?? Infinity) > ms + 30_000,
  )
  if (witness === -1)
    t.notObserved('This takes a second token that ends much later, or never, for who is to be told')
  const room = sharedRoom(t, user, witness)
  const b = await t.client({ user: witness, capabilities: [] })
  const { a, endsAt } = await beginEnding(t, user)
  await t.join(room, b, a)
  // Shortly before the end where a session does not wait for long: its own time must not be over before.
  const { windowSeconds } = parametersOf(a)
  await a.endsWithin(Math.max(0, endsAt - performance.now() - windowSeconds * 500))
  const lost = await cut(t, a)
  if (performance.now() > endsAt - slackMs)
    throw new Undecided('inconclusive', 'The authentication had ended before the connection was lost')
  const { peer } = lost.numbers
  const what =
    'peer-left with reason expired within 5 s after the end of the authentication of a session that waits'
  const isTold = ({ message }: { readonly message: { readonly [name: string]: unknown } }) =>
    message['type'] === 'peer-left' && message['peer'] === peer
  if (!(await b.comesWithin(isTold, endsAt - performance.now() + endsWithinMs + t.dueMs)))
    throw new CheckFailure(what, 'none came')
  const { reason } = await b.expect('peer-left', (message) => message.peer === peer, what)
  if (reason === 'lost' && performance.now() > lost.cutAt + windowSeconds * 1000)
    throw new Undecided('inconclusive', 'The time of the session was over as well')
  if (reason !== 'expired') throw new CheckFailure(what, `the reason was ${JSON.stringify(reason)}`)
  await isOver(
    t,
    lost,
    'its authentication had ended',
    await t.client({ user: longerLived(t, user, ms) ?? user }),
  )
}

/** Requires that a fatal error has ended a session: who is there is told, and it cannot be resumed. */
async function endedBy(
  t: CheckContext,
  lost: Lost,
  b: Endpoint,
  error: string,
  later?: Endpoint,
): Promise<void> {
  // Asked first: that it has ended is not to be taken from the end of its time.
  await isOver(t, lost, `the fatal error ${error} has ended it`, later)
  const { peer } = lost.numbers
  await b.expect(
    'peer-left',
    (message) => message.peer === peer,
    `peer-left for a session that the fatal error ${error} has ended`,
  )
}

/** resume.fatal: the third failure to authenticate. */
async function endsWithAuthFailed(t: CheckContext): Promise<void> {
  requireMethods(t)
  const { a, b } = await stage(t)
  const lost = lostOf(a)
  for (const which of ['first', 'second', 'third'])
    await presupposing(
      'auth.failed',
      expectFailed(a, invalidToken(t), `the ${which} token that is not valid`),
    )
  await presupposing(
    'auth.third-failure',
    a.expectEnd('the end of the connection after the third auth-failed'),
  )
  await endedBy(t, lost, b, 'auth-failed')
}

/** resume.fatal: the end of the authentication. */
async function endsWithTokenExpired(t: CheckContext): Promise<void> {
  const { user, ms } = shortLived(t, 1)
  const other = longerLived(t, user, ms) ?? user
  const { a } = await beginEnding(t, user)
  const lost = lostOf(a)
  await a.endsWithin(ms)
  await presupposing('auth.expiry', a.expectEnd('the end of a connection whose authentication has ended'))
  await isOver(t, lost, 'the fatal error token-expired has ended it', await t.client({ user: other }))
}

/** resume.failed: who has not authenticated goes on with nobody's session. */
async function anonymousFails(t: CheckContext): Promise<void> {
  requireAuth(t)
  const { a } = await stage(t)
  const lost = await cut(t, a)
  const later = await t.client({ anonymous: true })
  const { secret, seen } = numbersOf(a)
  const expected = 'unauthenticated or resume-failed for a resume before authentication'
  const outcome = await later.post({ type: 'resume', session: secret, ack: seen }).outcome(expected)
  if (outcome.code !== 'unauthenticated' && outcome.code !== 'resume-failed')
    throw unexpected(outcome, expected)
  await resume(t, lost)
}

/** Checks of whose session it is. */
export const sessionAuthenticationChecks: readonly Check[] = [
  check('resume.authentication', 'what the token of the resume lets it join', joinsByTheLater, {
    name: 'join',
    capability: 'resume',
  }),
  check('resume.authentication', 'where the token of the resume lets it send', sendsByTheLater, {
    name: 'send',
    capability: 'resume',
  }),
  check('resume.fatal', 'a session after the third failure to authenticate', endsWithAuthFailed, {
    name: 'auth-failed',
    capability: 'resume',
  }),
  check('resume.failed', 'the session of a user, before authentication', anonymousFails, {
    name: 'anonymous',
    capability: 'resume',
  }),
]

/** Checks of the end of its authentication, for which they wait. */
export const sessionExpiryChecks: readonly Check[] = [
  check('resume.authentication', 'the end of the authentication of the resume', endsWithTheLater, {
    name: 'end',
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.authentication', 'the end of the authentication before the resume', outlivesTheEarlier, {
    name: 'earlier-end',
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.expiry', 'a session that waits when its authentication ends', endsWhileItWaits, {
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.fatal', 'a session after token-expired', endsWithTokenExpired, {
    name: 'token-expired',
    capability: 'resume',
    lengthy: true,
  }),
]

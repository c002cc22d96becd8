import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint, Received, Sendable } from '../../endpoint/endpoint.ts'
import { stringOf } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { expectAuthenticated, expectFailed, requireMethods } from './auth-outcome.ts'
import {
  announcedLimit,
  dataNumber,
  enter,
  expectData,
  leaveRoom,
  seesData,
  tryEnter,
} from '../scene/membership.ts'
import { hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { brokenMessages, postRefused, refusedMessages } from '../scene/refused-message.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import {
  authenticate,
  invalidToken,
  requireAuth,
  requireToken,
  requireTwoUsers,
  tokenIfNeeded,
  tokenOf,
  unlessRunOut,
  userOf,
} from '../scene/token.ts'
import { earlyMessageChecks } from './early-message.ts'
import { expiredTokenCheck } from './expired-token.ts'
import { expiryInCallCheck } from './expiry-in-call.ts'
import { notEchoedChecks } from './not-echoed.ts'
import { wrongTokenChecks } from './wrong-token.ts'

async function requiredBefore(t: CheckContext): Promise<void> {
  const token = await tokenOf(t)
  const { room, a, b } = await t.pair()
  const c = await t.client({ anonymous: true })
  const place = { room, to: b.peer, call: t.callId() }
  const expected: [Sendable, boolean][] = [
    [{ type: 'join', room }, false],
    [{ type: 'leave', room }, true],
    [{ type: 'update', room, data: 1 }, true],
    [offerTo(place), true],
    [hangupTo(place), true],
  ]
  // All in one go: a server waits for the authentication of a client for a while only.
  const posted = expected.map(([message, elsewhere]) => ({ message, elsewhere, id: c.post(message).id }))
  const ping = c.post({ type: 'ping' })
  for (const { message, elsewhere, id } of posted) {
    // Who has not joined is not in the room either: that may be said as well.
    const codes = elsewhere ? (['unauthenticated', 'not-in-room'] as const) : (['unauthenticated'] as const)
    await expectRefusal(c, id, codes, `${indefinite(message.type)} before authentication`)
  }
  await expectAccepted(ping, 'pong', 'a ping before authentication')
  await t.barrier(a, b, room)
  const seen =
    b.all('peer-joined', ({ member }) => member.peer === c.peer)[0] ??
    b.all('offer', ({ call }) => call === place.call)[0]
  if (seen)
    throw new CheckFailure('no effect of what came before authentication', `${seen.type} came to a member`)
  // The control: the same join once it has authenticated.
  await expectAuthenticated(t, c, 0, 'a valid token', token)
  const { type, code } = await tryEnter(t, c, t.room())
  if (type !== 'joined')
    throw new CheckFailure(
      'joined for the join of an authenticated client',
      `the outcome was ${code ?? type}`,
    )
}

/** Neither a token that is refused, nor taking over from somebody who is authenticated, is an authentication. */
async function stillRequired(t: CheckContext): Promise<void> {
  requireAuth(t)
  const { room, a, b } = await t.pair()
  const failed = await t.client({ anonymous: true })
  await expectFailed(failed, invalidToken(t), 'a token that is not valid')
  const heir = await t.client({ anonymous: true, hello: { replaces: a.session } })
  for (const [client, what] of [
    [failed, 'after auth-failed'],
    [heir, 'of who replaces an authenticated peer'],
  ] as const) {
    await expectRefusal(client, client.post({ type: 'join', room }).id, ['unauthenticated'], `a join ${what}`)
  }
  await b.sync()
  const seen = b.all('peer-joined', ({ member }) => member.peer !== a.peer)[0]
  if (seen)
    throw new CheckFailure('no effect of a join before authentication', 'peer-joined came to a member')
}

/** Whatever a client does where nobody authenticates, that is never the reason of a refusal. */
async function neverUnauthenticated(t: CheckContext): Promise<void> {
  if (t.target.welcome.auth.length > 0) t.notApplicable('welcome.auth is not empty')
  const { room, a, b } = await t.pair()
  const refused = refusedMessages(t, room)
  const ids = refused.map((each) => postRefused(a, each))
  const accepted: Sendable[] = [
    { type: 'ping' },
    offerTo({ room, to: b.peer, call: t.callId() }),
    { type: 'update', room, data: 1 },
    { type: 'join', room },
    { type: 'leave', room },
  ]
  ids.push(
    a.post({ type: 'auth', method: 'token', token: invalidToken(t) }).id,
    ...accepted.map((message) => a.post(message).id),
  )
  for (const id of ids) {
    const { code, message } = await a.outcome(id)
    if (code !== 'unauthenticated') continue
    throw new CheckFailure(
      'no unauthenticated where welcome.auth is empty',
      `it came for ${indefinite(stringOf(message, 'of') ?? 'message')}`,
    )
  }
}

/** Where no auth is expected, it is refused in one of two ways. */
async function notOffered(t: CheckContext): Promise<void> {
  if (t.target.welcome.auth.length > 0) t.notApplicable('welcome.auth is not empty')
  const a = await t.client()
  const { id } = a.post({ type: 'auth', method: 'token', token: invalidToken(t) })
  await expectRefusal(a, id, ['auth-failed', 'unsupported-type'], 'an auth where welcome.auth is empty')
  await a.sync()
}

async function refusesMethods(t: CheckContext): Promise<void> {
  requireMethods(t)
  const token = t.target.needsAuth ? await tokenOf(t) : invalidToken(t)
  const valid = await tokenIfNeeded(t)
  const listed: readonly string[] = t.target.welcome.auth
  const methods = ['com.example.none', 'Token', 'token '].filter((method) => !listed.includes(method))
  const a = await t.client({ anonymous: true })
  for (const method of methods.slice(0, 2)) {
    await expectFailed(
      a,
      token,
      `the method ${JSON.stringify(method)}, which welcome.auth does not list`,
      method,
    )
  }
  if (!t.target.needsAuth) return
  await expectRefusal(
    a,
    a.post({ type: 'join', room: t.room() }).id,
    ['unauthenticated'],
    'a join after auth with an unlisted method',
  )
  await expectAuthenticated(t, a, 0, 'a valid token after two that failed', valid)
}

/** A failing `auth` of the given number: fatal for the third alone. */
async function failing(
  t: CheckContext,
  a: Endpoint,
  number: number,
  { how = 'token', token = '' } = {},
): Promise<void> {
  const which = ['first', 'second', 'third'][number - 1] ?? ''
  const { message } = await expectFailed(
    a,
    token || invalidToken(t),
    `the ${which} token that is not valid`,
    how,
  )
  const fatal = number === 3
  if (message['fatal'] === fatal) return
  const same = token === '' ? '' : ', whose token is the same each time'
  throw new CheckFailure(
    `fatal ${String(fatal)} in the ${which} auth-failed of a connection${same}`,
    `fatal was ${JSON.stringify(message['fatal'])}`,
  )
}

async function thirdFailure(t: CheckContext): Promise<void> {
  requireMethods(t)
  const a = await t.client({ anonymous: true })
  // All that can be at the same time: a server waits for the authentication of a client for a while only.
  const token = invalidToken(t)
  const [b] = await Promise.all([t.client({ anonymous: true }), failing(t, a, 1, { token }), a.sync()])
  await Promise.all([failing(t, a, 2, { token, how: 'com.example.none' }), a.sync()])
  // Failures of another connection are counted apart.
  await failing(t, b, 1)
  await failing(t, a, 3, { token })
}

async function thirdAfterSuccess(t: CheckContext): Promise<void> {
  requireAuth(t)
  const a = await t.client()
  await failing(t, a, 1)
  await expectAuthenticated(t, a, 0, 'a valid token after one that failed')
  await failing(t, a, 2)
  await expectAuthenticated(t, a, 0, 'a valid token after two that failed')
  await a.sync()
  await failing(t, a, 3)
}

/** Whether a client is who it was: its membership lasts, and what it sends arrives. */
async function expectUnchanged(
  t: CheckContext,
  room: string,
  a: Endpoint,
  b: Endpoint,
  after: string,
): Promise<void> {
  const call = t.callId()
  const expected = `ok for an offer after ${after}`
  const offered = await a.post(offerTo({ room, to: b.peer, call })).outcome(expected)
  // The token of the receiver may end, too.
  const isExpiry = ({ message }: Received) => message['code'] === 'token-expired'
  if (offered.code === 'peer-not-found' && (await b.comesWithin(isExpiry, t.dueMs)))
    throw new Undecided('inconclusive', 'The token of the member that was to be told ended meanwhile')
  if (offered.type !== 'ok') throw unexpected(offered, expected)
  await b.expect('offer', (offer) => offer.call === call, `an offer after ${after}`)
  const gone =
    a.all('left', (left) => left.room === room)[0] ??
    b.all('peer-left', (left) => left.room === room && left.peer === a.peer)[0]
  if (gone) throw new CheckFailure(`memberships to go on after ${after}`, `a ${gone.type} came`)
  // A peer that may be in one room only joins the one that it is in again.
  const another = announcedLimit(t, 'roomsPerPeer') === 1 ? room : t.room()
  const outcome = await tryEnter(t, b, another)
  if (outcome.type !== 'joined') throw unexpected(outcome, 'joined')
  const own = await tryEnter(t, a, another)
  if (own.type !== 'joined') throw unexpected(own, `joined for a join after ${after}`)
  const { user } = own.message['self'] as { readonly user?: unknown }
  // Whether it is there is rooms.user’s to judge.
  if (user !== undefined && user !== userOf(t))
    throw new CheckFailure(
      `self to name the user ${userOf(t)} after ${after}`,
      `it names ${clip(JSON.stringify(user))}`,
    )
  if (another !== room) for (const member of [a, b]) await leaveRoom(member, another)
}

async function failureKeeps(t: CheckContext): Promise<void> {
  requireAuth(t)
  const { room, a, b } = await t.pair()
  await expectFailed(a, invalidToken(t), 'a token that is not valid')
  await expectUnchanged(t, room, a, b, 'auth-failed on an authenticated connection')
  await expectFailed(b, await tokenOf(t), 'a method that is not listed', 'com.example.none')
  await expectUnchanged(t, room, b, a, 'auth-failed for a method that is not listed')
}

async function mismatch(t: CheckContext): Promise<void> {
  requireTwoUsers(t)
  const { room, a, b } = await t.pair()
  // It is no auth-failed: three of them end nothing.
  for (const time of ['first', 'second', 'third']) {
    const token = await tokenOf(t, 1)
    const outcome = await authenticate(a, token)
    unlessRunOut(outcome, token)
    if (outcome.code !== 'user-mismatch')
      throw unexpected(outcome, `user-mismatch for the ${time} auth with the token of another user`)
  }
  await expectUnchanged(t, room, a, b, 'user-mismatch')
  // The control: a token of the same user on a connection of its own, and the own one on this.
  const theirs = await tokenOf(t, 1)
  const c = await t.client({ anonymous: true })
  await expectAuthenticated(t, c, 1, 'the token of the second user', theirs)
  await expectAuthenticated(t, a, 0, 'the token of the same user')
}

async function refreshed(t: CheckContext): Promise<void> {
  requireAuth(t)
  const { room, a, b } = await t.pair()
  const data = dataNumber(t, 1)
  a.send({ type: 'update', room, data })
  await seesData(b, room, a, data)
  const shown = async (what: string) => {
    const { members } = await enter(t, b, room)
    expectData(
      members.find(({ peer }) => peer === a.peer),
      data,
      `members, about a member ${what}`,
    )
  }
  await presupposing('rooms.members', shown('that has set it'))
  await expectAuthenticated(t, a, 0, 'the token of the same user on an authenticated connection')
  await expectUnchanged(t, room, a, b, 'a refresh')
  await shown('whose authentication was refreshed')
  const since = a.log.length
  a.send({ type: 'auth', method: 'token', token: await tokenOf(t) })
  await a.waitFor(
    ({ message }) => message['type'] === 'authenticated' && message['ref'] === undefined,
    'authenticated for a refresh without id',
    { since },
  )
}

async function namesUser(t: CheckContext): Promise<void> {
  requireAuth(t)
  for (const [user] of t.target.users.entries()) {
    const token = await tokenOf(t, user)
    const a = await t.client({ anonymous: true })
    await expectAuthenticated(t, a, user, `the valid token of user ${String(user + 1)}`, token)
  }
  requireToken(t)
}

/** Milliseconds that a server without an announced time is given to lose its patience. */
const authWaitMs = 120_000

async function timesOut(t: CheckContext): Promise<void> {
  requireAuth(t)
  t.cost({ ms: authWaitMs }, 'Waiting until authentication is overdue')
  const a = await t.client({ anonymous: true })
  const until = performance.now() + authWaitMs
  // Something has to be heard of it, lest it end for its silence.
  while (performance.now() < until && !(await a.endsWithin(10_000))) a.send({ type: 'ping' })
  if (!a.end) t.notObserved('The server waits longer than two minutes, and the specification gives no time')
  const [error] = a.all('error')
  if (error?.code === 'auth-timeout') return
  throw new CheckFailure(
    'the fatal error auth-timeout',
    error ? `the error was ${error.code}` : 'the connection ended without an error',
  )
}

/** Checks of spec/authentication.md, but for grants and expiry. */
export const authenticationChecks: readonly Check[] = [
  check('auth.required', 'messages before authentication', requiredBefore),
  check('auth.required', 'what is no authentication', stillRequired, { name: 'still' }),
  check(
    'auth.required',
    'messages that are not well formed, before authentication',
    async (t) => {
      requireAuth(t)
      const a = await t.client({ anonymous: true })
      const posted = brokenMessages(t, t.room(), a).map((refused) => ({
        refused,
        id: postRefused(a, refused),
      }))
      for (const { refused, id } of posted)
        await expectRefusal(a, id, ['unauthenticated', ...refused.codes], refused.what)
      await a.sync()
    },
    { name: 'malformed', hostile: true },
  ),
  ...earlyMessageChecks,
  check('auth.none', 'nobody is asked to authenticate', neverUnauthenticated),
  check('auth.timeout', 'a client that never authenticates', timesOut),
  check('auth.token', 'valid tokens', namesUser),
  ...wrongTokenChecks,
  expiredTokenCheck,
  expiryInCallCheck,
  check('auth.failed', 'methods that are not listed', refusesMethods, { name: 'method' }),
  check('auth.failed', 'auth where nobody authenticates', notOffered, { name: 'not-offered' }),
  check('auth.third-failure', 'three failures in a row', thirdFailure),
  check('auth.third-failure', 'three failures with successes in between', thirdAfterSuccess, {
    name: 'after-success',
  }),
  ...notEchoedChecks,
  check('auth.failure-keeps', 'a failure on an authenticated connection', failureKeeps),
  check('auth.refresh', 'the same token again', refreshed),
  check('auth.user-mismatch', 'the token of another user', mismatch),
]

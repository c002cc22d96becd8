import type { KnownErrorCode } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { permits } from '../../target/grant.ts'
import { roomsWhere, roomToJoin } from '../scene/grant.ts'
import { leaveRoom } from '../scene/membership.ts'
import { expectSending } from '../scene/two-grants.ts'
import { expectForbidden, expectJoin, usersWithGrants } from './grants.ts'
import { authenticatedAt, expectExpiry, shortLived } from '../scene/expiry.ts'
import { authenticate, invalidToken, requireToken, tokenOf, unlessRunOut, userOf } from '../scene/token.ts'

/** How an `auth` is brought about that changes nothing. */
type Changeless = (t: CheckContext, a: Endpoint, user: number) => Promise<void>

const invalid: Changeless = async (t, a) => {
  await presupposing('auth.failed', refuses(a, invalidToken(t), 'auth-failed', 'a token that is not valid'))
}

const ofAnotherUser: Changeless = async (t, a, user) => {
  await mismatches(a, await otherToken(t, user))
}

const ofTheSameUser: Changeless = async (t, a, user) => {
  const token = await tokenOf(t, user)
  const outcome = await authenticate(a, token)
  unlessRunOut(outcome, token)
  if (outcome.type !== 'authenticated')
    throw unexpected(outcome, 'authenticated for a token of the same user')
}

/** Which code it is refused with is judged elsewhere: here it is what leads to the question. */
async function mismatches(a: Endpoint, token: string): Promise<void> {
  await presupposing('auth.user-mismatch', refuses(a, token, 'user-mismatch', 'the token of another user'))
}

async function refuses(a: Endpoint, token: string, code: KnownErrorCode, what: string): Promise<void> {
  const outcome = await authenticate(a, token)
  if (code !== 'auth-failed') unlessRunOut(outcome, token)
  if (outcome.code !== code) throw unexpected(outcome, `${code} for ${what}`)
}

/** A token of another user than this one; ends the check where there is none. */
async function otherToken(t: CheckContext, user: number): Promise<string> {
  const other = user === 0 ? 1 : 0
  requireToken(t, other)
  if (userOf(t, other) === userOf(t, user)) t.notApplicable('Both tokens of the kit are of one user')
  return tokenOf(t, other)
}

/** What a user may do is what it was before an `auth` that was refused, or that gave the same grants again. */
async function grantsStay(t: CheckContext, changeless: Changeless): Promise<void> {
  for (const { user, grants } of usersWithGrants(t)) {
    const a = await t.client({ user })
    const others = t.target.users[user === 0 ? 1 : 0]?.authenticated?.grants
    // Rooms that the other user may join show best whose grants are in force.
    const closed = roomsWhere(t, grants, false, 'join').toSorted(
      (one, two) => Number(permits(others, 'join', two)) - Number(permits(others, 'join', one)),
    )
    const [forbidden] = closed
    const [allowed] = roomsWhere(t, grants, true, 'join')
    const listening = roomToJoin(t, grants, false)
    const b = listening === undefined ? undefined : await t.client({ user })
    const inForce = async (when: string) => {
      if (forbidden !== undefined)
        await expectForbidden(t, a, forbidden, 'which no grant of this user covers')
      if (allowed !== undefined) await expectJoin(t, a, allowed, 'this user by its grants')
      if (listening !== undefined && b) await expectListening(t, [a, b], listening, when)
    }
    // The control: a server that gets grants wrong did so before.
    await presupposing('auth.grants', inForce('before a second auth'))
    await changeless(t, a, user)
    await inForce('after a second auth')
  }
}

/** Two members of a room in which the first may not send; both leave it again. */
async function expectListening(
  t: CheckContext,
  pair: readonly [Endpoint, Endpoint],
  room: string,
  when: string,
): Promise<void> {
  await t.join(room, ...pair)
  await expectSending(t, pair, room, false, when)
  for (const member of pair) await leaveRoom(member, room)
}

/** So is its end: it comes neither sooner nor later. */
async function endStays(t: CheckContext, changeless: Changeless): Promise<void> {
  const { user } = shortLived(t, 1)
  const token = await tokenOf(t, user)
  const a = await t.client({ user, anonymous: true })
  const { sentAt, expiresInMs } = await authenticatedAt(t, a, token)
  await changeless(t, a, user)
  // That an authentication ends at all is judged elsewhere.
  await presupposing('auth.expiry', expectExpiry(t, a, sentAt, expiresInMs))
}

/** `user-mismatch` is not `auth-failed`: it is no failure, and takes back none that came before it. */
async function mismatchIsNoFailure(t: CheckContext): Promise<void> {
  const [token, another] = [await otherToken(t, 0), await otherToken(t, 0)]
  const a = await t.client()
  await mismatches(a, token)
  for (const nth of ['first', 'second']) {
    if (await fails(t, a, nth))
      throw new CheckFailure(
        `the ${nth} auth-failed not fatal, after a user-mismatch`,
        'it came with fatal true',
      )
  }
  await mismatches(a, another)
  if (!(await fails(t, a, 'third')))
    throw new CheckFailure(
      'the third auth-failed fatal, also where a user-mismatch came after the second',
      'it came without fatal true',
    )
}

/** Sends a token that is not valid; whether the answer is fatal. */
async function fails(t: CheckContext, a: Endpoint, nth: string): Promise<boolean> {
  const outcome = await authenticate(a, invalidToken(t))
  if (outcome.code !== 'auth-failed') throw unexpected(outcome, `auth-failed for the ${nth} invalid token`)
  return outcome.message['fatal'] === true
}

/** Checks of what a further `auth` leaves as it was. */
export const refusedAuthChecks: readonly Check[] = [
  check(
    'auth.refresh',
    'the grants after a further token of the same user',
    (t) => grantsStay(t, ofTheSameUser),
    {
      name: 'same-grants',
    },
  ),
  check('auth.failure-keeps', 'the grants after a token that is not valid', (t) => grantsStay(t, invalid), {
    name: 'grants',
  }),
  check(
    'auth.user-mismatch',
    'the grants after the token of another user',
    (t) => grantsStay(t, ofAnotherUser),
    {
      name: 'grants',
    },
  ),
  check(
    'auth.failure-keeps',
    'the end of an authentication after a token that is not valid',
    (t) => endStays(t, invalid),
    {
      name: 'end',
    },
  ),
  check(
    'auth.user-mismatch',
    'the end of an authentication after the token of another user',
    (t) => endStays(t, ofAnotherUser),
    {
      name: 'end',
    },
  ),
  check('auth.third-failure', 'a user-mismatch among failures', mismatchIsNoFailure, {
    name: 'after-mismatch',
  }),
]

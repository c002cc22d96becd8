import type { KnownErrorCode } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { permits } from '../../target/grant.ts'
import { roomsWhere } from '../scene/grant.ts'
import { expectForbidden, expectJoin, usersWithGrants } from './grants.ts'
import { authenticatedAt, expectExpiry, shortLived } from '../scene/expiry.ts'
import { authenticate, invalidToken, requireToken, tokenOf, unlessRunOut, userOf } from '../scene/token.ts'

/** What a refused `auth` is, in words, and how it is brought about. */
type Refused = (t: CheckContext, a: Endpoint, user: number) => Promise<void>

const invalid: Refused = async (t, a) => {
  await presupposing('auth.failed', refuses(a, invalidToken(t), 'auth-failed', 'a token that is not valid'))
}

const ofAnotherUser: Refused = async (t, a, user) => {
  await mismatches(a, await otherToken(t, user))
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

/** What a user may do is what it was before an `auth` that was refused. */
async function grantsStay(t: CheckContext, refused: Refused): Promise<void> {
  for (const { user, grants } of usersWithGrants(t)) {
    const a = await t.client({ user })
    const others = t.target.users[user === 0 ? 1 : 0]?.authenticated?.grants
    // Rooms that the other user may join show best whose grants are in force.
    const closed = roomsWhere(t, grants, false, 'join').toSorted(
      (one, two) => Number(permits(others, 'join', two)) - Number(permits(others, 'join', one)),
    )
    const [forbidden] = closed
    const [allowed] = roomsWhere(t, grants, true, 'join')
    const inForce = async () => {
      if (forbidden !== undefined)
        await expectForbidden(t, a, forbidden, 'which no grant of this user covers')
      if (allowed !== undefined) await expectJoin(t, a, allowed, 'this user by its grants')
    }
    // The control: a server that gets grants wrong did so before.
    await presupposing('auth.grants', inForce())
    await refused(t, a, user)
    await inForce()
  }
}

/** So is its end: it comes neither sooner nor later. */
async function endStays(t: CheckContext, refused: Refused): Promise<void> {
  const { user } = shortLived(t, 1)
  const token = await tokenOf(t, user)
  const a = await t.client({ user, anonymous: true })
  const { sentAt, expiresInMs } = await authenticatedAt(t, a, token)
  await refused(t, a, user)
  // That an authentication ends at all is judged elsewhere.
  await presupposing('auth.expiry', expectExpiry(t, a, sentAt, expiresInMs))
}

/** `user-mismatch` is not `auth-failed`: two failures may still come, and end nothing. */
async function mismatchIsNoFailure(t: CheckContext): Promise<void> {
  const token = await otherToken(t, 0)
  const a = await t.client()
  await mismatches(a, token)
  for (const nth of ['first', 'second']) {
    const outcome = await authenticate(a, invalidToken(t))
    if (outcome.code !== 'auth-failed') throw unexpected(outcome, `auth-failed for the ${nth} invalid token`)
    if (outcome.message['fatal'] === true) {
      throw new CheckFailure(
        `the ${nth} auth-failed not fatal, after a user-mismatch`,
        'it came with fatal true',
      )
    }
  }
  await a.sync()
}

/** Checks of what an `auth` that is refused leaves as it was. */
export const refusedAuthChecks: readonly Check[] = [
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
  check('auth.third-failure', 'a user-mismatch does not count as a failure', mismatchIsNoFailure, {
    name: 'after-mismatch',
  }),
]

import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { stringOf, type Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { authenticate, tokenOf, unlessRunOut, userOf } from '../scene/token.ts'

/**
 * Waits for `authenticated` and judges whom it names.
 *
 * @param token - One of the user's; by default it is asked for now, which a client that has to authenticate in time cannot wait for.
 */
export async function expectAuthenticated(
  t: CheckContext,
  a: Endpoint,
  user: number,
  what: string,
  token?: string,
): Promise<Wire> {
  const sent = token ?? (await tokenOf(t, user))
  const outcome = await authenticate(a, sent)
  unlessRunOut(outcome, sent)
  if (outcome.type !== 'authenticated') throw unexpected(outcome, `authenticated for ${what}`)
  const named = stringOf(outcome.message, 'user') ?? ''
  const known = userOf(t, user)
  if (named === '' || named !== known) {
    throw new CheckFailure(
      `authenticated to name the user ${known}`,
      `it names ${clip(JSON.stringify(outcome.message['user']))}`,
    )
  }
  return outcome.message
}

/** Waits for `auth-failed`. */
export async function expectFailed(
  a: Endpoint,
  token: string,
  what: string,
  method = 'token',
): Promise<Outcome> {
  const outcome = await authenticate(a, token, method)
  if (outcome.code !== 'auth-failed') throw unexpected(outcome, `auth-failed for ${what}`)
  return outcome
}

/** Ends the check unless the server tells who fails to authenticate. */
export function requireMethods(t: CheckContext): void {
  if (t.target.welcome.auth.length === 0) t.notApplicable('welcome.auth is empty: nobody authenticates here')
}

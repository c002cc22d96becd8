import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { slackMs } from '../../observer/timer-observer.ts'
import { authenticate, requireToken, unlessRunOut } from './token.ts'

/** The user whose authentication ends soonest. */
export function shortLived(t: CheckContext, share: number): { readonly user: number; readonly ms: number } {
  requireToken(t)
  const [soonest] = t.target.users
    .flatMap(({ authenticated }, user) => {
      const ms: unknown = authenticated?.expiresInMs
      return typeof ms === 'number' ? [{ user, ms }] : []
    })
    .toSorted((x, y) => x.ms - y.ms)
  if (!soonest) return t.notApplicable('No authentication of the kit’s users ends: expiresInMs is absent')
  if (soonest.ms > 600_000)
    t.notObserved(
      `The authentication lasts ${String(Math.round(soonest.ms / 1000))} s: give a token of less than 5 s`,
    )
  t.cost({ ms: soonest.ms * share }, 'Waiting for the end of an authentication')
  return soonest
}

/**
 * Waits for the end of an authentication: not before its time, and not long after.
 *
 * @param since - What the time counts from, in words.
 */
export async function expectExpiry(
  t: CheckContext,
  a: Endpoint,
  sentAt: number,
  expiresInMs: number,
  since = 'authenticated',
): Promise<void> {
  const expected = `the fatal error token-expired ${String(expiresInMs)} ms after ${since}`
  // The server began to count when it sent authenticated: after the auth was sent, and before its reply came.
  const early = sentAt + expiresInMs - slackMs
  if (await a.endsWithin(Math.max(0, early - performance.now()))) {
    const after = `${String(Math.round(performance.now() - sentAt))} ms after the auth was sent`
    throw new CheckFailure(expected, `the connection ended ${after}, with ${endOf(a)}`)
  }
  if (!(await a.endsWithin(slackMs)) && !(await a.endsInTime()))
    throw new CheckFailure(expected, `the connection was still open ${String(Math.round(t.dueMs))} ms later`)
  // The last one ends it: an earlier one may be about what the check has sent.
  const error = a.all('error').at(-1)
  if (!error) throw new CheckFailure(expected, 'the connection ended without an error')
  if (error.code !== 'token-expired' || !error.fatal) {
    throw new CheckFailure(expected, `the error was ${error.code}, fatal ${String(error.fatal)}`)
  }
}

/** With which error a connection ended, in words. */
export function endOf(a: Endpoint): string {
  const error = a.all('error').at(-1)
  return error ? `the error ${error.code}` : 'no error'
}

/**
 * Authenticates, and tells when that was and for how long it holds.
 *
 * @param endless - Whether one without an end is told as `Infinity`: otherwise that ends the check.
 */
export async function authenticatedAt(
  t: CheckContext,
  a: Endpoint,
  token: string,
  { endless = false } = {},
): Promise<{ sentAt: number; expiresInMs: number }> {
  const sentAt = performance.now()
  const outcome = await authenticate(a, token)
  unlessRunOut(outcome, token)
  if (outcome.type !== 'authenticated') throw unexpected(outcome, 'authenticated for a valid token')
  const expiresInMs = outcome.message['expiresInMs']
  if (endless && expiresInMs === undefined) return { sentAt, expiresInMs: Infinity }
  if (typeof expiresInMs !== 'number') return t.notObserved('This time authenticated has no expiresInMs')
  return { sentAt, expiresInMs }
}

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { expiryOf } from '../../target/json-web-token.ts'
import { authenticate, requireToken, tokenOf } from '../scene/token.ts'
import { unexpected } from '../../engine/context.ts'
import { expectFailed } from './auth-outcome.ts'

/** By so much clocks may differ, and a server may be lenient ("no more than a few minutes", RFC 7519, 4.1.4), where it does not say until when. */
const leniencyMs = 300_000

/** The same where the server itself has said it: what is on the way. */
const slackMs = 1000

/** Longest wait for the end of a token. */
const longestMs = 600_000

/** A JSON Web Token that the server has taken, and takes no longer once its time is over. */
async function refusesExpired(t: CheckContext): Promise<void> {
  requireToken(t)
  const { user, exp } = await soonestToEnd(t)
  const token = await tokenOf(t, user)
  const a = await t.client({ user, anonymous: true })
  const outcome = await authenticate(a, token)
  if (outcome.type !== 'authenticated')
    throw Object.assign(unexpected(outcome, 'authenticated for a valid token'), {
      presupposes: 'auth.token',
    } as const)
  const announced = outcome.message['expiresInMs']
  const own = expiryOf(token) ?? exp
  const left = own * 1000 - Date.now()
  // A server may end an authentication before its token ends, which is good for another one then.
  const isAnnounced = typeof announced === 'number' && left <= announced + slackMs
  const ms = isAnnounced ? announced + slackMs : left + leniencyMs
  t.cost({ ms }, 'Waiting for the end of a token')
  if (ms > longestMs) t.notObserved('The server does not say when the token ends, and it lasts too long')
  // The server counts from when it sent authenticated, which is over by now.
  const over = performance.now() + ms
  // Something has to be heard of it, lest it end for its silence.
  while (performance.now() < over && !(await a.endsWithin(Math.min(20_000, over - performance.now()))))
    a.send({ type: 'ping' })
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, over - performance.now())))
  const late = await t.client({ user, anonymous: true })
  await expectFailed(late, token, 'a JSON Web Token whose time ("exp") is over')
}

/** The user of the kit whose token ends soonest; ends the check where none is known to end. */
async function soonestToEnd(t: CheckContext): Promise<{ readonly user: number; readonly exp: number }> {
  const ends: { user: number; exp: number }[] = []
  for (const user of t.target.users.keys()) {
    const exp = expiryOf(await tokenOf(t, user))
    if (exp !== undefined) ends.push({ user, exp })
  }
  const [soonest] = ends.toSorted((one, other) => one.exp - other.exp)
  if (!soonest) return t.notApplicable('No token of the kit is a JSON Web Token with an end ("exp")')
  const seconds = Math.round(soonest.exp - Date.now() / 1000)
  if (seconds * 1000 > longestMs)
    t.notObserved(`The token lasts ${String(seconds)} s: give one of less than 60 s`)
  return soonest
}

/** Tokens whose time is over. */
export const expiredTokenCheck: Check = check('auth.failed', 'a token that has expired', refusesExpired, {
  name: 'expired',
})

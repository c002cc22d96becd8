import type { Auth } from '@parley/schemas'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { Undecided } from '../../engine/failure.ts'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { hasRunOut } from '../../target/json-web-token.ts'

/** Characters that stand side by side in no message unless somebody repeats a token. */
const rareCharacters = '!#$%&()*+;<=>?@^|~'

/** A token that no server accepts; every piece of it can be told from anything else that is sent. */
export function invalidToken(t: CheckContext): string {
  let token = ''
  while (token.length < 48) {
    const next = rareCharacters[t.random.integer(rareCharacters.length)] ?? ''
    if (!token.endsWith(next)) token += next
  }
  return token
}

/** Ends the check where the kit has no token of a user, or where nobody authenticates. */
export function requireToken(t: CheckContext, user = 0): void {
  requireAuth(t)
  if (t.target.users[user]) return
  if (user > 0) t.notObserved('This takes a second token (--token given twice)')
  t.couldNotRun('The server asks for authentication: this check needs a token (--token)')
}

/** Whether the kit has tokens of two users. */
export function hasTwoUsers(t: CheckContext): boolean {
  return t.target.needsAuth && t.target.users.length > 1 && userOf(t, 0) !== userOf(t, 1)
}

/** Ends the check unless the kit has tokens of two users. */
export function requireTwoUsers(t: CheckContext): void {
  requireToken(t)
  if (!hasTwoUsers(t))
    t.notObserved('This takes two users: give a token of another one, too (--token given twice)')
}

/**
 * A token of a user of the kit, to be sent once and not again: the next may be another one. Ends the check where there is none, or where
 * nobody authenticates. Ask for it before a connection is opened that is to authenticate.
 */
export async function tokenOf(t: CheckContext, user = 0): Promise<string> {
  requireToken(t, user)
  return (await t.token(user)) ?? ''
}

/** A token of the first user where the server asks for one, to be sent once; empty where it does not, or the kit has none. */
export async function tokenIfNeeded(t: CheckContext): Promise<string> {
  return t.target.needsAuth ? ((await t.token()) ?? '') : ''
}

/** Ends the check where nobody needs to authenticate. */
export function requireAuth(t: CheckContext): void {
  if (t.target.needsAuth) return
  const { auth } = t.target.welcome
  t.notApplicable(
    auth.length === 0
      ? 'welcome.auth is empty: nobody authenticates here'
      : 'The binding authenticates the client',
  )
}

/** The user as whom the server knows a token of the kit. */
export function userOf(t: CheckContext, user = 0): string {
  return t.target.users[user]?.authenticated?.user ?? ''
}

/** Ends the check where a server refuses a token for its time, which was over before it was sent: so long did the rest of the check take. */
export function unlessRunOut(outcome: Pick<Outcome, 'code'>, token: string): void {
  if (outcome.code === 'auth-failed' && hasRunOut(token))
    throw new Undecided(
      'could-not-run',
      'The token had run out ("exp") when it was sent: give one that lasts longer',
    )
}

/**
 * Sends `auth` and waits for its outcome. A server may ask to come back later where `auth` comes too often (delivery.rate-single):
 * where that is too late, there is no judgement.
 */
export async function authenticate(endpoint: Endpoint, token: string, method = 'token'): Promise<Outcome> {
  const message: Auth = { type: 'auth', method, token }
  const outcome = await requestInTime(endpoint, message)
  if (outcome.code === 'rate-limited') {
    throw new Undecided(
      'inconclusive',
      'The server takes auth less often than the kit sends it: try again later',
    )
  }
  return outcome
}

/** Has a connection authenticate once more as the user that it is. */
export async function authenticateAgain(t: CheckContext, one: Endpoint, user = 0): Promise<void> {
  const outcome = await authenticate(one, await tokenOf(t, user))
  if (outcome.type === 'authenticated') return
  throw Object.assign(unexpected(outcome, 'authenticated for a token of the same user'), {
    presupposes: 'auth.refresh',
  } as const)
}

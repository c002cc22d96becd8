import { hasRunOut } from '../target/json-web-token.ts'
import type { TargetUser } from '../target/target.ts'
import { Undecided } from './failure.ts'

/** Why a check ends whose client the server does not let in. */
export function refusedToken(user: TargetUser | undefined, code: string, token = ''): Undecided {
  if (hasRunOut(token))
    return new Undecided(
      'could-not-run',
      `The token has run out ("exp"), and the server refused it: ${code}. Give one that lasts for the whole run, or --token-command`,
    )
  const reason = user?.tokens.fresh
    ? `The server refused a fresh token: ${code}`
    : `The server refused a token that it had accepted: ${code}. If a token is good for one connection, give --token-command`
  return new Undecided('could-not-run', reason)
}

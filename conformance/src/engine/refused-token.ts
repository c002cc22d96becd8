import type { TargetUser } from '../target/target.ts'
import { Undecided } from './failure.ts'

/** Why a check ends whose client the server does not let in. */
export function refusedToken(user: TargetUser | undefined, code: string): Undecided {
  const reason = user?.tokens.fresh
    ? `The server refused a fresh token: ${code}`
    : `The server refused a token that it had accepted: ${code}. If a token is good for one connection, give --token-command`
  return new Undecided('could-not-run', reason)
}

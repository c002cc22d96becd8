import type { PeerId, UserId } from '@parley/schemas'
import type { Awaitable } from '../directory.ts'

/** Who wants to see whom. */
export interface SightQuestion {
  /** Who asks. */
  readonly user: UserId
  readonly peer: PeerId
  /** Whom it wants to see; some of them may not exist. */
  readonly users: readonly UserId[]
}

/**
 * An application's own rule for which users a user sees online: it returns those of `users`. It is asked at each `find` and `watch`, must
 * not look at who is online, and has to answer within 4.5 s. Its own user everybody sees.
 */
export type SightRule = (question: SightQuestion) => Awaitable<readonly UserId[]>

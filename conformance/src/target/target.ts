import type { Authenticated, Welcome } from '@parley/schemas'
import type { TokenSource } from './token-source.ts'

/** One user that the kit may act as. */
export interface TargetUser {
  /** Where its bearer tokens are from; empty ones where the server asks for none. */
  readonly tokens: TokenSource
  /** What the server said when the token was first used. */
  readonly authenticated: Authenticated | undefined
}

/** What the kit has learned about a server before the first check. */
export interface Target {
  readonly url: URL
  readonly welcome: Welcome
  /** Users that the kit has tokens for; one without a token where the server needs none. */
  readonly users: readonly TargetUser[]
  /** Whether a client has to authenticate. */
  readonly needsAuth: boolean
  /** Session secrets of the connections on which this was learned. */
  readonly sessions: readonly string[]
  /** Median round trip in milliseconds. */
  readonly roundTripMs: number
}

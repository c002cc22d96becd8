import type { Authenticated, CapabilityName, Grant, Welcome } from '@parley/schemas'
import { permits, type Right } from './grant.ts'
import type { TokenSource } from './token-source.ts'

/** One user that the kit may act as. */
export interface TargetUser {
  /** Where its bearer tokens are from; empty ones where the server asks for none. */
  readonly tokens: TokenSource
  /** What the server said when the token was first used. */
  readonly authenticated: Authenticated | undefined
}

/** What a server answers who names every capability of the specification. */
export interface OfferedCapabilities {
  /** Those that its `welcome` names. */
  readonly names: ReadonlySet<CapabilityName>
  /** Why that could not be learned. */
  readonly problem: string | undefined
}

/** What the kit has learned about a server before the first check. */
export interface Target {
  readonly url: URL
  /** Answer to a bare `hello`. */
  readonly welcome: Welcome
  readonly offered: OfferedCapabilities
  /** Users that the kit has tokens for; one without a token where the server needs none. */
  readonly users: readonly TargetUser[]
  /** Whether a client has to authenticate. */
  readonly needsAuth: boolean
  /** Session secrets of the connections on which this was learned. */
  readonly sessions: readonly string[]
  /** Median round trip in milliseconds. */
  readonly roundTripMs: number
}

/** Whether a user of the kit may do something in a room, as its `authenticated` says. */
export function mayUser({ users }: Target, user: number, right: Right, room: string): boolean {
  const known = users[user]
  if (!known) return false
  const grants: unknown = known.authenticated?.grants
  return grants === undefined || (Array.isArray(grants) && permits(grants as Grant[], right, room))
}

import type { AddressLimits } from './address/address-limits.ts'
import type { Authenticator } from './authentication.ts'
import type { InvitePermission } from './calls/invite-rule.ts'
import type { CallRegistry } from './calls/registry.ts'
import type { Clock } from './clock.ts'
import type { Draining } from './draining.ts'
import type { Directory } from './directory.ts'
import type { CursorSeal } from './discovery/cursor.ts'
import type { FindRate } from './discovery/find-rate.ts'
import type { PresenceRegistry } from './discovery/registry.ts'
import type { SightRule } from './discovery/sight-rule.ts'
import type { IceServerSource } from './ice/source.ts'
import type { RandomSource } from './identity.ts'
import type { Journal } from './journal.ts'
import type { Options } from './option.ts'
import type { SessionKeeper } from './resume/registry.ts'
import type { Router } from './router.ts'

/** What handlers and connections work with. */
export interface Services {
  readonly options: Options
  readonly directory: Directory
  readonly router: Router
  readonly clock: Clock
  readonly random: RandomSource
  readonly journal: Journal
  readonly draining: Draining
  readonly calls: CallRegistry
  readonly presence: PresenceRegistry
  readonly cursors: CursorSeal
  readonly findRate: FindRate
  readonly sessions: SessionKeeper
  readonly addresses: AddressLimits
  /** Absent where nobody needs to authenticate. */
  readonly authenticator?: Authenticator
  /** Absent where the option `invites` decides who may ring whom. */
  readonly invitePermission?: InvitePermission
  /** Absent where the option `seeUsers` decides who sees whom. */
  readonly sightRule?: SightRule
  /** Absent where clients get no STUN and TURN servers. */
  readonly iceServerSource?: IceServerSource
}

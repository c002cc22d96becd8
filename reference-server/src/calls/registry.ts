import type { Callee, CallId, KnownErrorCode, Label, Party, PeerId } from '@parley/schemas'
import type { Awaitable } from '../directory.ts'
import type { PartyEvent, Telling } from './call.ts'

/** Bounds that a registry keeps. */
export interface CallLimits {
  /** Longest time for which a call rings, in seconds. */
  readonly ringSeconds: number
  /** Calls that one peer has a part in at a time. */
  readonly callsPerPeer: number
}

/** An `invite` with what its connection knows. */
export interface Invitation {
  readonly id: CallId
  readonly caller: Party
  readonly callee: Callee
  readonly label: Label | undefined
  /** JSON text. */
  readonly data: string | undefined
  /** As the invite asks, in seconds. */
  readonly ringSeconds: number | undefined
  /** Whether this caller may invite that callee. */
  readonly permitted: boolean
}

/** What an event comes to. */
export type CallResult =
  | { readonly kind: 'done'; readonly tellings: readonly Telling[] }
  | { readonly kind: 'refused'; readonly code: KnownErrorCode; readonly retryAfterMs?: number }

/**
 * Port: which peers ring for whom, and which calls there are.
 *
 * Each call of it takes effect at one moment, and the moments are totally ordered: that order decides between messages that cross (ring.accept,
 * ring.crossed, ring.glare). A registry over a network has to see to it that what one peer is told arrives in the order of the moments.
 */
export interface CallRegistry {
  /** Makes a peer one that rings; again when it has authenticated. */
  attach(party: Party): Awaitable<void>
  /** Forgets a peer: its connection has ended. */
  detach(peer: PeerId): Awaitable<readonly Telling[]>
  /** The peers that would ring, whoever calls. */
  endpointsOf(callee: Callee): Awaitable<readonly PeerId[]>
  /** Begins a call. */
  invite(invitation: Invitation): Awaitable<CallResult>
  /** Tells of what a party has said. */
  act(call: CallId, event: PartyEvent): Awaitable<CallResult>
  /** Whether two peers are the parties of a call that has been taken; `peer-not-found` where only the receiver is not. */
  reach(call: CallId, sender: PeerId, receiver: PeerId): Awaitable<'reachable' | KnownErrorCode>
  /** Ends what has rung long enough, and forgets what has been over long enough; called often. */
  sweep(): Awaitable<readonly Telling[]>
}

import type { PeerId, UserId } from '@parley/schemas'
import type { Awaitable } from '../directory.ts'

/** Bounds that a registry keeps. */
export interface WatchLimits {
  /** Users that one peer may watch at a time. */
  readonly watches: number
}

/** One `presence` that is due. */
export interface Sighting {
  /** Who is to be told. */
  readonly to: PeerId
  readonly user: UserId
  readonly online: boolean
  readonly revision: number
}

/** A user that a peer wants to watch, and whether it sees that user. */
export interface WatchedUser {
  readonly user: UserId
  readonly seen: boolean
}

/** What a `watch` comes to. */
export type WatchResult =
  { readonly kind: 'watching'; readonly sightings: readonly Sighting[] } | { readonly kind: 'too-many' }

/** What part of the users that are online is asked for. */
export interface NamesWanted {
  readonly prefix: string
  /** Only names above this one. */
  readonly after: string | undefined
  readonly most: number
}

/**
 * Port: which users are online, and who is told when that changes.
 *
 * Each call of it takes effect at one moment, and the moments are totally ordered: the revisions of a watch follow that order. A registry over a
 * network has to see to it that what one peer is told of a user arrives in the order of its revisions, and may leave out a change and its reversal.
 */
export interface PresenceRegistry {
  /** Lets a peer watch, and makes its user one that is online through it; again when it has authenticated. */
  attach(peer: PeerId, user: UserId | undefined): Awaitable<readonly Sighting[]>
  /** Forgets a peer and its watches: its rooms are told that it has left. */
  detach(peer: PeerId): Awaitable<readonly Sighting[]>
  /** Begins to watch users, or answers again for those that are watched already. Does nothing for a peer that is not attached. */
  watch(peer: PeerId, users: readonly WatchedUser[]): Awaitable<WatchResult>
  /** Ends watches. */
  unwatch(peer: PeerId, users: readonly UserId[]): Awaitable<void>
  /** The first users that are online, in the order of their names. */
  onlineUsers(wanted: NamesWanted): Awaitable<readonly UserId[]>
}

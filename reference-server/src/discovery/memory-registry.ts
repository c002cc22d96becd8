import type { PeerId, UserId } from '@parley/schemas'
import type {
  NamesWanted,
  PresenceRegistry,
  Sighting,
  WatchedUser,
  WatchLimits,
  WatchResult,
} from './registry.ts'
import { SortedNames } from './sorted-names.ts'

/** What one peer is told of one user. */
interface Watch {
  readonly seen: boolean
  /** Of the last `presence`; 0 before the first. */
  readonly revision: number
}

/** A peer that is connected. */
interface Attached {
  readonly user: UserId | undefined
  readonly watches: Map<UserId, Watch>
}

/** The registry of a server that is one process. */
export class MemoryPresenceRegistry implements PresenceRegistry {
  readonly #limits: WatchLimits
  readonly #peers = new Map<PeerId, Attached>()
  /** The peers of each user that is online. */
  readonly #online = new Map<UserId, Set<PeerId>>()
  readonly #names = new SortedNames()
  /** The peers that watch a user, whether it exists or not. */
  readonly #watchers = new Map<UserId, Set<PeerId>>()

  constructor(limits: WatchLimits) {
    this.#limits = limits
  }

  attach(peer: PeerId, user: UserId | undefined): readonly Sighting[] {
    const before = this.#peers.get(peer)
    this.#peers.set(peer, { user, watches: before?.watches ?? new Map<UserId, Watch>() })
    if (before?.user === user) return []
    const gone = this.#withdraw(peer, before?.user)
    if (user === undefined) return gone
    const comes = !this.#online.has(user)
    add(this.#online, user, peer)
    if (!comes) return gone // watch.only-changes
    this.#names.add(user)
    return [...gone, ...this.#changed(user)]
  }

  detach(peer: PeerId): readonly Sighting[] {
    const attached = this.#peers.get(peer)
    if (attached === undefined) return []
    this.unwatch(peer, [...attached.watches.keys()]) // watch.ends
    this.#peers.delete(peer)
    return this.#withdraw(peer, attached.user)
  }

  watch(peer: PeerId, users: readonly WatchedUser[]): WatchResult {
    const watches = this.#peers.get(peer)?.watches
    if (watches === undefined) return { kind: 'watching', sightings: [] }
    const wanted = new Map(users.map(({ user, seen }) => [user, seen])) // watch.first: one that is named twice counts once
    const added = [...wanted.keys()].filter((user) => !watches.has(user)).length
    if (watches.size + added > this.#limits.watches) return { kind: 'too-many' } // watch.limit
    const sightings = [...wanted].map(([user, seen]) => {
      watches.set(user, { seen, revision: watches.get(user)?.revision ?? 0 })
      add(this.#watchers, user, peer)
      return this.#tell(peer, user) // watch.again
    })
    return { kind: 'watching', sightings: sightings.flat() }
  }

  unwatch(peer: PeerId, users: readonly UserId[]): void {
    const watches = this.#peers.get(peer)?.watches
    for (const user of users) if (watches?.delete(user)) remove(this.#watchers, user, peer) // watch.unwatch
  }

  onlineUsers({ prefix, after, most }: NamesWanted): readonly UserId[] {
    return this.#names.from(prefix, after, most)
  }

  /** Peers, users and watches that are known, for tests of what is kept. */
  get size(): number {
    const watches = [...this.#peers.values()].reduce((sum, { watches: { size } }) => sum + size, 0)
    const watchers = [...this.#watchers.values()].reduce((sum, { size }) => sum + size, 0)
    return this.#peers.size + this.#online.size + this.#names.size + watches + watchers
  }

  #withdraw(peer: PeerId, user: UserId | undefined): readonly Sighting[] {
    if (user === undefined) return []
    remove(this.#online, user, peer)
    if (this.#online.has(user)) return [] // watch.only-changes
    this.#names.delete(user)
    return this.#changed(user)
  }

  /** watch.change, watch.only-watched: those who watch and see the user. */
  #changed(user: UserId): readonly Sighting[] {
    const seeing = [...(this.#watchers.get(user) ?? [])].filter(
      (peer) => this.#peers.get(peer)?.watches.get(user)?.seen,
    )
    return seeing.flatMap((peer) => this.#tell(peer, user))
  }

  #tell(to: PeerId, user: UserId): readonly Sighting[] {
    const watches = this.#peers.get(to)?.watches
    const watch = watches?.get(user)
    if (watches === undefined || watch === undefined) return []
    const revision = watch.revision + 1 // watch.revision
    watches.set(user, { ...watch, revision })
    // watch.online, watch.no-oracle
    return [{ to, user, online: watch.seen && this.#online.has(user), revision }]
  }
}

function add<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key)
  if (set === undefined) sets.set(key, new Set([value]))
  else set.add(value)
}

function remove<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key)
  set?.delete(value)
  if (set?.size === 0) sets.delete(key)
}

import type { Callee, CallId, KnownErrorCode, Party, PeerId, UserId } from '@parley/schemas'
import type { Clock } from '../clock.ts'
import {
  endUnanswered,
  partiesOf,
  step,
  type Call,
  type PartyEvent,
  type RingingCall,
  type Step,
  type Telling,
} from './call.ts'
import type { CallLimits, CallRegistry, CallResult, Invitation } from './registry.ts'

/** Milliseconds for which a call that is over is remembered; ring.reused and ring.ended ask for 30,000. */
const memoryMs = 60_000

/** Calls of one caller that are remembered at a time: with {@link memoryMs} this bounds what one peer can make the server keep. */
const remembered = 256

/** A call that is over, and whose it was. */
interface Memory {
  readonly caller: PeerId
  readonly until: number
}

/** The call registry of a server that is one process. */
export class MemoryCallRegistry implements CallRegistry {
  readonly #limits: CallLimits
  readonly #clock: Clock
  readonly #parties = new Map<PeerId, Party>()
  readonly #users = new Map<UserId, Set<PeerId>>()
  readonly #calls = new Map<CallId, Call>()
  /** The calls that a peer has a part in, by their id. */
  readonly #shares = new Map<PeerId, Set<CallId>>()
  readonly #ringing = new Set<CallId>()
  /** What is over, in the order in which it is forgotten. */
  readonly #over = new Map<CallId, Memory>()
  /** The same for each caller. */
  readonly #overOf = new Map<PeerId, Set<CallId>>()

  constructor(limits: CallLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  attach(party: Party): void {
    this.#withdraw(party.peer)
    this.#parties.set(party.peer, party)
    if (party.user !== undefined) add(this.#users, party.user, party.peer)
  }

  detach(peer: PeerId): readonly Telling[] {
    this.#withdraw(peer)
    return [...(this.#shares.get(peer) ?? [])].flatMap((id) => {
      const result = this.act(id, { kind: 'lost', by: peer })
      return result.kind === 'done' ? result.tellings : []
    })
  }

  endpointsOf(callee: Callee): readonly PeerId[] {
    // ring.invited
    if (callee.user !== undefined) return [...(this.#users.get(callee.user) ?? [])]
    return this.#parties.has(callee.peer) ? [callee.peer] : []
  }

  invite(invitation: Invitation): CallResult {
    const { id, caller, callee, permitted } = invitation
    const known = this.#calls.get(id)
    if (known !== undefined) return refused(known.phase === 'ended' ? 'call-ended' : 'call-exists') // ring.reused, ring.exists
    if (!this.#hasPlace(caller.peer)) return refused('forbidden') // ring.calls-per-peer
    const retryAfterMs = this.#msUntilPlace(caller.peer)
    if (retryAfterMs > 0) return { kind: 'refused', code: 'rate-limited', retryAfterMs } // ring.rate
    const endpoints = this.endpointsOf(callee).filter((peer) => peer !== caller.peer && this.#hasPlace(peer))
    if (!permitted || endpoints.length === 0) return refused('user-unavailable') // ring.unavailable
    return this.#ring(invitation, endpoints)
  }

  act(id: CallId, event: PartyEvent): CallResult {
    const call = this.#calls.get(id)
    if (call === undefined) return refused('call-not-found') // ring.not-found
    return this.#apply(call, step(call, event))
  }

  reach(id: CallId, sender: PeerId, receiver: PeerId): 'reachable' | KnownErrorCode {
    const call = this.#calls.get(id)
    if (call === undefined) return 'call-not-found'
    const judged = step(call, { kind: 'relay', by: sender })
    if (judged.kind === 'refused') return judged.code
    // talk.peer-not-found
    return receiver !== sender && partiesOf(call).includes(receiver) ? 'reachable' : 'peer-not-found'
  }

  sweep(): readonly Telling[] {
    const now = this.#clock.now()
    for (const [id, { caller, until }] of this.#over) {
      if (until > now) break
      this.#over.delete(id)
      this.#calls.delete(id)
      remove(this.#overOf, caller, id)
    }
    return this.#ringingOf(this.#ringing)
      .filter(({ endsAt }) => endsAt <= now)
      .flatMap((call) => this.#end(call, 'timeout'))
  }

  /** Calls and peers that are known, for tests of what is kept. */
  get size(): number {
    return this.#calls.size + this.#parties.size + this.#users.size + this.#shares.size + this.#overOf.size
  }

  #ring({ id, caller, label, data, ringSeconds }: Invitation, peers: readonly PeerId[]): CallResult {
    const { ringSeconds: longest } = this.#limits
    const call: RingingCall = {
      phase: 'ringing',
      id,
      caller,
      label,
      endpoints: new Map(peers.map((peer) => [peer, this.#parties.get(peer) ?? { peer }])),
      out: new Set(),
      alerted: false,
      endsAt: this.#clock.now() + Math.min(ringSeconds ?? longest, longest) * 1000, // ring.timeout
    }
    const crossing = this.#ringingOf(this.#shares.get(caller.peer) ?? []).filter((other) =>
      cross(call, other),
    )
    // ring.glare
    if (crossing.some((other) => other.id < id)) {
      const parties = new Set([caller.peer])
      this.#store(undefined, { phase: 'ended', id, parties }, caller.peer)
      return done([{ to: caller.peer, call: id, type: 'reject', reason: 'glare' }])
    }
    const given = crossing.flatMap((other) => this.#end(other, 'glare'))
    this.#store(undefined, call, caller.peer)
    // ring.caller, ring.carried
    const invites = peers.map((to): Telling => ({ to, call: id, type: 'invite', caller, label, data }))
    return done([...given, ...invites])
  }

  #end(call: RingingCall, kind: 'timeout' | 'glare'): readonly Telling[] {
    const result = this.#apply(call, endUnanswered(call, { kind }))
    return result.kind === 'done' ? result.tellings : []
  }

  #apply(before: Call, next: Step): CallResult {
    if (next.kind === 'refused') return next
    if (next.call !== before && before.phase !== 'ended') this.#store(before, next.call, before.caller.peer)
    return done(next.tellings)
  }

  #store(before: Call | undefined, after: Call, caller: PeerId): void {
    const { id } = after
    this.#calls.set(id, after)
    for (const peer of before === undefined ? [] : partiesOf(before)) remove(this.#shares, peer, id)
    for (const peer of partiesOf(after)) add(this.#shares, peer, id)
    if (after.phase === 'ringing') this.#ringing.add(id)
    else this.#ringing.delete(id)
    if (after.phase !== 'ended') return
    this.#over.set(id, { caller, until: this.#clock.now() + memoryMs })
    add(this.#overOf, caller, id)
  }

  #ringingOf(ids: Iterable<CallId>): RingingCall[] {
    return [...ids].flatMap((id) => {
      const call = this.#calls.get(id)
      return call?.phase === 'ringing' ? [call] : []
    })
  }

  #hasPlace(peer: PeerId): boolean {
    return (this.#shares.get(peer)?.size ?? 0) < this.#limits.callsPerPeer
  }

  #msUntilPlace(caller: PeerId): number {
    const [oldest = '', ...later] = this.#overOf.get(caller) ?? []
    if (later.length + 1 < remembered) return 0
    return Math.max(1, (this.#over.get(oldest)?.until ?? 0) - this.#clock.now())
  }

  #withdraw(peer: PeerId): void {
    const party = this.#parties.get(peer)
    this.#parties.delete(peer)
    if (party?.user !== undefined) remove(this.#users, party.user, peer)
  }
}

/** Whether each of two callers rings for the other, under the same label. */
function cross(one: RingingCall, other: RingingCall): boolean {
  return (
    one.label === other.label && one.endpoints.has(other.caller.peer) && other.endpoints.has(one.caller.peer)
  )
}

function done(tellings: readonly Telling[]): CallResult {
  return { kind: 'done', tellings }
}

function refused(code: KnownErrorCode): CallResult {
  return { kind: 'refused', code }
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

import type {
  CallEndReason,
  CallId,
  CancelledReason,
  CancelReason,
  KnownErrorCode,
  Label,
  Party,
  PeerId,
  RejectedReason,
  RejectReason,
} from '@parley/schemas'

/** What a call is from `invite` to the end, whatever its phase. */
interface Identity {
  readonly id: CallId
  readonly caller: Party
  /** Endpoints that rang and ring no more. */
  readonly out: ReadonlySet<PeerId>
}

/** A call that nobody has taken yet. */
export interface RingingCall extends Identity {
  readonly phase: 'ringing'
  readonly label: Label | undefined
  /** The endpoints that ring, by their peer. */
  readonly endpoints: ReadonlyMap<PeerId, Party>
  /** Whether the caller has been told that it rings. */
  readonly alerted: boolean
  /** When its time is over, in milliseconds since the epoch. */
  readonly endsAt: number
}

/** A call that has been taken. */
export interface TalkingCall extends Identity {
  readonly phase: 'talking'
  readonly callee: Party
}

/** A call that is over. */
export interface EndedCall {
  readonly phase: 'ended'
  readonly id: CallId
  /** Everybody who had a part in it. */
  readonly parties: ReadonlySet<PeerId>
}

/** A call in any phase. Never changed in place. */
export type Call = RingingCall | TalkingCall | EndedCall

/** What a party says, or what befalls it. */
export type PartyEvent =
  | { readonly kind: 'ringing' | 'accept' | 'hangup' | 'relay' | 'lost'; readonly by: PeerId }
  | { readonly kind: 'reject'; readonly by: PeerId; readonly reason: RejectReason }
  | { readonly kind: 'cancel'; readonly by: PeerId; readonly reason: CancelReason }

/** What ends a call that rings without anybody's doing. */
export type OutsideEvent = { readonly kind: 'timeout' | 'glare' }

/** What the server has to say of a call, and to whom. */
export type Telling =
  | { readonly to: PeerId; readonly call: CallId; readonly type: 'ringing' }
  | { readonly to: PeerId; readonly call: CallId; readonly type: 'accept'; readonly callee: Party }
  | { readonly to: PeerId; readonly call: CallId; readonly type: 'reject'; readonly reason: RejectedReason }
  | { readonly to: PeerId; readonly call: CallId; readonly type: 'cancel'; readonly reason: CancelledReason }
  | {
      readonly to: PeerId
      readonly call: CallId
      readonly type: 'call-ended'
      readonly reason: CallEndReason
    }
  | {
      readonly to: PeerId
      readonly call: CallId
      readonly type: 'invite'
      readonly caller: Party
      readonly label: Label | undefined
      /** JSON text. */
      readonly data: string | undefined
    }

/** Why an event does not count. */
export type CallRefusal = Extract<KnownErrorCode, 'call-not-found' | 'call-ended' | 'call-state'>

/** A call after an event and what is to be told, or why the event does not count. */
export type Step =
  | { readonly kind: 'done'; readonly call: Call; readonly tellings: readonly Telling[] }
  | { readonly kind: 'refused'; readonly code: CallRefusal }

/** The peers that have a part in a call that goes on: those for whom it is not over. */
export function partiesOf(call: Call): readonly PeerId[] {
  if (call.phase === 'ended') return []
  return call.phase === 'ringing'
    ? [call.caller.peer, ...call.endpoints.keys()]
    : [call.caller.peer, call.callee.peer]
}

/** What a party's event makes of a call. */
export function step(call: Call, event: PartyEvent): Step {
  const { by } = event
  if (call.phase === 'ended') return refused(call.parties.has(by) ? 'call-ended' : 'call-not-found') // ring.ended
  if (partiesOf(call).includes(by))
    return call.phase === 'ringing' ? whileRinging(call, event) : whileTalking(call, event)
  // ring.crossed, ring.ended: for an endpoint that is out the call is over; ring.not-found
  return refused(call.out.has(by) ? 'call-ended' : 'call-not-found')
}

/** Ends a call that rings: its time is over, or it has lost to one that crosses it. */
export function endUnanswered(call: RingingCall, { kind: reason }: OutsideEvent): Step {
  // ring.timeout, ring.glare
  return over(call, [tellCaller(call, reason), ...tellEndpoints(call, reason)])
}

function whileRinging(call: RingingCall, event: PartyEvent): Step {
  if (event.by === call.caller.peer) {
    if (event.kind === 'cancel') return over(call, tellEndpoints(call, event.reason)) // ring.cancel
    if (event.kind === 'lost') return over(call, tellEndpoints(call, 'lost')) // ring.caller-lost
    return refused('call-state') // ring.state
  }
  switch (event.kind) {
    case 'ringing':
      // ring.ringing, ring.hidden
      return call.alerted
        ? done(call)
        : done({ ...call, alerted: true }, [{ to: call.caller.peer, call: call.id, type: 'ringing' }])
    case 'accept':
      return taken(call, event.by)
    case 'reject':
      return event.reason === 'busy'
        ? without(call, event.by, 'busy')
        : declined(call, event.by, event.reason)
    case 'lost':
      return without(call, event.by, 'lost') // ring.endpoint-lost
    case 'cancel':
    case 'hangup':
    case 'relay':
      return refused('call-state') // ring.state
  }
}

function whileTalking(call: TalkingCall, { kind, by }: PartyEvent): Step {
  if (kind === 'hangup') return over(call, []) // talk.hangup: the message itself tells the other
  if (kind === 'relay') return done(call)
  if (kind !== 'lost') return refused('call-state') // ring.state
  const other = by === call.caller.peer ? call.callee.peer : call.caller.peer
  return over(call, [{ to: other, call: call.id, type: 'call-ended', reason: 'lost' }]) // talk.lost
}

/** ring.accept: nothing that comes later finds the call ringing. */
function taken(call: RingingCall, by: PeerId): Step {
  const { id, caller, endpoints } = call
  const callee = endpoints.get(by) ?? { peer: by }
  const others = [...endpoints.keys()].filter((peer) => peer !== by)
  return done({ phase: 'talking', id, caller, callee, out: new Set([...call.out, ...others]) }, [
    { to: caller.peer, call: id, type: 'accept', callee },
    ...tellEndpoints(call, 'answered-elsewhere', by),
  ])
}

/** ring.decline */
function declined(call: RingingCall, by: PeerId, reason: RejectReason): Step {
  return over(call, [tellCaller(call, reason), ...tellEndpoints(call, 'declined-elsewhere', by)])
}

/** ring.busy: the last one out decides what the caller is told. */
function without(call: RingingCall, by: PeerId, reason: 'busy' | 'lost'): Step {
  const endpoints = new Map([...call.endpoints].filter(([peer]) => peer !== by))
  if (endpoints.size === 0) return over(call, [tellCaller(call, reason)])
  return done({ ...call, endpoints, out: new Set([...call.out, by]) })
}

function tellCaller({ id, caller }: RingingCall, reason: RejectedReason): Telling {
  return { to: caller.peer, call: id, type: 'reject', reason }
}

function tellEndpoints({ id, endpoints }: RingingCall, reason: CancelledReason, but?: PeerId): Telling[] {
  return [...endpoints.keys()]
    .filter((peer) => peer !== but)
    .map((to) => ({ to, call: id, type: 'cancel', reason }))
}

function over(call: RingingCall | TalkingCall, tellings: readonly Telling[]): Step {
  const parties = new Set([...partiesOf(call), ...call.out])
  return done({ phase: 'ended', id: call.id, parties }, tellings)
}

function done(call: Call, tellings: readonly Telling[] = []): Step {
  return { kind: 'done', call, tellings }
}

function refused(code: CallRefusal): Step {
  return { kind: 'refused', code }
}

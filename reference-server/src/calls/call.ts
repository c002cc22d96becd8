import {
  refusalIn,
  type CallEndReason,
  type CallId,
  type CancelledReason,
  type CancelReason,
  type EventOf,
  type KnownErrorCode,
  type Label,
  type machines,
  type Party,
  type PeerId,
  type RejectedReason,
  type RejectReason,
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

/** What a party's event makes of a call: refused where the machine `call` of the specification says so (ring.states). */
export function step(call: Call, event: PartyEvent): Step {
  const name = eventName(call, event)
  // ring.state, ring.ended, ring.not-found, ring.crossed
  const refusal = refusalIn('call', call.phase, name)
  if (refusal !== undefined) return refused(refusal.code as CallRefusal)
  // The tables give each event its own kind, which the compiler cannot follow through an index.
  if (call.phase === 'ringing')
    return (whileRinging[name as keyof typeof whileRinging] as Act<RingingCall>)(call, event)
  if (call.phase === 'talking')
    return (whileTalking[name as keyof typeof whileTalking] as Act<TalkingCall>)(call, event)
  return done(call)
}

/** How the machine calls an event, which depends on the part that its peer has in the call. */
function eventName(call: Call, { kind, by, ...rest }: PartyEvent): EventOf<'call'> {
  if (call.phase === 'ended') return call.parties.has(by) ? 'party' : 'stranger'
  const role = roleOf(call, by)
  if (role === 'out' || role === 'stranger') return role
  if (kind !== 'reject' || role === 'caller') return `${role}.${kind}` as EventOf<'call'>
  return `${role}.${'reason' in rest && rest.reason === 'busy' ? 'busy' : 'decline'}`
}

function roleOf(
  call: RingingCall | TalkingCall,
  peer: PeerId,
): 'caller' | 'callee' | 'endpoint' | 'out' | 'stranger' {
  if (peer === call.caller.peer) return 'caller'
  if (call.phase === 'talking' && peer === call.callee.peer) return 'callee'
  if (call.phase === 'ringing' && call.endpoints.has(peer)) return 'endpoint'
  return call.out.has(peer) ? 'out' : 'stranger'
}

/** Ends a call that rings: its time is over, or it has lost to one that crosses it. */
export function endUnanswered(call: RingingCall, event: OutsideEvent): Step {
  return whileRinging[event.kind](call, event)
}

type StatesOfCalls = (typeof machines)['call']['states']

/** The events that come to anything in a state of a call: those that the machine does not refuse. */
type ActingEvent<S extends Exclude<Call['phase'], 'ended'>> = {
  [E in keyof StatesOfCalls[S]]: StatesOfCalls[S][E] extends readonly [{ readonly answer: `error:${string}` }]
    ? never
    : E
}[keyof StatesOfCalls[S]]

/** What stands behind the name of an event. */
type Behind<E extends string> = E extends `${string}.cancel`
  ? Extract<PartyEvent, { readonly kind: 'cancel' }>
  : E extends `${string}.decline` | `${string}.busy`
    ? Extract<PartyEvent, { readonly kind: 'reject' }>
    : E extends `${string}.${string}`
      ? PartyEvent
      : OutsideEvent

type Act<C extends Call> = (call: C, event: PartyEvent) => Step

/** A call that rings: one line for each event that the machine has. */
const whileRinging: {
  readonly [E in ActingEvent<'ringing'>]: (call: RingingCall, event: Behind<E>) => Step
} = {
  // ring.ringing, ring.hidden
  'endpoint.ringing': (call) =>
    call.alerted
      ? done(call)
      : done({ ...call, alerted: true }, [{ to: call.caller.peer, call: call.id, type: 'ringing' }]),
  'endpoint.accept': (call, { by }) => taken(call, by),
  'endpoint.decline': (call, { by, reason }) => declined(call, by, reason),
  'endpoint.busy': (call, { by }) => without(call, by, 'busy'),
  'endpoint.lost': (call, { by }) => without(call, by, 'lost'), // ring.endpoint-lost
  'caller.cancel': (call, { reason }) => over(call, tellEndpoints(call, reason)), // ring.cancel
  'caller.lost': (call) => over(call, tellEndpoints(call, 'lost')), // ring.caller-lost
  timeout: unanswered, // ring.timeout
  glare: unanswered, // ring.glare
}

/** A call that has been taken, in the same way. */
const whileTalking: {
  readonly [E in ActingEvent<'talking'>]: (call: TalkingCall, event: Behind<E>) => Step
} = {
  'caller.relay': (call) => done(call),
  'callee.relay': (call) => done(call),
  // talk.hangup: the message itself tells the other
  'caller.hangup': (call) => over(call, []),
  'callee.hangup': (call) => over(call, []),
  'caller.lost': (call) => lost(call, call.callee),
  'callee.lost': (call) => lost(call, call.caller),
}

function unanswered(call: RingingCall, { kind: reason }: OutsideEvent): Step {
  return over(call, [tellCaller(call, reason), ...tellEndpoints(call, reason)])
}

/** talk.lost */
function lost(call: TalkingCall, { peer: to }: Party): Step {
  return over(call, [{ to, call: call.id, type: 'call-ended', reason: 'lost' }])
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

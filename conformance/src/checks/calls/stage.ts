import type {
  Accept,
  CallRelay,
  Callee,
  Cancel,
  Invite,
  KnownErrorCode,
  Reject,
  Ringing,
} from '@parley/schemas'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, Late, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint, Outcome, Received } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { stringOf, type Wire } from '../../endpoint/wire.ts'
import { apart, clip } from '../../observer/clip.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { placesFor } from '../scene/membership.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import type { Relayed } from '../scene/stream.ts'

/** Members of one room, for whom `calls` is in force: whoever the server lets ring anybody may ring each other here. */
export interface Stage {
  readonly room: string
  readonly a: Endpoint
  readonly b: Endpoint
}

/** The same with somebody who has no part in their calls. */
export interface WatchedStage extends Stage {
  readonly c: Endpoint
}

/** Brings two members into a room of their own. */
export function stage(t: CheckContext): Promise<Stage> {
  return t.pair()
}

/** Brings three members into a room of their own. */
export async function watchedStage(t: CheckContext): Promise<WatchedStage> {
  placesFor(t, 3, 3)
  const room = t.room()
  const [a, b, c] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  await t.join(room, a, b, c)
  return { room, a, b, c }
}

/** What an `invite` says beside its callee. */
export type InviteOptions = Partial<Pick<Invite, 'call' | 'label' | 'data' | 'ringSeconds'>>

/** Refusals of an `invite` that a server may have for anybody: whom it lets ring is its operator's to say. */
const ownRules: ReadonlySet<string> = new Set(['user-unavailable', 'forbidden', 'rate-limited'])

/** Whether an outcome of an `invite` is one of them. */
export function mayRefuseAnybody({ code }: Pick<Outcome, 'code'>): boolean {
  return code !== undefined && ownRules.has(code)
}

/** Ends the check: the server lets nobody invite. That it should is judged by the check of ring.members. */
export function cannotInvite(t: CheckContext): never {
  t.couldNotRun('The server refuses the invite of a member of a room for another one: see ring.members')
}

/**
 * Sends an `invite` that the server should accept, and returns the id of its call. Ends the check where the server lets nobody invite:
 * that it should is judged by the check of ring.members.
 */
export async function invite(
  t: CheckContext,
  caller: Endpoint,
  callee: Callee,
  options: InviteOptions = {},
): Promise<string> {
  const call = options.call ?? t.callId()
  const outcome = await presupposing(
    'outcomes.exactly-one',
    requestInTime(caller, { type: 'invite', callee, ...options, call }),
  )
  if (outcome.type === 'ok') return call
  const { code } = outcome
  if (mayRefuseAnybody(outcome))
    throw new Undecided(
      'could-not-run',
      `The server refuses the invite of a member of a room for another one with ${code ?? ''}: see ring.members and ring.calls-per-peer`,
    )
  const failure = unexpected(outcome, 'ok for the invite of a member of a room for another one')
  throw Object.assign(failure, { presupposes: 'ring.members' } as const)
}

/** Rings one peer, or a user on every device; resolves when all who are to ring have been told. */
export async function ring(
  t: CheckContext,
  caller: Endpoint,
  endpoints: readonly [Endpoint, ...Endpoint[]],
  { callee = { peer: endpoints[0].peer }, ...options }: InviteOptions & { readonly callee?: Callee } = {},
): Promise<string> {
  const call = await invite(t, caller, callee, options)
  for (const endpoint of endpoints)
    await presupposing(
      'ring.invited',
      hear(endpoint, 'invite', call, `an invite at ${endpoint.name}, which is to ring`),
    )
  return call
}

/** Lets an endpoint that rings take the call; resolves when the caller has been told. */
export async function take(caller: Endpoint, endpoint: Endpoint, call: string): Promise<void> {
  const accepting = endpoint.post({ type: 'accept', call })
  await presupposing(
    'ring.accept',
    expectAccepted(accepting, 'ok', 'the accept of an endpoint that rings').then(() =>
      hear(caller, 'accept', call, 'an accept at the caller, for that of the endpoint'),
    ),
  )
}

/** Lets the caller end a call that rings. */
export async function cancel(caller: Endpoint, call: string): Promise<void> {
  await presupposing(
    'ring.cancel',
    say(caller, { type: 'cancel', call, reason: 'normal' }, 'the cancel of the caller'),
  )
}

/** Lets an endpoint that rings end that. */
export async function reject(endpoint: Endpoint, call: string, reason: 'busy' | 'declined'): Promise<void> {
  await presupposing(
    reason === 'busy' ? 'ring.busy' : 'ring.decline',
    say(endpoint, { type: 'reject', call, reason }, `the reject of an endpoint with reason ${reason}`),
  )
}

/** Ends a call that has been taken; one that was over already is what a hangup or a loss has done before. */
export async function hangUp(from: Endpoint, to: Endpoint, call: string): Promise<void> {
  const expected = 'ok for the hangup of a party'
  const hangup = { type: 'hangup', to: to.peer, call, reason: 'normal' } as const
  const outcome = await from.post(hangup).outcome(expected)
  if (outcome.type === 'ok') return
  const presupposes = outcome.code === 'call-ended' ? 'talk.hangup' : 'talk.delivered'
  throw Object.assign(unexpected(outcome, expected), { presupposes } as const)
}

/** A call that has been taken. */
export interface Talk {
  readonly call: string
  readonly from: Endpoint
  readonly to: Endpoint
}

/** Rings one peer, and lets it take the call. */
export async function talk(
  t: CheckContext,
  caller: Endpoint,
  callee: Endpoint,
  options: InviteOptions = {},
): Promise<Talk> {
  const call = await ring(t, caller, [callee], options)
  await take(caller, callee, call)
  return { call, from: caller, to: callee }
}

/** A message about a call that rings, from one of its parties. */
export type Said = Ringing | Accept | Reject | Cancel

/** What a party says is taken. */
export async function say(from: Endpoint, message: Said | CallRelay, what: string): Promise<void> {
  await expectAccepted(from.post(message), 'ok', what)
}

/** What somebody says is refused. */
export async function refuses(
  from: Endpoint,
  message: Said | CallRelay | Invite,
  codes: readonly KnownErrorCode[],
  what: string,
): Promise<void> {
  await expectRefusal(from, from.post(message).id, codes, what)
}

/** What somebody says of a call that is over for it is refused; with which code is judged by the check of ring.ended. */
export async function refusesAsOver(from: Endpoint, message: Said | CallRelay, what: string): Promise<void> {
  const expected = `call-ended for ${what}`
  const outcome = await from.post(message).outcome(expected)
  if (outcome.code === 'call-ended') return
  const failure = unexpected(outcome, expected)
  if (outcome.code === undefined) throw failure
  throw Object.assign(failure, { presupposes: 'ring.ended' } as const)
}

/** Whether a frame is about a call, and answers nothing that its reader has sent. */
function tellsOf(call: string): (frame: Received) => boolean {
  return ({ message }) =>
    message['call'] === call && message['ref'] === undefined && message['type'] !== 'error'
}

/** Everything that somebody has been told of a call, the outcomes of its own messages apart. */
export function toldOf(endpoint: Endpoint, call: string, since = 0): readonly Received[] {
  return endpoint.log.filter((frame) => frame.index >= since && tellsOf(call)(frame))
}

/** Waits for a message of a type about a call. */
export function hear(
  endpoint: Endpoint,
  type: string,
  call: string,
  what: string,
  where: (message: Wire) => boolean = () => true,
): Promise<Received> {
  const isOf = tellsOf(call)
  return endpoint.waitFor(
    (frame) => frame.message['type'] === type && isOf(frame) && where(frame.message),
    what,
    {
      like: (frame) => (isOf(frame) ? likeness(frame.message) : undefined),
    },
  )
}

function likeness({ type, reason }: Wire): string {
  const named = typeof reason === 'string' ? ` with reason ${clip(reason)}` : ''
  return `${indefinite(String(type))}${named}`
}

/** Waits for `reject` at the caller, `cancel` at an endpoint or `call-ended` with a reason. */
export async function hearEnd(
  endpoint: Endpoint,
  type: 'reject' | 'cancel' | 'call-ended',
  call: string,
  reason: string,
  when: string,
): Promise<Received> {
  const expected = `${type} with reason ${reason} at ${endpoint.name} ${when}`
  const heard = await hear(endpoint, type, call, expected)
  const { message, text } = heard
  if (message['reason'] === reason) return heard
  throw new CheckFailure(expected, `its reason was ${clip(JSON.stringify(message['reason']))}`).shownBy(text)
}

/** Fails where somebody has been told anything of a call from a place in its log on; what was to come has to have come. */
export function expectSilence(endpoint: Endpoint, call: string, since: number, when: string): void {
  const [told] = toldOf(endpoint, call, since)
  if (told === undefined) return
  throw new CheckFailure(
    `nothing of the call at ${endpoint.name} ${when}`,
    `${likeness(told.message)} came`,
  ).shownBy(told.text)
}

/** A caller that has been told nothing yet of its call is told nothing. */
export async function hearsNothing(caller: Endpoint, call: string, when: string): Promise<void> {
  await caller.sync()
  expectSilence(caller, call, 0, when)
}

/** Two calls of the same two, each of one of them, have other labels: neither gives way to the other. */
export async function goOnBeside(
  ...calls: readonly (readonly [caller: Endpoint, call: string])[]
): Promise<void> {
  for (const [caller, call] of calls)
    await presupposing('ring.glare', hearsNothing(caller, call, 'of two with other labels, each way one'))
}

/** A message of the negotiation in a call made by `invite`. */
export function inCall({ room: _room, ...message }: Relayed): CallRelay {
  if (message.type !== 'offer') return message
  const { label: _label, ...offer } = message
  return offer
}

/** The user as whom the server knows a client; `undefined` where it is nobody. */
function knownAs({ log, welcome }: Endpoint): string | undefined {
  const authenticated = log.findLast(({ message }) => message['type'] === 'authenticated')
  return stringOf(authenticated?.message ?? welcome, 'user')
}

/** Fails unless a party is named as the server knows it. */
export function expectParty(shown: unknown, party: Endpoint, where: string): void {
  const { peer, user } = (typeof shown === 'object' && shown !== null ? shown : {}) as Wire
  if (peer !== party.peer)
    throw new CheckFailure(`${where} with peer ${party.peer}`, `it is ${clip(JSON.stringify(shown))}`)
  const known = knownAs(party)
  if (user === known) return
  const [due, seen] = apart(known, user)
  const expected = known === undefined ? 'no user: nobody is authenticated' : `user ${due}`
  throw new CheckFailure(
    `${where} with ${expected}`,
    user === undefined ? 'it has no user' : `user is ${seen}`,
  )
}

/**
 * Does what has to be done while a call rings for so many seconds. Comes to no judgement where they were over before, on a long way.
 *
 * @param act - Begins with the invite.
 */
export async function whileRinging<T>(seconds: number, act: () => Promise<T>): Promise<T> {
  const begunAt = performance.now()
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof CheckFailure) || performance.now() < begunAt + 1000 * seconds) throw error
    const late = new Late(error.expected, error.actual)
    const time = `The ${String(seconds)} s for which a call was to ring were over`
    throw new Undecided('inconclusive', `${time} before the kit was done. ${error.message}`, undefined, late)
  }
}

/** A parameter of the capability, as `welcome` has it. */
function parameter(t: CheckContext, { welcome }: Endpoint, name: 'callsPerPeer' | 'ringSeconds'): number {
  const { calls } = (welcome['capabilities'] ?? {}) as { calls?: Wire }
  const value = calls?.[name]
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value
  return t.couldNotRun(`The parameters of calls have no ${name}: see frames.shape:parameters`)
}

/** How many calls one peer may have a part in at a time. */
export function callsPerPeer(t: CheckContext, peer: Endpoint): number {
  return parameter(t, peer, 'callsPerPeer')
}

/** How long a call rings at most, in seconds. */
export function ringSeconds(t: CheckContext, peer: Endpoint): number {
  return parameter(t, peer, 'ringSeconds')
}

import type { ParametersOf } from '@parley/schemas'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import type { Numbers } from '../../endpoint/numbers.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { hangupTo } from '../scene/negotiation-message.ts'

/** A member with a session that outlives its connection, and one without, in a room of their own. */
export interface Stage {
  readonly room: string
  readonly a: Endpoint
  readonly b: Endpoint
}

/** Brings the two in, the one with the session first. */
export async function stage(t: CheckContext): Promise<Stage> {
  const room = t.room()
  const [a, b] = await Promise.all([t.client(), t.client({ capabilities: [] })])
  await t.join(room, a, b)
  return { room, a, b }
}

/** So many messages no server sends meanwhile; one that it does send may always be there: a member may be told again, unasked, what it knows. */
export const farBeyond = 1_000_000

/** The numbers of a client for which `resume` is in force. */
export function numbersOf(endpoint: Endpoint): Numbers {
  if (endpoint.numbers === undefined) throw new Error(`Endpoint ${endpoint.name} has no session`)
  return endpoint.numbers
}

/** The number of the last message of the server, of which there have to be so many: where numbers are wrong nothing can be told by them. */
export function seenBy(endpoint: Endpoint, least: number): number {
  const { seen } = numbersOf(endpoint)
  if (seen >= least) return seen
  const failure = new CheckFailure(
    `messages with the numbers 1 to ${String(least)}`,
    `after number ${String(seen)} the next one was missing`,
  )
  throw Object.assign(failure, { presupposes: 'seq.numbered' } as const)
}

/** How the server says that it keeps sessions. */
export function parametersOf(endpoint: Endpoint): ParametersOf<'resume'> {
  return (endpoint.welcome['capabilities'] as { readonly resume: ParametersOf<'resume'> }).resume
}

/** A session that has lost its connection. */
export interface Lost {
  readonly numbers: Numbers
  /** When it was cut, in milliseconds of `performance.now()`. */
  readonly cutAt: number
  /** How long it lasts from then on at least: it waits no longer, and not past the end of its authentication. */
  readonly windowMs: number
}

/** Cuts a connection without a word, and lets the server notice. */
export async function cut(t: CheckContext, endpoint: Endpoint): Promise<Lost> {
  const lost = lostOf(endpoint)
  endpoint.link.abort()
  await endpoint.endsInTime()
  // What a new connection is answered comes after what ended an old one, most often; nothing rests on it.
  const other = await t.client({ capabilities: [] })
  other.send({ type: 'bye' })
  return lost
}

/** Lets a client skip a number, which ends its connection. */
export async function skip(t: CheckContext, endpoint: Endpoint, room: string, to: string): Promise<Lost> {
  const lost = lostOf(endpoint)
  const seq = lost.numbers.sent.length + 2
  endpoint.sendText(JSON.stringify({ ...hangupTo({ room, to, call: t.callId() }), seq }))
  await presupposing('seq.gap', endpoint.expectEnd('the end of the connection after seq-gap'))
  return lost
}

/** The session of a connection that is still there, as one that may be lost from now on. */
export function lostOf(endpoint: Endpoint): Lost {
  const cutAt = performance.now()
  const windowMs = parametersOf(endpoint).windowSeconds * 1000
  const authenticated = endpoint.log.findLast(({ message }) => message['type'] === 'authenticated')
  const expiresInMs = authenticated?.message['expiresInMs']
  // Counted from before the connection began, which is before the server counts.
  const left = typeof expiresInMs === 'number' ? endpoint.openedAt + expiresInMs - cutAt : Infinity
  return { numbers: numbersOf(endpoint), cutAt, windowMs: Math.min(windowMs, left) }
}

/** Ends the check where the session may have waited for longer than it has to: the kit was too slow to judge. */
export function unlessLate({ cutAt, windowMs }: Lost): void {
  if (performance.now() - cutAt < windowMs) return
  throw new Undecided(
    'inconclusive',
    'The kit came back when the time of the session was over, or that of its token',
  )
}

/**
 * Does a step while a session waits. Comes to no judgement where it fails when the time of the session may be over: what others then are
 * told, and refused, may be for that. An outcome is due to them all the same.
 */
export async function whileWaiting<T>(lost: Lost, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    const isAnswer = error instanceof CheckFailure && !error.unanswered && !(error instanceof ConnectionLost)
    if (isAnswer) unlessLate(lost)
    throw error
  }
}

/** Asks to go on with a session on a new connection. */
export async function tryResume(
  t: CheckContext,
  { numbers }: Pick<Lost, 'numbers'>,
  { ack, later }: { readonly ack?: number; readonly later?: Endpoint } = {},
): Promise<{ readonly later: Endpoint; readonly outcome: Outcome }> {
  const on = later ?? (await t.client())
  const pending = on.resume(numbers, ack)
  return { later: on, outcome: await pending.outcome('resumed or resume-failed for a resume') }
}

/** Goes on with a session; the step is that of resume.resumed. */
export async function resume(
  t: CheckContext,
  lost: Lost,
  options: { readonly ack?: number; readonly later?: Endpoint } = {},
): Promise<Endpoint> {
  return presupposing('resume.resumed', expectResumed(t, lost, options))
}

/** The same where that is what is judged. */
export async function expectResumed(
  t: CheckContext,
  lost: Lost,
  options: { readonly ack?: number; readonly later?: Endpoint } = {},
): Promise<Endpoint> {
  const { later, outcome } = await tryResume(t, lost, options)
  if (outcome.type === 'resumed') return later
  unlessLate(lost)
  throw unexpected(outcome, 'resumed for a resume of a session that lasts')
}

/** Lets one member send another a message that can be told from others; returns its call. */
export function say(t: CheckContext, from: Endpoint, to: string, room: string): string {
  const call = t.callId()
  from.send(hangupTo({ room, to, call }))
  return call
}

/** Waits for it. */
export async function hear(at: Endpoint, call: string, what: string): Promise<Wire> {
  return (await at.waitFor(({ message }) => message['call'] === call && 'from' in message, what)).message
}

/** The deliveries that an endpoint has read, by their calls, in order. */
export function callsAt(at: Endpoint): readonly string[] {
  return at.log.flatMap(({ message }) => ('from' in message ? [String(message['call'])] : []))
}

/** Waits for a member to be told that a peer has left; the reason is judged. */
export async function toldOf(b: Endpoint, peer: string, reason: string, when: string): Promise<void> {
  const what = `peer-left with reason ${reason} ${when}`
  const told = await b.expect('peer-left', (message) => message.peer === peer, what)
  if (told.reason !== reason)
    throw new CheckFailure(what, `the reason was ${clip(JSON.stringify(told.reason))}`)
}

/**
 * Requires that a session is over.
 *
 * @param later - Who asks to go on with it; by default a new client of the first user.
 */
export async function isOver(
  t: CheckContext,
  lost: Pick<Lost, 'numbers'>,
  when: string,
  later?: Endpoint,
): Promise<void> {
  const { outcome } = await tryResume(t, lost, later === undefined ? {} : { later })
  if (outcome.code !== 'resume-failed')
    throw unexpected(outcome, `resume-failed for a resume of a session that is over: ${when}`)
}

/** Ends a session for good, whether it has a connection or waits: one that waits would ring with the devices of others. */
export async function endSession(t: CheckContext, endpoint: Endpoint): Promise<void> {
  const replaces = endpoint.numbers?.secret ?? ''
  const last =
    endpoint.end === undefined
      ? endpoint
      : await t.client({ anonymous: true, capabilities: [], hello: { replaces } })
  last.send({ type: 'bye' })
  await last.endsInTime()
}

import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { candidateTo } from '../scene/negotiation-message.ts'
import { authenticate, tokenOf } from '../scene/token.ts'
import { awaitEnd, expectTimeout, shortRing } from './answering.ts'
import { crossing, twoIds } from './glare.ts'
import {
  callsPerPeer,
  expectSilence,
  hear,
  hearEnd,
  inCall,
  ring,
  ringSeconds,
  say,
  stage,
  take,
  toldOf,
  whileRinging,
  cancel,
  reject,
  hangUp,
} from './stage.ts'

/** Lets the time of a call that rings for {@link shortRing} pass: that of every call that began before it is over then, too. */
async function letTimePass(t: CheckContext, a: Endpoint, b: Endpoint): Promise<string> {
  const call = t.callId()
  const [caller, callee] = [awaitEnd(a, call), awaitEnd(b, call)]
  const sentAt = performance.now()
  await ring(t, a, [b], { call, ringSeconds: shortRing })
  await expectTimeout(t, call, sentAt, caller, [callee])
  return call
}

/** Ends the check where a peer may not have another call beside the one that is looked at. */
function needsTwoCalls(t: CheckContext, a: Endpoint): void {
  if (callsPerPeer(t, a) < 2) t.notObserved('A peer may have one call, and this takes another one beside it')
}

/** Begins a call that rings for {@link shortRing}, and does with it what has to be done in that time. */
function inShortTime(
  t: CheckContext,
  [a, b]: readonly [Endpoint, Endpoint],
  act: (call: string) => Promise<void>,
): Promise<string> {
  return whileRinging(shortRing, async () => {
    const call = await ring(t, a, [b], { ringSeconds: shortRing })
    await act(call)
    return call
  })
}

/** What a party is told of a call until it has been taken. */
const beforeTalking: ReadonlySet<unknown> = new Set(['invite', 'ringing', 'accept'])

/** ring.timeout: only of a call that rings; one that has been taken goes on when the time is over. */
async function sparesWhoTalks(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  needsTwoCalls(t, a)
  const call = await inShortTime(t, [a, b], async (rung) => {
    await presupposing('ring.ringing', say(b, { type: 'ringing', call: rung }, 'ringing of an endpoint'))
    await take(a, b, rung)
  })
  const places = [a, b].map(({ log }) => log.length)
  await presupposing('ring.timeout', letTimePass(t, a, b))
  const when = `of a call that was to ring for ${String(shortRing)} s, and has been taken before`
  for (const [index, party] of [a, b].entries()) {
    const told = toldOf(party, call, places[index]).find(({ message: { type } }) => !beforeTalking.has(type))
    if (told)
      throw new CheckFailure(
        'a call that has been taken to go on when the time is over for which it was to ring',
        `${String(told.message['type'])} came at ${party.name}`,
      ).shownBy(told.text)
  }
  for (const [party, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const expected = `ok for a candidate ${when}`
    const candidate = inCall(candidateTo({ room: '', to: other.peer, call }))
    const outcome = await party.post(candidate).outcome(expected)
    if (outcome.type !== 'ok') throw unexpected(outcome, expected)
  }
  await t.barrier(a, b, room)
  await say(a, { type: 'hangup', to: b.peer, call, reason: 'normal' }, `the hangup ${when}`)
}

/** What is wrong with calls that are over already when the time is over for which they were to ring. */
interface OverBefore {
  /** What becomes of one that begins after them (ring.timeout); where anything is wrong with it, the rest cannot be seen. */
  readonly another: CheckFailure | undefined
  /** What somebody is told then (ring.last). */
  readonly told: CheckFailure | undefined
  /** What becomes of a message about one of them (ring.ended). */
  readonly forgotten: CheckFailure | undefined
}

/** How long before the last call those begin that are over before, in milliseconds: with the time of one of them it would end too early. */
const apartMs = 300

async function overBefore(t: CheckContext): Promise<OverBefore> {
  const { room, a, b } = await stage(t)
  needsTwoCalls(t, a)
  const cancelled = await inShortTime(t, [a, b], (call) => cancel(a, call))
  const declined = await inShortTime(t, [a, b], (call) => reject(b, call, 'declined'))
  const busy = await inShortTime(t, [a, b], (call) => reject(b, call, 'busy'))
  const hungUp = await inShortTime(t, [a, b], (call) => take(a, b, call))
  await hangUp(b, a, hungUp)
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  const since = [a, b].map(({ log }) => log.length)
  await a.comesWithin(() => false, apartMs)
  const rung: string[] = []
  const another = await failureOf(async () => void rung.push(await letTimePass(t, a, b)))
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  const calls = [
    [cancelled, 'cancelled'],
    [declined, 'declined'],
    [busy, 'refused as busy'],
    [hungUp, 'hung up'],
  ] as const
  const told = await failureOf(() => {
    for (const [call, how] of calls)
      for (const [place, party] of [a, b].entries())
        expectSilence(
          party,
          call,
          since[place] ?? 0,
          `when the time is over for which it was to ring: it was ${how} before`,
        )
  })
  const forgotten = await failureOf(async () => {
    const since = `more than ${String(shortRing)} s after a call was`
    for (const [call, how] of calls) await knowsAsOver([a, b], call, `${since} ${how}`)
    for (const call of rung) await knowsAsOver([a, b], call, 'after the time of a call was over')
  })
  return { another, told, forgotten }
}

/** Everything that the parties of a call may say while it rings is refused as about one that is over, which it is. */
async function knowsAsOver(
  [caller, endpoint]: readonly [Endpoint, Endpoint],
  call: string,
  when: string,
): Promise<void> {
  const each = [
    [caller, { type: 'accept', call }],
    [caller, { type: 'cancel', call, reason: 'normal' }],
    [endpoint, { type: 'accept', call }],
    [endpoint, { type: 'reject', call, reason: 'declined' }],
  ] as const
  for (const [party, message] of each) {
    const expected = `call-ended for ${indefinite(message.type)} of ${party.name} ${when}`
    const outcome = await party.post(message).outcome(expected)
    if (outcome.code !== 'call-ended') throw unexpected(outcome, expected)
  }
}

async function failureOf(look: () => void | Promise<void>): Promise<CheckFailure | undefined> {
  try {
    await look()
    return undefined
  } catch (error) {
    if (error instanceof CheckFailure) return error
    throw error
  }
}

/** What keeps one check from a judgement is no reason for those that look at the same calls. */
function notSeen(error: unknown): Undecided {
  if (error instanceof Undecided && error.verdict === 'not-observed') return error
  throw error
}

/** The part of {@link overBefore} that a check judges. */
function judged(part: keyof OverBefore): (t: CheckContext) => Promise<void> {
  return async (t) => {
    const { another, [part]: failure } = await t.shared('calls whose time is over', overBefore)
    if (another && part !== 'another')
      throw Object.assign(another.inWords(another.expected), { presupposes: 'ring.timeout' } as const)
    if (failure) throw failure
  }
}

/** Seconds of a call to which something happens late: beginning its time anew would end it later than a server may. */
export const longRing = 6

/** When that happens, in milliseconds before its end. */
const lateMs = 250

/** What is wrong with a call that rings for longer than others, and with those that have been over as long. */
interface LongRing {
  /** When it ends (ring.timeout), where that could be seen. */
  readonly end: CheckFailure | Undecided | undefined
  /** What becomes of a message about one that was over before it began (ring.ended). */
  readonly forgotten: CheckFailure | undefined
  /** What becomes of an invite with the id of such a one (ring.reused). */
  readonly reused: CheckFailure | undefined
  /** Whether a server may have forgotten it then. */
  readonly tooLate: boolean
}

/** Milliseconds for which a call that is over has to be known. */
const mostKnownMs = 30_000

async function ringsLong(t: CheckContext): Promise<LongRing> {
  const { a, b } = await stage(t)
  if (ringSeconds(t, a) < longRing)
    t.notObserved(`A call rings for less than ${String(longRing)} s: its time begun anew would not show`)
  const cancelled = await ring(t, a, [b])
  await cancel(a, cancelled)
  const endedAt = performance.now()
  const end = await failureOf(() => countsFromTheInvite(t, a, b)).catch(notSeen)
  const when = `more than ${String(longRing)} s after a call was cancelled`
  const forgotten = await failureOf(() => knowsAsOver([a, b], cancelled, when))
  const reused = await failureOf(async () => {
    const outcome = await requestInTime(b, { type: 'invite', call: cancelled, callee: { peer: a.peer } })
    if (outcome.code === 'call-ended' || outcome.code === 'rate-limited') return
    throw unexpected(outcome, `call-ended for an invite with the id of a call, ${when}`)
  })
  return { end, forgotten, reused, tooLate: performance.now() > endedAt + mostKnownMs }
}

/** The part of {@link ringsLong} that a check judges. */
function judgedLong(part: Exclude<keyof LongRing, 'tooLate'>): (t: CheckContext) => Promise<void> {
  return async (t) => {
    const { forgotten, tooLate, [part]: failure } = await t.shared('a call that rings long', ringsLong)
    if (tooLate && part !== 'end')
      t.notObserved('Answers take too long to tell what is known of a call that ended less than 30 s ago')
    // Where it is forgotten for its parties, its id is as well.
    if (failure instanceof CheckFailure && forgotten && part === 'reused')
      failure.presupposes ??= 'ring.ended'
    if (failure) throw failure
  }
}

/** ring.timeout: counted from the invite, whatever an endpoint says in between. */
async function countsFromTheInvite(t: CheckContext, a: Endpoint, b: Endpoint): Promise<void> {
  const call = t.callId()
  const [caller, callee] = [awaitEnd(a, call), awaitEnd(b, call)]
  const sentAt = performance.now()
  await ring(t, a, [b], { call, ringSeconds: longRing })
  const endsAt = sentAt + 1000 * longRing
  const isOver = () => Math.min(caller.endedAt(), callee.endedAt()) < Infinity
  await b.comesWithin(isOver, Math.max(0, endsAt - lateMs - performance.now()))
  // What is refused changes the time as little.
  a.send({ type: 'invite', call, callee: { peer: b.peer } })
  a.send({ type: 'ringing', call })
  b.send({ type: 'cancel', call, reason: 'normal' })
  const ringing = await b
    .post({ type: 'ringing', call })
    .outcome('ok for ringing shortly before the end of a call')
  if (ringing.type !== 'ok' && performance.now() >= endsAt)
    t.notObserved('What was said shortly before the end of the call came after it')
  await expectTimeout(t, call, sentAt, caller, [callee], longRing)
}

/** talk.refresh: both parties refresh their authentication shortly before the end of a call that rings. */
async function outlastsNoRefresh(t: CheckContext): Promise<void> {
  const tokens = [await tokenOf(t), await tokenOf(t)]
  const { a, b } = await stage(t)
  if (ringSeconds(t, a) < longRing)
    t.notObserved(`A call rings for less than ${String(longRing)} s: its time begun anew would not show`)
  const call = t.callId()
  const [caller, callee] = [awaitEnd(a, call), awaitEnd(b, call)]
  const sentAt = performance.now()
  await ring(t, a, [b], { call, ringSeconds: longRing })
  const isOver = () => Math.min(caller.endedAt(), callee.endedAt()) < Infinity
  await a.comesWithin(isOver, Math.max(0, sentAt + 1000 * longRing - lateMs - performance.now()))
  for (const [place, party] of [a, b].entries()) {
    const { type } = await authenticate(party, tokens[place] ?? '')
    if (type !== 'authenticated')
      t.couldNotRun('The server does not take a second auth of the same user: see auth.refresh')
  }
  const which = ', whose parties refresh their authentication shortly before'
  await expectTimeout(t, call, sentAt, caller, [callee], longRing, which)
}

/** Pairs of calls that cross, with less time for the one that gives way: either may come first. */
const crossings = [
  { label: 'camera', loserIsFirst: true },
  { label: 'screen', loserIsFirst: false },
] as const

/** ring.timeout: the time of a call is its own, also where one has given way to it that had less. */
async function keepsItsTimeInGlare(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  needsTwoCalls(t, a)
  await whileRinging(ringSeconds(t, a), () => giveWay(t, a, b))
}

async function giveWay(t: CheckContext, a: Endpoint, b: Endpoint): Promise<void> {
  const winners: string[] = []
  // One place is for the call whose end is waited for.
  for (const { label, loserIsFirst } of crossings.slice(0, callsPerPeer(t, a) - 1)) {
    const [lower, higher] = twoIds(t)
    const short = { label, ringSeconds: shortRing }
    const begin = loserIsFirst
      ? async () => {
          await ring(t, a, [b], { ...short, call: higher })
          await crossing(t, b, a, lower, 'the invite of a call that crosses one with a higher id', { label })
        }
      : async () => {
          await ring(t, b, [a], { label, call: lower })
          await crossing(t, a, b, higher, 'the invite of a call that crosses one with a lower id', short)
        }
    await whileRinging(shortRing, async () => {
      await presupposing('ring.glare', begin())
      const crosses = 'whose call crosses one with a lower id'
      await presupposing('ring.glare', hearEnd(a, 'reject', higher, 'glare', crosses))
      await presupposing('ring.glare', hear(a, 'invite', lower, 'the invite of the call that stays'))
    })
    winners.push(lower)
  }
  await presupposing('ring.timeout', letTimePass(t, a, b))
  const expected = `a call to ring on after the ${String(shortRing)} s of another one, which has given way to it`
  for (const call of winners)
    for (const party of [a, b]) {
      const told = toldOf(party, call).find(({ message: { type } }) => type !== 'invite')
      if (told)
        throw new CheckFailure(
          expected,
          `${String(told.message['type'])} with reason ${String(told.message['reason'])} came at ${party.name}`,
        ).shownBy(told.text)
    }
  for (const call of winners) await take(b, a, call)
}

const options = { capability: 'calls', waits: true } as const

/** Checks of what the time for which a call rings does to it, and what it does not. */
export const ringTimerChecks: readonly Check[] = [
  check('ring.timeout', 'a call that was taken before its time is over', sparesWhoTalks, {
    ...options,
    name: 'taken',
  }),
  check('ring.timeout', 'an endpoint says ringing shortly before the end', judgedLong('end'), {
    ...options,
    name: 'alerted',
  }),
  check('ring.timeout', 'a call that begins after others which are over', judged('another'), {
    ...options,
    name: 'after-others',
  }),
  check('ring.timeout', 'a call to which one with less time gives way', keepsItsTimeInGlare, {
    ...options,
    name: 'glare',
  }),
  check('talk.refresh', 'a call whose parties refresh shortly before its end', outlastsNoRefresh, {
    ...options,
    name: 'timer',
  }),
  check('ring.last', 'the time of calls that are over already', judged('told'), {
    ...options,
    name: 'timer',
  }),
  check('ring.ended', 'calls that were over before their time, and one after it', judged('forgotten'), {
    ...options,
    name: 'timer',
  }),
  check('ring.ended', 'a call that has been over for seconds', judgedLong('forgotten'), {
    ...options,
    name: 'seconds',
  }),
  check('ring.reused', 'the id of a call that has been over for seconds', judgedLong('reused'), {
    ...options,
    name: 'seconds',
  }),
]

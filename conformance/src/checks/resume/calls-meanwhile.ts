import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { inTurn } from '../calls/in-turn.ts'
import {
  cancel,
  cannotInvite,
  expectSilence,
  hangUp,
  hear,
  hearEnd,
  inCall,
  reject,
  ring,
  ringSeconds,
  say,
  take,
  toldOf,
  whileRinging,
} from '../calls/stage.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { placesFor } from '../scene/membership.ts'
import { numbered, numberOf } from '../scene/stream.ts'
import { requireTwoUsers, userOf } from '../scene/token.ts'
import { needsCapability } from './meanwhile.ts'
import { awaitEnd, expectTimeout, shortRing, type Patient } from '../calls/answering.ts'
import { longRing } from '../calls/ring-timer.ts'
import {
  cut,
  endSession,
  lostOf,
  parametersOf,
  resume,
  skip,
  unlessLate,
  whileWaiting,
  type Lost,
  type Stage,
} from './stage.ts'

/** What the clients of these checks ask for. */
const both = { capabilities: ['resume', 'calls'] } as const

/** Two members of a room with sessions, each of which the server lets ring the other. */
export async function callers(
  t: CheckContext,
): Promise<{ readonly room: string; readonly a: Endpoint; readonly b: Endpoint }> {
  needsCapability(t, 'calls')
  const room = t.room()
  const [a, b] = [await t.client(both), await t.client(both)]
  await t.join(room, a, b)
  const call = await ring(t, a, [b])
  await cancel(a, call)
  await hearEnd(b, 'cancel', call, 'normal', 'where the caller gave it')
  return { room, a, b }
}

/** Goes on with the session of one of them. */
export async function comeBack(t: CheckContext, lost: Lost): Promise<Endpoint> {
  unlessLate(lost)
  return await resume(t, lost, { later: await t.client(both) })
}

/** Milliseconds within which a session whose time is over ends. */
const endsWithinMs = 5000

/** Candidates that are sent to a party that is away. */
const candidates = 5

/** resume.meanwhile: the messages of calls, from the invite to the hangup. */
async function keepsCalls(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  const kept = (what: string) => `${what} that was sent while the session of its receiver waited`
  let lost = await cut(t, b)
  const call = t.callId()
  const invited = await requestInTime(a, { type: 'invite', call, callee: { peer: lost.numbers.peer } })
  unlessLate(lost)
  if (invited.type !== 'ok') throw unexpected(invited, 'ok for the invite of a peer whose session waits')
  let callee = await comeBack(t, lost)
  await hear(callee, 'invite', call, kept('an invite'))
  lost = await cut(t, callee)
  const cancelled = 'the cancel of the caller of a peer whose session waits'
  await whileWaiting(lost, say(a, { type: 'cancel', call, reason: 'normal' }, cancelled))
  callee = await comeBack(t, lost)
  await hearEnd(
    callee,
    'cancel',
    call,
    'normal',
    'where the caller gave it while the session of the endpoint waited',
  )

  await ringsAgain(t, a, callee)
  const next = await ring(t, a, [callee])
  let ofCaller = await cut(t, a)
  const answers = async () => {
    await say(callee, { type: 'ringing', call: next }, 'ringing of an endpoint whose caller is away')
    await say(callee, { type: 'accept', call: next }, 'the accept of an endpoint whose caller is away')
  }
  await whileWaiting(ofCaller, answers())
  let caller = await comeBack(t, ofCaller)
  await hear(caller, 'ringing', next, kept('ringing'))
  await hear(caller, 'accept', next, kept('an accept'))

  lost = await cut(t, callee)
  const place = { room: '', to: lost.numbers.peer, call: next }
  for (let count = 1; count <= candidates; count += 1)
    await whileWaiting(
      lost,
      say(caller, inCall(numbered(place, count)), 'a candidate to a party whose session waits'),
    )
  callee = await comeBack(t, lost)
  await hear(
    callee,
    'candidate',
    next,
    kept('the last candidate of a call'),
    (m) => numberOf(m) === candidates,
  )
  const came = toldOf(callee, next).flatMap(({ message }) => numberOf(message) ?? [])
  if (came.some((number, index) => number !== index + 1))
    throw new CheckFailure(
      `candidates 1 to ${String(candidates)} of a call in the order sent`,
      `there came ${came.join(', ')}`,
    )
  lost = await cut(t, callee)
  const hangup = { type: 'hangup', to: place.to, call: next, reason: 'normal' } as const
  await whileWaiting(lost, say(caller, hangup, 'a hangup to a party whose session waits'))
  callee = await comeBack(t, lost)
  await hear(callee, 'hangup', next, kept('a hangup'))

  // A call that is over before its receiver is back is told from its beginning.
  lost = await cut(t, callee)
  const brief = t.callId()
  await requestInTime(caller, { type: 'invite', call: brief, callee: { peer: lost.numbers.peer } })
  await whileWaiting(lost, cancel(caller, brief))
  callee = await comeBack(t, lost)
  await hear(callee, 'invite', brief, kept('an invite that was cancelled'))
  await hearEnd(callee, 'cancel', brief, 'normal', 'of a call that began and ended while its session waited')

  const declined = await ring(t, caller, [callee])
  ofCaller = await cut(t, caller)
  await whileWaiting(ofCaller, reject(callee, declined, 'declined'))
  caller = await comeBack(t, ofCaller)
  await hearEnd(caller, 'reject', declined, 'declined', 'whose session waited when the endpoint gave it')

  const taken = await ring(t, caller, [callee])
  await take(caller, callee, taken)
  ofCaller = await cut(t, caller)
  callee.send({ type: 'bye' })
  await callee.endsInTime()
  caller = await comeBack(t, ofCaller)
  await hearEnd(caller, 'call-ended', taken, 'lost', 'whose session waited when the other party said bye')
}

/** Cuts the callee of a call off, and waits until the time of its session is over. */
async function loseForGood(t: CheckContext, a: Endpoint, b: Endpoint): Promise<void> {
  const { windowSeconds } = parametersOf(b)
  const { peer } = (await cut(t, b)).numbers
  const isOver = ({ message }: { readonly message: Wire }) =>
    message['type'] === 'peer-left' && message['peer'] === peer
  const told = await a.comesWithin(isOver, 1000 * windowSeconds + endsWithinMs + t.dueMs)
  if (told) return
  const expected = `peer-left within 5 s after the ${String(windowSeconds)} s for which a session waits`
  throw Object.assign(new CheckFailure(expected, 'none came'), { presupposes: 'resume.window-over' } as const)
}

function affordWindow(t: CheckContext, b: Endpoint): number {
  const { windowSeconds } = parametersOf(b)
  t.cost({ ms: 1000 * windowSeconds }, `The time for which a session waits (${String(windowSeconds)} s)`)
  return windowSeconds
}

/** talk.lost: what follows from the end of a connection where there are no sessions. */
async function talkEndsWithTheWindow(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  affordWindow(t, b)
  const call = await ring(t, a, [b])
  await take(a, b, call)
  await loseForGood(t, a, b)
  await hearEnd(a, 'call-ended', call, 'lost', 'when the time of the session of the other party is over')
}

/** ring.endpoint-lost: the same of an endpoint that rings. */
async function ringEndsWithTheWindow(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  const windowSeconds = affordWindow(t, b)
  const seconds = ringSeconds(t, a)
  if (seconds < windowSeconds + (endsWithinMs + t.dueMs) / 1000)
    t.notObserved(
      `A call rings for ${String(seconds)} s here, and may be over before the session of its endpoint`,
    )
  const call = await ring(t, a, [b])
  await whileRinging(seconds, async () => {
    await loseForGood(t, a, b)
    await hearEnd(a, 'reject', call, 'lost', 'when the time of the session of the only endpoint is over')
  })
}

/** Who has resumed rings like anybody. */
async function ringsAgain(t: CheckContext, caller: Endpoint, callee: Endpoint): Promise<void> {
  const call = t.callId()
  const outcome = await requestInTime(caller, { type: 'invite', call, callee: { peer: callee.peer } })
  const what = 'the invite of a peer that has resumed its session'
  if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${what}`)
  await hear(callee, 'invite', call, what)
  await cancel(caller, call)
}

/** resume.unseen: the calls of a session that waits go on, and its parties are told nothing. */
async function callsGoOn(t: CheckContext): Promise<void> {
  const stage = await callers(t)
  await whileRinging(ringSeconds(t, stage.a), () => goOnWhileRinging(t, stage))
}

async function goOnWhileRinging(t: CheckContext, { room, a, b }: Stage): Promise<void> {
  const rings = await ring(t, a, [b], { label: 'rings' })
  const talks = await ring(t, a, [b], { label: 'talks' })
  await take(a, b, talks)
  const since = [a, b].map(({ log }) => log.length)
  const quiet = async (one: Endpoint, from: number, who: string, what = 'is lost, and resumes') => {
    await one.sync()
    expectSilence(one, rings, from, `when ${who} of a call that rings ${what}`)
    expectSilence(one, talks, from, `when ${who} of a call that was taken ${what}`)
  }
  const lost = await cut(t, b)
  await whileWaiting(lost, quiet(a, since[0] ?? 0, 'the callee'))
  let callee = await comeBack(t, lost)
  await quiet(a, since[0] ?? 0, 'the callee')
  const ofCaller = await cut(t, a)
  await whileWaiting(ofCaller, quiet(callee, 0, 'the caller'))
  const caller = await comeBack(t, ofCaller)
  await quiet(callee, 0, 'the caller')
  callee = await comeBack(t, lostOf(callee))
  await quiet(caller, 0, 'the callee', 'resumes on another connection before the one that it has is lost')
  const skipped = await skip(t, callee, room, caller.peer)
  await whileWaiting(skipped, quiet(caller, 0, 'the callee', 'skips a number, and is told seq-gap'))
  callee = await comeBack(t, skipped)
  const goesOn = async () => {
    await take(caller, callee, rings)
    for (const call of [rings, talks])
      for (const [from, to] of [
        [caller, callee],
        [callee, caller],
      ] as const) {
        const what = 'a candidate of a call both of whose parties have resumed'
        await say(from, inCall(numbered({ room: '', to: to.peer, call }, 1)), what)
        await hear(to, 'candidate', call, `${what}, delivered`)
      }
  }
  await presupposing('talk.delivered', goesOn())
}

/** resume.goes-on: who has resumed calls as the peer that it is, not as that of the connection on which it came back. */
async function callsAsItself(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  const lost = await cut(t, b)
  const later = await comeBack(t, lost)
  const call = t.callId()
  const outcome = await requestInTime(later, { type: 'invite', call, callee: { peer: a.peer } })
  if (outcome.type !== 'ok') cannotInvite(t)
  const { message } = await hear(a, 'invite', call, 'the invite of a peer that has resumed its session')
  const { peer } = message['caller'] as { readonly peer?: unknown }
  later.send({ type: 'cancel', call, reason: 'normal' })
  if (peer === lost.numbers.peer) return
  throw new CheckFailure(
    `an invite whose caller is the peer of the session, ${lost.numbers.peer}`,
    `caller.peer is ${String(peer)}`,
  )
}

/** Seconds of a call where a short one is over before its endpoint is cut off. */
const longerRing = 10

/** resume.meanwhile: the end of a call whose time was over while the session of its endpoint waited. */
async function hearsOfTimeout(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  // Where every answer takes long, a short call is over before it could be cut off.
  const invite = async (seconds: number) => {
    const call = t.callId()
    const outcome = await requestInTime(a, {
      ...{ type: 'invite', call, callee: { peer: b.peer }, ringSeconds: seconds },
    } as const)
    if (outcome.type !== 'ok') cannotInvite(t)
    await hear(b, 'invite', call, 'an invite at the peer that callee names')
    return { call, seconds }
  }
  const hasEnded = (call: string) => toldOf(b, call).some(({ message }) => message['type'] === 'cancel')
  let { call, seconds } = await invite(shortRing)
  if (hasEnded(call)) ({ call, seconds } = await invite(Math.min(longerRing, ringSeconds(t, a))))
  const lost = await cut(t, b)
  if (hasEnded(call))
    throw new Undecided('inconclusive', 'The time of the call was over before its endpoint was cut off')
  const isOver = () => a.log.some(({ message }) => message['call'] === call && message['type'] === 'reject')
  await a.comesWithin(isOver, 1000 * seconds + t.dueMs)
  const timedOut = hearEnd(a, 'reject', call, 'timeout', 'when the call has rung in vain')
  await whileWaiting(lost, presupposing('ring.timeout', timedOut))
  const later = await comeBack(t, lost)
  await hearEnd(later, 'cancel', call, 'timeout', 'that was over while the session of the endpoint waited')
}

/** When the parties of a call that rings are cut off, in milliseconds before its end: its time begun anew would end it later than a server may. */
const lateMs = 350

/** ring.timeout, resume.unseen: both parties are cut off, and resume, shortly before the end of a call that rings. */
async function outlastsNoResume(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  if (ringSeconds(t, a) < longRing)
    t.notObserved(`A call rings for less than ${String(longRing)} s: its time begun anew would not show`)
  const call = t.callId()
  const sentAt = performance.now()
  await ring(t, a, [b], { call, ringSeconds: longRing })
  const later = [await t.client(both), await t.client(both)]
  const [caller, callee] = later.map((party) => awaitEnd(party, call)) as [Patient, Patient]
  await a.endsWithin(Math.max(0, sentAt + 1000 * longRing - lateMs - performance.now()))
  const lost = await Promise.all([a, b].map((party) => cut(t, party)))
  await Promise.all(
    lost.map(async (each, place) => {
      unlessLate(each)
      await resume(t, each, { later: later[place] as Endpoint })
    }),
  )
  if (performance.now() >= sentAt + 1000 * longRing)
    t.notObserved('The parties of a call were back only when its time was over')
  const which = ', whose parties are cut off and resume shortly before'
  await expectTimeout(t, call, sentAt, caller, [callee], longRing, which)
}

/** resume.meanwhile: what another device of the user makes of a call while the session of one waits. */
async function hearsOfOtherDevice(t: CheckContext): Promise<void> {
  needsCapability(t, 'calls')
  requireTwoUsers(t)
  placesFor(t, 3, 3)
  await inTurn(t, async () => {
    const ofUser = { ...both, user: 1 } as const
    const [a, other] = [await t.client(both), await t.client(ofUser)]
    let device = await t.client(ofUser)
    try {
      await t.join(sharedRoom(t, 0, 1), a, other, device)
      for (const reason of ['answered-elsewhere', 'declined-elsewhere'] as const) {
        const call = await ring(t, a, [other, device], { callee: { user: userOf(t, 1) } })
        const lost = await cut(t, device)
        if (reason === 'answered-elsewhere') await take(a, other, call)
        else await reject(other, call, 'declined')
        unlessLate(lost)
        device = await resume(t, lost, { later: await t.client(ofUser) })
        await hearEnd(device, 'cancel', call, reason, 'whose session waited when another endpoint answered')
        if (reason === 'answered-elsewhere') await hangUp(a, other, call)
      }
    } finally {
      // A session that waits would ring with the devices of others.
      for (const endpoint of [other, device]) await endSession(t, endpoint)
    }
  })
}

const options = { capability: 'resume', name: 'calls', lengthy: true } as const

const ofWindow = { ...options, name: 'window' } as const

/** Checks of what becomes of the calls of a session that waits. */
export const callsMeanwhileChecks: readonly Check[] = [
  check('resume.meanwhile', 'messages of calls while a session waits', keepsCalls, options),
  check('resume.meanwhile', 'a call that another device answers while a session waits', hearsOfOtherDevice, {
    ...options,
    name: 'elsewhere',
  }),
  check('resume.unseen', 'calls of a session that waits', callsGoOn, options),
  check('talk.lost', 'the call of a session whose time is over', talkEndsWithTheWindow, ofWindow),
  check('ring.endpoint-lost', 'an endpoint whose session waits in vain', ringEndsWithTheWindow, ofWindow),
  check('resume.goes-on', 'a peer that has resumed calls', callsAsItself, {
    capability: 'resume',
    name: 'caller',
  }),
  check('ring.timeout', 'a call whose parties resume shortly before its end', outlastsNoResume, {
    capability: 'resume',
    name: 'resumed',
    waits: true,
  }),
  check('resume.meanwhile', 'a call whose time is over while a session waits', hearsOfTimeout, {
    capability: 'resume',
    name: 'timeout',
    waits: true,
  }),
]

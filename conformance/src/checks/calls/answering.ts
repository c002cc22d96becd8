import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, Late } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { expectAccepted, saysOk } from '../scene/refusal.ts'
import {
  callsPerPeer,
  cancel,
  expectParty,
  expectSilence,
  goOnBeside,
  hangUp,
  hear,
  hearEnd,
  refuses,
  refusesAsOver,
  reject,
  ring,
  ringSeconds,
  say,
  stage,
  take,
  toldOf,
  type Stage,
} from './stage.ts'

/** ring.accept: the caller learns who has taken the call. */
async function acceptsACall(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  for (const [caller, callee, callsToo] of [
    [a, b, false],
    [b, a, callsPerPeer(t, a) > 1],
  ] as const) {
    const call = await ring(t, caller, [callee])
    const own = callsToo ? await ring(t, callee, [caller], { label: 'its own' }) : undefined
    if (own !== undefined) await goOnBeside([caller, call], [callee, own])
    // An endpoint that would like to be somebody else: what it says of itself counts for nothing.
    const forged = { user: 'somebody-else', callee: { peer: caller.peer, user: 'somebody-else' } }
    const accept = { type: 'accept', call, ...forged } as const
    const who = `an endpoint that rings${own === undefined ? '' : ', and calls somebody itself'}`
    await say(callee, accept, `the accept of ${who}`)
    const { message } = await hear(caller, 'accept', call, 'an accept at the caller')
    expectParty(message['callee'], callee, 'an accept whose callee is who has taken the call,')
    await callee.sync()
    const rung = (toldOf(callee, call)[0]?.index ?? 0) + 1
    expectSilence(callee, call, rung, 'which has accepted, and reads that in its ok')
    if (own !== undefined) await cancel(callee, own)
    const hangup = { type: 'hangup', to: callee.peer, call, reason: 'normal' } as const
    await say(caller, hangup, 'the hangup of the caller')
  }
}

/** ring.decline: with the reason of the specification and one of an application. */
async function declinesACall(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  for (const reason of ['declined', 'com.example.asleep'] as const) {
    const call = await ring(t, a, [b])
    await say(b, { type: 'reject', call, reason }, `the reject of an endpoint with reason ${reason}`)
    await hearEnd(a, 'reject', call, reason, 'where the endpoint gave it')
    await refusesAsOver(b, { type: 'accept', call }, 'an accept after the reject')
  }
}

/** outcomes.ok: whatever a party says of a call, also what ends it. */
async function saysOkToParties(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const busy = await ring(t, a, [b])
  await saysOk(b.post({ type: 'ringing', call: busy }), 'the ringing of an endpoint', 'ring.ringing')
  const reject = { type: 'reject', call: busy, reason: 'busy' } as const
  await saysOk(b.post(reject), 'the reject of the only endpoint, with reason busy', 'ring.busy')
  const declined = { type: 'reject', call: await ring(t, a, [b]), reason: 'declined' } as const
  await saysOk(b.post(declined), 'the reject of an endpoint, with reason declined', 'ring.decline')
  const cancelled = { type: 'cancel', call: await ring(t, a, [b]), reason: 'normal' } as const
  await saysOk(a.post(cancelled), 'the cancel of the caller', 'ring.cancel')
  const taken = await ring(t, a, [b])
  await saysOk(b.post({ type: 'accept', call: taken }), 'the accept of an endpoint', 'ring.accept')
  const hangup = { type: 'hangup', to: b.peer, call: taken, reason: 'normal' } as const
  await saysOk(a.post(hangup), 'the hangup of a call that was taken', 'talk.delivered')
}

/** ring.busy: the last one out, and the only one. */
async function isBusy(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const call = await ring(t, a, [b])
  await say(b, { type: 'reject', call, reason: 'busy' }, 'the reject of an endpoint with reason busy')
  await hearEnd(a, 'reject', call, 'busy', 'where the only endpoint is busy')
}

/** ring.cancel */
async function cancelsACall(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  for (const reason of ['normal', 'com.example.door'] as const) {
    const call = await ring(t, a, [b])
    await say(a, { type: 'cancel', call, reason }, `the cancel of the caller with reason ${reason}`)
    await hearEnd(b, 'cancel', call, reason, 'where the caller gave it')
  }
}

/** The ways in which a connection of the kit ends. */
export const ends: readonly (readonly [what: string, end: (endpoint: Endpoint) => void])[] = [
  [
    'said bye',
    (endpoint) => {
      endpoint.send({ type: 'bye' })
    },
  ],
  [
    'was cut off',
    (endpoint) => {
      endpoint.link.abort()
    },
  ],
]

/** A stage for each way in which a connection may end, all at the same time. */
async function inEachWay(
  t: CheckContext,
  play: (stage: Stage, what: string, end: (endpoint: Endpoint) => void) => Promise<void>,
): Promise<void> {
  await Promise.all(ends.map(async ([what, end]) => play(await stage(t), what, end)))
}

/** ring.caller-lost: a connection that another one replaces ends, too. */
async function losesAReplacedCaller(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const call = await ring(t, a, [b])
  await t.client({ hello: { replaces: a.session } })
  await hearEnd(b, 'cancel', call, 'lost', 'where another connection has replaced that of the caller')
}

/** ring.endpoint-lost: of one that another connection replaces, too. */
async function losesAReplacedEndpoint(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const call = await ring(t, a, [b])
  await t.client({ hello: { replaces: b.session } })
  const when = 'where another connection has replaced that of the only endpoint'
  await hearEnd(a, 'reject', call, 'lost', when)
}

/** ring.endpoint-lost: the only one. */
function losesTheEndpoint(t: CheckContext): Promise<void> {
  return inEachWay(t, async ({ a, b }, what, end) => {
    const call = await ring(t, a, [b])
    end(b)
    await hearEnd(a, 'reject', call, 'lost', `where the only endpoint ${what}`)
  })
}

/** ring.caller-lost */
function losesTheCaller(t: CheckContext): Promise<void> {
  return inEachWay(t, async ({ a, b }, what, end) => {
    const call = await ring(t, a, [b])
    end(a)
    await hearEnd(b, 'cancel', call, 'lost', `where the caller ${what}`)
    await refusesAsOver(b, { type: 'accept', call }, 'an accept after the caller is lost')
  })
}

/** How much longer than it should a call may ring, in milliseconds. */
const allowedMs = 5000

/** What timers of a server that is right may be early by, in milliseconds. */
const earlyMs = 50

/** Seconds for which a call rings whose end is waited for: the fewest that there are. */
export const shortRing = 1

/** A party whose call is to end by itself, and when it heard of that. */
export interface Patient {
  readonly party: Endpoint
  /** When the end came, in milliseconds of `performance.now()`. */
  endedAt(): number
}

/** Begins to look at when somebody is told that a call is over; before its invite is sent. */
export function awaitEnd(party: Endpoint, call: string): Patient {
  let endedAt = Infinity
  party.onFrame(({ message }) => {
    if (message['call'] !== call || (message['type'] !== 'reject' && message['type'] !== 'cancel')) return
    endedAt = Math.min(endedAt, performance.now())
  })
  return { party, endedAt: () => endedAt }
}

/**
 * Waits until a call is over that rings for so many seconds, and looks at the clock.
 *
 * @param which - Says more of the call: `, whose caller has come back`.
 */
export async function expectTimeout(
  { dueMs }: CheckContext,
  call: string,
  sentAt: number,
  caller: Patient,
  endpoints: readonly Patient[],
  seconds: number = shortRing,
  which = '',
): Promise<void> {
  const ringMs = 1000 * seconds
  const what = `a call that was to ring for ${String(seconds)} s${which}`
  for (const patient of [caller, ...endpoints]) {
    const { party } = patient
    const type = patient === caller ? 'reject' : 'cancel'
    const dueAt = sentAt + ringMs + dueMs
    await party.comesWithin(() => patient.endedAt() < Infinity, Math.max(0, dueAt - performance.now()))
    const expected = `within 5 s after the end of ${what}`
    await hearEnd(party, type, call, 'timeout', expected)
    const rang = patient.endedAt() - sentAt
    const after = `${type} came ${rang.toFixed(0)} ms after its invite`
    if (rang < ringMs - earlyMs) throw new CheckFailure(`${what} to do so`, after)
    if (patient.endedAt() > dueAt)
      throw new Late(`${type} with reason timeout at ${party.name} ${expected}`, after)
  }
}

/** ring.timeout */
async function endsInTime(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const call = t.callId()
  const [caller, callee] = [awaitEnd(a, call), awaitEnd(b, call)]
  const sentAt = performance.now()
  await ring(t, a, [b], { call, ringSeconds: shortRing })
  const ringing = await b.request({ type: 'ringing', call })
  // On a long way the second is over when it comes.
  if (ringing.type !== 'ok' && ringing.code !== 'call-ended')
    throw unexpected(ringing, 'ok for ringing of an endpoint')
  await expectTimeout(t, call, sentAt, caller, [callee])
  await refusesAsOver(b, { type: 'accept', call }, 'an accept after the time is over')
}

/** ring.timeout: an invite that says nothing rings as long as the capability says. */
async function endsByItself(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const most = ringSeconds(t, a)
  t.cost({ ms: 1000 * most }, 'Waiting for the end of a call that names no ringSeconds')
  // One that asks for more than the capability allows gets no more.
  const calls = await Promise.all([{}, { ringSeconds: 600 }].map((options) => ring(t, a, [b], options)))
  const sentAt = performance.now()
  for (const call of calls) {
    const isOver = () => toldOf(a, call).some(({ message }) => message['type'] === 'reject')
    await a.comesWithin(isOver, Math.max(0, sentAt + 1000 * most + allowedMs - performance.now()))
    await hearEnd(
      a,
      'reject',
      call,
      'timeout',
      `within 5 s after ${String(most)} s, the most that a call rings`,
    )
  }
}

/** ring.last: whatever is said after the end, nobody else hears of it. */
async function saysNothingAfterTheEnd(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const quiet = async (call: string, when: string, ...parties: readonly [Endpoint, number][]) => {
    await t.barrier(a, b, room)
    await t.barrier(b, a, room)
    for (const [party, since] of parties) expectSilence(party, call, since, when)
  }
  const cancelled = await ring(t, a, [b])
  const since = a.log.length
  await cancel(a, cancelled)
  const stopped = await hearEnd(b, 'cancel', cancelled, 'normal', 'where the caller gave it')
  for (const type of ['ringing', 'accept'] as const) b.send({ type, call: cancelled })
  b.send({ type: 'reject', call: cancelled, reason: 'declined' })
  await quiet(cancelled, 'after its cancel', [a, since], [b, stopped.index + 1])

  const declined = await ring(t, a, [b])
  const before = b.log.length
  await reject(b, declined, 'declined')
  const told = await hearEnd(a, 'reject', declined, 'declined', 'where the endpoint gave it')
  a.send({ type: 'cancel', call: declined, reason: 'normal' })
  await quiet(declined, 'after its reject', [a, told.index + 1], [b, before])

  const taken = await ring(t, a, [b])
  await take(a, b, taken)
  const mark = a.log.length
  await hangUp(a, b, taken)
  const hung = await hear(b, 'hangup', taken, 'the hangup at the other party')
  b.send({ type: 'hangup', to: a.peer, call: taken, reason: 'normal' })
  await quiet(taken, 'after its hangup', [a, mark], [b, hung.index + 1])
  b.link.abort()
  const lost = `peer-left about ${b.peer}`
  await a.expect('peer-left', ({ peer }) => peer === b.peer, lost)
  for (const call of [cancelled, declined, taken])
    expectSilence(a, call, mark, 'after its end, when the connection of the other party ends')
}

/** Rounds of what may go one way or the other. */
const rounds = 6

/** ring.crossed: accept and cancel at the same moment. */
async function letsOneTakeEffect(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  for (let round = 0; round < rounds; round += 1) {
    const call = await ring(t, a, [b])
    const [accepting, cancelling] =
      round % 2 === 0
        ? [b.post({ type: 'accept', call }), a.post({ type: 'cancel', call, reason: 'normal' })]
        : [a.post({ type: 'cancel', call, reason: 'normal' }), b.post({ type: 'accept', call })].toReversed()
    const [accepted, cancelled] = [await accepting?.outcome(), await cancelling?.outcome()]
    const both = [accepted, cancelled].map((outcome) => outcome?.code ?? outcome?.type)
    const isTaken = accepted?.type === 'ok' && cancelled?.code === 'call-state'
    const isCancelled = cancelled?.type === 'ok' && accepted?.code === 'call-ended'
    if (!isTaken && !isCancelled)
      throw new CheckFailure(
        'of an accept and a cancel that cross either ok and call-state or call-ended and ok',
        `the outcomes were ${both.join(' and ')}`,
      ).shownBy(accepted?.text ?? '', cancelled?.text ?? '')
    if (isTaken) {
      await hear(
        a,
        'accept',
        call,
        'an accept at the caller, for one that crossed its cancel and took effect',
      )
      const hangup = { type: 'hangup', to: b.peer, call, reason: 'normal' } as const
      await expectAccepted(a.post(hangup), 'ok', 'the hangup of a call whose cancel came too late')
    } else {
      await hearEnd(b, 'cancel', call, 'normal', 'where it crossed an accept, and took effect')
      await a.sync()
      if (toldOf(a, call).length > 0)
        throw new CheckFailure(
          'no accept at the caller, for one that came too late',
          'the caller was told of it',
        )
    }
  }
}

/** ring.crossed: what comes too late by far. */
async function refusesWhatIsTooLate(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const cancelled = await ring(t, a, [b])
  await cancel(a, cancelled)
  await refuses(b, { type: 'accept', call: cancelled }, ['call-ended'], 'an accept after the cancel')
  const taken = await ring(t, a, [b])
  await take(a, b, taken)
  const late = { type: 'cancel', call: taken, reason: 'normal' } as const
  await refuses(a, late, ['call-state'], 'a cancel after the accept')
  const hangup = { type: 'hangup', to: a.peer, call: taken, reason: 'normal' } as const
  await say(b, hangup, 'the hangup of a call whose cancel came too late')
}

const capability = 'calls'

/** Checks of spec/calls.md, Ringing: how it ends, where one peer rings. */
export const answeringChecks: readonly Check[] = [
  check('outcomes.ok', 'whatever a party says of a call', saysOkToParties, { capability, name: 'calls' }),
  check('ring.accept', 'the caller learns who has taken the call', acceptsACall, { capability }),
  check('ring.decline', 'the caller learns why nobody takes it', declinesACall, { capability }),
  check('ring.busy', 'the only endpoint is busy', isBusy, { capability }),
  check('ring.endpoint-lost', 'the only endpoint is lost', losesTheEndpoint, { capability }),
  check('ring.endpoint-lost', 'the only endpoint is replaced', losesAReplacedEndpoint, {
    capability,
    name: 'replaced',
  }),
  check('ring.cancel', 'the caller gives up', cancelsACall, { capability }),
  check('ring.caller-lost', 'the caller is lost while it rings', losesTheCaller, { capability }),
  check('ring.caller-lost', 'the caller is replaced while it rings', losesAReplacedCaller, {
    capability,
    name: 'replaced',
  }),
  check('ring.timeout', 'nobody answers within a second', endsInTime, { capability, waits: true }),
  check('ring.timeout', 'an invite that names no time', endsByItself, {
    capability,
    name: 'longest',
    waits: true,
  }),
  check('ring.last', 'whatever is said after the end', saysNothingAfterTheEnd, { capability }),
  check('ring.crossed', 'accept and cancel at the same moment', letsOneTakeEffect, { capability }),
  check('ring.crossed', 'accept after cancel, cancel after accept', refusesWhatIsTooLate, {
    capability,
    name: 'too-late',
  }),
]

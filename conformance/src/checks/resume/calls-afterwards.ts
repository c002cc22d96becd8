import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { carryInCall, everyForm } from '../calls/in-call.ts'
import { expectOneRinging } from '../calls/ringing.ts'
import {
  callsPerPeer,
  cancel,
  expectParty,
  expectSilence,
  hangUp,
  hear,
  refuses,
  ring,
  ringSeconds,
  say,
  take,
  whileRinging,
  type Talk,
} from '../calls/stage.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { callers, comeBack } from './calls-meanwhile.ts'
import { cut, whileWaiting } from './stage.ts'

const whoHas = 'who has resumed its session'

/** Carries a message of each type each way between one who has resumed and another one. */
async function talksAsItself(t: CheckContext, way: Talk): Promise<void> {
  const ways = [way, { ...way, from: way.to, to: way.from }] as const
  for (const [place, each] of ways.entries()) {
    const how = place === 0 ? `from ${whoHas}` : `to ${whoHas}`
    const forms = everyForm(each)
    const ofEachType = forms.filter(
      ([, { type }], index) => forms.findIndex(([, other]) => other.type === type) === index,
    )
    const letters = ofEachType.map(([what, message]) => [`${what} ${how}`, message] as const)
    await carryInCall(t, each, letters)
  }
}

/** resume.goes-on: who has resumed takes calls and talks as the peer that it is, not as that of the connection on which it came back. */
async function takesCallsAsItself(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  const later = await comeBack(t, await cut(t, b))
  const rung = await ring(t, a, [later])
  await take(a, later, rung)
  const { message } = await hear(a, 'accept', rung, `the accept of ${whoHas}`)
  expectParty(message['callee'], later, `an accept whose callee is ${whoHas},`)
  await talksAsItself(t, { call: rung, from: later, to: a })
  await hangUp(a, later, rung)
  const own = await ring(t, later, [a])
  await take(later, a, own)
  await talksAsItself(t, { call: own, from: later, to: a })
  await hangUp(later, a, own)
  const { message: last } = await hear(a, 'hangup', own, `the hangup of ${whoHas}`)
  if (last['from'] !== later.peer)
    throw new CheckFailure(
      `a hangup in a call with from ${later.peer}, its sender, ${whoHas}`,
      `from was ${JSON.stringify(last['from'])}`,
    )
}

/** Invites a peer id that is to ring nobody. */
async function ringsNobody(t: CheckContext, from: Endpoint, peer: string, what: string): Promise<void> {
  const call = t.callId()
  const outcome = await requestInTime(from, { type: 'invite', call, callee: { peer } })
  if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
  if (outcome.code === 'user-unavailable') return
  from.send({ type: 'cancel', call, reason: 'normal' })
  const seen = outcome.type === 'ok' ? 'it was accepted' : `the outcome was ${outcome.code ?? outcome.type}`
  throw new CheckFailure(`user-unavailable for the invite of ${what}`, seen).shownBy(outcome.text)
}

/** resume.secret: the peer id of the connection that has resumed names nobody in a call. */
async function namesNobody(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  const later = await comeBack(t, await cut(t, b))
  const nobody = String(later.welcome['peer'])
  const what = 'the peer id from the welcome of a connection that has resumed a session since'
  await ringsNobody(t, a, nobody, what)
  const call = await ring(t, a, [later])
  await take(a, later, call)
  const { room: _room, ...hangup } = hangupTo({ room: '', to: nobody, call })
  await refuses(a, hangup, ['peer-not-found'], `a hangup in a call with its other party to ${what}`)
  await hangUp(a, later, call)
}

/** ring.unavailable: who has resumed is the same peer to itself. */
async function cannotRingItself(t: CheckContext): Promise<void> {
  const { b } = await callers(t)
  const later = await comeBack(t, await cut(t, b))
  await ringsNobody(t, later, later.peer, `itself by ${whoHas}`)
}

/** ring.ringing: the caller has been told, or is told when it comes back, and hears nothing of it again. */
async function hearsRingingOnce(t: CheckContext): Promise<void> {
  const { room, a, b } = await callers(t)
  await whileRinging(ringSeconds(t, a), async () => {
    const told = await ring(t, a, [b])
    const untold = callsPerPeer(t, a) < 2 ? undefined : await ring(t, a, [b], { label: 'another' })
    await say(b, { type: 'ringing', call: told }, 'ringing of an endpoint')
    await presupposing(
      'ring.ringing',
      hear(a, 'ringing', told, 'ringing at the caller, for that of the endpoint'),
    )
    const lost = await cut(t, a)
    if (untold !== undefined)
      await whileWaiting(
        lost,
        say(b, { type: 'ringing', call: untold }, 'ringing of an endpoint whose caller is away'),
      )
    const caller = await comeBack(t, lost)
    if (untold !== undefined)
      await presupposing(
        'resume.meanwhile',
        hear(caller, 'ringing', untold, 'ringing that was sent while the session of the caller waited'),
      )
    await caller.sync()
    expectSilence(caller, told, 0, 'which had been told of ringing when its connection was lost')
    const callee = await comeBack(t, await cut(t, b))
    const calls = [told, ...(untold === undefined ? [] : [untold])]
    for (const call of calls)
      await say(callee, { type: 'ringing', call }, 'ringing of an endpoint that has resumed its session')
    await t.barrier(callee, caller, room)
    expectSilence(caller, told, 0, 'where an endpoint says ringing once more that has resumed its session')
    if (untold !== undefined) expectOneRinging(caller, untold, 'it has resumed')
    for (const call of calls) await cancel(caller, call)
  })
}

const capability = 'resume'

/** Checks of calls of a peer that has resumed its session. */
export const callsAfterwardsChecks: readonly Check[] = [
  check('resume.goes-on', 'a peer that has resumed takes calls, and talks', takesCallsAsItself, {
    capability,
    name: 'party',
  }),
  check('resume.secret', 'calls to the peer id of a connection that has resumed', namesNobody, {
    capability,
    name: 'calls',
  }),
  check('ring.unavailable', 'a peer that has resumed calls itself', cannotRingItself, {
    capability,
    name: 'resumed',
  }),
  check('ring.ringing', 'a caller that has resumed', hearsRingingOnce, { capability, name: 'resumed' }),
]

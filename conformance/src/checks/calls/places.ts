import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { placesFor } from '../scene/membership.ts'
import { awaitEnd, expectTimeout, shortRing } from './answering.ts'
import { ringBoth, type Cast } from './device-cast.ts'
import { twoIds } from './glare.ts'
import {
  callsPerPeer,
  cancel,
  expectSilence,
  hangUp,
  hear,
  hearEnd,
  reject,
  ring,
  say,
  stage,
  take,
} from './stage.ts'

/** Most calls that one peer is given in an ordinary run. */
const mostCalls = 16

/** Gives an endpoint all calls but one that it may have, of one caller. */
async function fillButOne(t: CheckContext, caller: Endpoint, endpoint: Endpoint): Promise<readonly string[]> {
  const most = callsPerPeer(t, endpoint)
  if (most > mostCalls) t.cost({ messages: 40 * most }, `Beginning ${String(most)} calls`)
  const calls: string[] = []
  for (let count = 1; count < most; count += 1) calls.push(await ring(t, caller, [endpoint]))
  return calls
}

/** Rings an endpoint that has one place left, and so has its caller; `after` says what has come before. */
async function ringsInLastPlace(
  t: CheckContext,
  caller: Endpoint,
  endpoint: Endpoint,
  after: string,
): Promise<string> {
  const call = t.callId()
  const outcome = await requestInTime(caller, { type: 'invite', call, callee: { peer: endpoint.peer } })
  if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
  if (outcome.type !== 'ok') {
    const most = callsPerPeer(t, endpoint)
    const expected = `ok for an invite where both have one call less than the ${String(most)} that they may have, ${after}`
    throw unexpected(outcome, expected)
  }
  await hear(endpoint, 'invite', call, `an invite at ${endpoint.name}, ${after}`)
  return call
}

/** ring.calls-per-peer: whichever way a call ends, it counts no more for either party. */
async function freesPlaces(t: CheckContext): Promise<void> {
  placesFor(t, 3, 3)
  const { room, a, b } = await stage(t)
  const others = await fillButOne(t, a, b)
  const last = (after: string) => ringsInLastPlace(t, a, b, after)
  const first = await last('and nothing has happened')
  await cancel(a, first)
  const declined = await last('after a call that was cancelled')
  await reject(b, declined, 'declined')
  const busy = await last('after a call that was declined')
  await reject(b, busy, 'busy')
  const taken = await last('after a call whose endpoint was busy')
  await take(a, b, taken)
  await hangUp(a, b, taken)
  const again = await last('after a call that its caller hung up')
  await take(a, b, again)
  await hangUp(b, a, again)
  const lost = await last('after a call that its callee hung up')
  await cancel(a, lost)

  // Of one who is lost there is nothing to look at: of the other there is.
  const c = await t.client()
  await t.join(room, c)
  const ofCaller = await ring(t, c, [b])
  c.link.abort()
  await hearEnd(b, 'cancel', ofCaller, 'lost', 'where the caller was cut off')
  const next = await last('after a call whose caller was lost')
  await cancel(a, next)
  const d = await t.client()
  await t.join(room, d)
  const ofEndpoint = await ring(t, a, [d])
  d.link.abort()
  await hearEnd(a, 'reject', ofEndpoint, 'lost', 'where the only endpoint was cut off')
  const then = await last('after a call whose endpoint was lost')
  await cancel(a, then)
  const e = await t.client()
  await t.join(room, e)
  const talked = await ring(t, a, [e])
  await take(a, e, talked)
  e.link.abort()
  await hearEnd(a, 'call-ended', talked, 'lost', 'where the other party was cut off')
  const overdue = t.callId()
  const [caller, callee] = [awaitEnd(a, overdue), awaitEnd(b, overdue)]
  const sentAt = performance.now()
  const asked = { type: 'invite', call: overdue, callee: { peer: b.peer }, ringSeconds: shortRing } as const
  const outcome = await requestInTime(a, asked)
  if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
  if (outcome.type !== 'ok')
    throw unexpected(outcome, 'ok for an invite after a call in which the other party was lost')
  await presupposing('ring.timeout', expectTimeout(t, overdue, sentAt, caller, [callee]))
  await last('after a call that nobody answered in its time')
  for (const call of others) a.send({ type: 'cancel', call, reason: 'normal' })
}

/** ring.calls-per-peer: a call that has given way to one that crosses it counts no more, for its caller and for who rang. */
async function freesPlacesOfGlare(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const most = callsPerPeer(t, a)
  if (most < 2) t.notObserved('A peer may have one call, and this takes two')
  if (most > mostCalls) t.cost({ messages: 40 * most }, `Beginning ${String(most)} calls`)
  for (let round = 0; round <= most; round += 1) {
    for (const isLowerFirst of [true, false]) {
      const [lower, higher] = twoIds(t)
      const [one, other] = isLowerFirst ? [lower, higher] : [higher, lower]
      await ring(t, a, [b], { call: one })
      const asked = { type: 'invite', call: other, callee: { peer: a.peer } } as const
      const outcome = await requestInTime(b, asked)
      if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
      if (outcome.type !== 'ok')
        throw unexpected(
          outcome,
          `ok for an invite that crosses another, after ${String(2 * round)} calls that have given way`,
        )
      const [loser, winner] = isLowerFirst ? [b, a] : [a, b]
      await presupposing(
        'ring.glare',
        hearEnd(loser, 'reject', higher, 'glare', 'whose call crosses one with a lower id'),
      )
      await cancel(winner, lower)
    }
  }
}

/** ring.calls-per-peer: a device that a call rings no more on has its place again, also while it rings on the other. */
export async function freesPlacesOfDevices(t: CheckContext, cast: Cast): Promise<void> {
  const { a, c, phone, laptop, user } = cast
  const most = callsPerPeer(t, phone)
  if (most > mostCalls) t.cost({ messages: 40 * most }, `Beginning ${String(most)} calls`)
  const others: string[] = []
  const isFree = async (device: Endpoint, after: string) => {
    const call = await ringsInLastPlace(t, c, device, after)
    await cancel(c, call)
  }
  try {
    for (let count = 1; count < most; count += 1) others.push(await ringBoth(t, a, cast))
    for (const device of [phone, laptop]) await isFree(device, 'and nothing has happened')
    const taken = await ringBoth(t, c, cast)
    await take(c, laptop, taken)
    await hearEnd(phone, 'cancel', taken, 'answered-elsewhere', 'where another endpoint accepts')
    await isFree(phone, 'where a call was answered elsewhere, and goes on there')
    await hangUp(c, laptop, taken)
    await isFree(laptop, 'after a call that its caller hung up')
    const declined = await ringBoth(t, c, cast)
    const decline = { type: 'reject', call: declined, reason: 'declined' } as const
    await say(laptop, decline, 'the reject of another endpoint')
    await hearEnd(phone, 'cancel', declined, 'declined-elsewhere', 'where another endpoint declines')
    for (const device of [phone, laptop])
      await isFree(device, 'where one device has declined a call for both')
    const busy = await ringBoth(t, c, cast)
    await reject(phone, busy, 'busy')
    await isFree(phone, 'where it was busy for a call that rings on elsewhere')
    await cancel(c, busy)
    const last = await ringBoth(t, c, cast)
    const asked = { type: 'invite', call: t.callId(), callee: { user } } as const
    const outcome = await requestInTime(c, asked)
    if (outcome.code !== 'user-unavailable')
      throw Object.assign(
        unexpected(
          outcome,
          `user-unavailable for the invite of a user each of whose devices has ${String(most)} calls`,
        ),
        { presupposes: 'ring.unavailable' } as const,
      )
    await cancel(c, last)
  } finally {
    for (const call of others) a.send({ type: 'cancel', call, reason: 'normal' })
    await a.sync()
  }
}

/** ring.invited: a device that has all calls that it may have does not ring for its user; the other one does, and the first again when it has a place. */
export async function sparesFullDevice(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, c, phone, laptop, user } = cast
  const most = callsPerPeer(t, phone)
  if (most > mostCalls) t.cost({ messages: 40 * most }, `Beginning ${String(most)} calls`)
  const others: string[] = []
  try {
    for (let count = 0; count < most; count += 1) others.push(await ring(t, a, [phone]))
    const call = await ring(t, c, [laptop], { callee: { user } })
    await t.barrier(c, phone, room)
    expectSilence(phone, call, 0, `which has the ${String(most)} calls already that it may have`)
    await cancel(c, call)
    const [first = ''] = others.splice(0, 1)
    await cancel(a, first)
    await hearEnd(phone, 'cancel', first, 'normal', 'where the caller gave it')
    const again = await ringBoth(t, c, cast)
    await cancel(c, again)
  } finally {
    for (const call of others) a.send({ type: 'cancel', call, reason: 'normal' })
    await a.sync()
  }
}

/** Checks of how many calls a peer may have, after some of them have ended. */
export const placesChecks: readonly Check[] = [
  check('ring.calls-per-peer', 'the place of a call that has ended, in each way', freesPlaces, {
    capability: 'calls',
    name: 'freed',
    lengthy: true,
  }),
  check('ring.calls-per-peer', 'calls that give way to others', freesPlacesOfGlare, {
    capability: 'calls',
    name: 'glare',
  }),
]

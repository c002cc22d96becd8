import type { CheckContext } from '../../engine/context.ts'
import { presupposing } from '../../engine/failure.ts'
import { expectAccepted } from '../scene/refusal.ts'
import { awaitEnd, expectTimeout, shortRing } from './answering.ts'
import { ringBoth, type Cast } from './device-cast.ts'
import { cancel, expectSilence, hangUp, hearEnd, ring, say, take, toldOf } from './stage.ts'

/** ring.cancel */
export async function cancelsEverywhere(t: CheckContext, cast: Cast): Promise<void> {
  const { a, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  const reason = 'com.example.door'
  await say(a, { type: 'cancel', call, reason }, 'the cancel of the caller')
  for (const device of [phone, laptop])
    await hearEnd(device, 'cancel', call, reason, 'where the caller gave it')
  await cancelsInOneGo(t, cast)
}

/** ring.cancel: a cancel that is sent right behind its invite. */
async function cancelsInOneGo(t: CheckContext, { a, phone, laptop, user, begun }: Cast): Promise<void> {
  const call = t.callId()
  begun.push({ caller: a, call })
  const invited = a.post({ type: 'invite', call, callee: { user } })
  const cancelled = a.post({ type: 'cancel', call, reason: 'normal' })
  const { code } = await invited.outcome()
  if (code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
  await presupposing('ring.members', expectAccepted(invited, 'ok', 'the invite of a member of a room'))
  const what = 'a cancel that is sent right behind the invite of a user, in one go'
  await expectAccepted(cancelled, 'ok', what)
  for (const device of [phone, laptop])
    await hearEnd(device, 'cancel', call, 'normal', `where the caller gave it in ${what}`)
}

/** ring.timeout: begins a call whose end is waited for while everything else is looked at. */
export async function beginTimeout(t: CheckContext, cast: Cast): Promise<() => Promise<void>> {
  const { c, phone, laptop } = cast
  const call = t.callId()
  const [caller, ...devices] = [c, phone, laptop].map((party) => awaitEnd(party, call))
  const sentAt = performance.now()
  const begun = await ringBoth(t, c, cast, { call, ringSeconds: shortRing }).catch((error: unknown) => error)
  return async () => {
    if (begun instanceof Error) throw begun
    if (caller) await expectTimeout(t, call, sentAt, caller, devices)
  }
}

/** ring.caller-lost, and ring.last for a device that was busy. */
export async function losesTheCaller(t: CheckContext, cast: Cast): Promise<void> {
  const { room, c, phone, laptop } = cast
  const call = await ringBoth(t, c, cast)
  const other = await ringBoth(t, c, cast)
  await say(phone, { type: 'reject', call: other, reason: 'busy' }, 'the reject of the first endpoint')
  c.link.abort()
  for (const device of [phone, laptop])
    await hearEnd(device, 'cancel', call, 'lost', 'where the caller was cut off')
  await hearEnd(laptop, 'cancel', other, 'lost', 'where the caller was cut off, and the other one is busy')
  await t.barrier(laptop, phone, room)
  const since = (toldOf(phone, other)[0]?.index ?? 0) + 1
  expectSilence(phone, other, since, 'where the caller was cut off, and it was busy before')
}

/** ring.endpoint-lost: the other one rings on; with the last one the call ends, for the reason of that one. */
export async function losesOneDevice(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  const taken = await ringBoth(t, a, cast)
  await take(a, laptop, taken)
  const call = await ringBoth(t, a, cast)
  const since = [a, laptop].map(({ log }) => log.length)
  phone.link.abort()
  await laptop.expect('peer-left', ({ peer }) => peer === phone.peer, `peer-left about ${phone.peer}`)
  await t.barrier(laptop, a, room)
  await t.barrier(a, laptop, room)
  expectSilence(a, call, 0, 'where one of two endpoints is lost')
  for (const [place, party] of [a, laptop].entries())
    expectSilence(party, taken, since[place] ?? 0, 'where an endpoint is lost that has not got the call')
  await hangUp(a, laptop, taken)
  // The user is there as long as one of its devices is.
  const still = await ring(t, a, [laptop], { callee: { user: cast.user } })
  await cancel(a, still)
  await say(laptop, { type: 'reject', call, reason: 'busy' }, 'the reject of the last endpoint')
  await presupposing(
    'ring.busy',
    hearEnd(a, 'reject', call, 'busy', 'where the last endpoint is busy, and the other one was lost'),
  )

  const tablet = await t.client({ user: 1 })
  await t.join(room, tablet)
  const next = await ringBoth(t, a, { ...cast, phone: tablet })
  await say(tablet, { type: 'reject', call: next, reason: 'busy' }, 'the reject of the first endpoint')
  laptop.link.abort()
  await hearEnd(a, 'reject', next, 'lost', 'where the last endpoint is lost, and the other one was busy')
  // It is not to ring with those of later parts.
  tablet.send({ type: 'bye' })
  await tablet.endsInTime()
}

import { CheckFailure } from '../../engine/failure.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { ringBoth, type Cast } from './device-cast.ts'
import { twoIds } from './glare.ts'
import { cancel, expectSilence, hangUp, hearEnd, invite, ring, say, take, toldOf } from './stage.ts'

/** Rings the caller of the scene from a device. */
function ringBack(t: CheckContext, device: Endpoint, { a, begun }: Cast, call: string): Promise<string> {
  begun.push({ caller: device, call })
  return ring(t, device, [a], { call })
}

/** Invites the user where the call is to be over at once. */
function inviteUser(t: CheckContext, { a, user, begun }: Cast, call: string): Promise<string> {
  begun.push({ caller: a, call })
  return invite(t, a, { user }, { call })
}

/** ring.glare: a call to the user crosses one of a device, and loses. */
export async function givesWayEverywhere(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  const [lower, higher] = twoIds(t)
  await ringBoth(t, a, cast, { call: higher })
  await ringBack(t, laptop, cast, lower)
  await hearEnd(a, 'reject', higher, 'glare', 'whose call crosses one with a lower id')
  for (const device of [phone, laptop])
    await hearEnd(device, 'cancel', higher, 'glare', 'where a call with a lower id crosses')
  await take(laptop, a, lower)
  await hangUp(laptop, a, lower)

  const [stays, loses] = twoIds(t)
  await ringBack(t, laptop, cast, stays)
  await inviteUser(t, cast, loses)
  await hearEnd(a, 'reject', loses, 'glare', 'whose call crosses one with a lower id')
  for (const device of [phone, laptop]) {
    await t.barrier(a, device, room)
    expectSilence(device, loses, 0, 'of an invite that has lost on its arrival to a call of one device')
  }
  await take(laptop, a, stays)
  await hangUp(laptop, a, stays)
}

/** ring.glare: one call crosses those of two devices, and each of them gives way. */
export async function givesWayToOne(t: CheckContext, cast: Cast): Promise<void> {
  const { a, phone, laptop } = cast
  const ids = [t.callId(), t.callId(), t.callId()].toSorted()
  const [lowest = '', ...higher] = ids
  const theirs = [phone, laptop].map((device, place) => ({ device, call: higher[place] ?? '' }))
  for (const { device, call } of theirs) await ringBack(t, device, cast, call)
  await ringBoth(t, a, cast, { call: lowest })
  for (const { device, call } of theirs) {
    await hearEnd(device, 'reject', call, 'glare', 'whose call is one of two that cross one with a lower id')
    await hearEnd(a, 'cancel', call, 'glare', 'where its own call with a lower id crosses two')
  }
  await take(a, phone, lowest)
  await hangUp(a, phone, lowest)
}

/** ring.glare: one call crosses those of two devices, loses to one of them, and the other one rings on. */
export async function losesToOne(t: CheckContext, cast: Cast): Promise<void> {
  const { a, phone, laptop } = cast
  const [lowest = '', between = '', highest = ''] = [t.callId(), t.callId(), t.callId()].toSorted()
  await ringBack(t, phone, cast, lowest)
  await ringBack(t, laptop, cast, highest)
  await inviteUser(t, cast, between)
  await hearEnd(a, 'reject', between, 'glare', 'whose call is above one of two that it crosses')
  await laptop.sync()
  const [ended] = toldOf(laptop, highest)
  if (ended)
    throw new CheckFailure(
      'the call with the highest id to ring on where the one between has lost to the lowest',
      `${String(ended.message['type'])} came at its caller`,
    ).shownBy(ended.text)
  for (const [device, call] of [
    [laptop, highest],
    [phone, lowest],
  ] as const) {
    await take(device, a, call)
    await hangUp(device, a, call)
  }
}

/** ring.glare: a device that a call rings no more on is none of its endpoints, so its own call crosses nothing. */
export async function crossesNothingWhereOut(t: CheckContext, cast: Cast): Promise<void> {
  const { a, phone, laptop } = cast
  for (const isLower of [true, false]) {
    const [lower, higher] = twoIds(t)
    const [ringing, back] = isLower ? [lower, higher] : [higher, lower]
    await ringBoth(t, a, cast, { call: ringing })
    await say(phone, { type: 'reject', call: ringing, reason: 'busy' }, 'the reject of the first endpoint')
    cast.begun.push({ caller: phone, call: back })
    await invite(t, phone, { peer: a.peer }, { call: back })
    await phone.sync()
    const [ended] = [...toldOf(phone, back), ...toldOf(a, ringing)]
    if (ended)
      throw new CheckFailure(
        'a call that rings on at one device, and one of a device that was busy to its caller, to go on side by side',
        `${String(ended.message['type'])} came`,
      ).shownBy(ended.text)
    await take(a, laptop, ringing)
    await hangUp(a, laptop, ringing)
    await cancel(phone, back)
  }
}

/** ring.glare: only a call of somebody who is rung, to the one who rings, crosses; what other devices of the same users do does not. */
export async function crossesNothingOfOthers(t: CheckContext, cast: Cast): Promise<void> {
  const { a, c, phone, laptop, begun } = cast
  for (const isLower of [true, false]) {
    const [lower, higher] = twoIds(t)
    const [there, back] = isLower ? [lower, higher] : [higher, lower]
    begun.push({ caller: a, call: there }, { caller: laptop, call: back })
    await ring(t, a, [phone], { call: there })
    await ring(t, laptop, [c], { call: back })
    await Promise.all([phone.sync(), a.sync()])
    const [ended] = [...toldOf(a, there), ...toldOf(laptop, back)]
    if (ended)
      throw new CheckFailure(
        'two calls between the same users, each between other devices of theirs, to ring side by side',
        `${String(ended.message['type'])} came`,
      ).shownBy(ended.text)
    await cancel(a, there)
    await cancel(laptop, back)
  }
}

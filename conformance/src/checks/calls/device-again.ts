import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { cut, endSession, resume, unlessLate } from '../resume/stage.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { needsRooms } from '../scene/membership.ts'
import { authenticate, invalidToken, tokenOf } from '../scene/token.ts'
import { ringBoth, type Cast } from './device-cast.ts'
import { callsPerPeer, cancel, expectSilence, hangUp, hear, hearEnd, ring, say, toldOf } from './stage.ts'

/** A device that rings already rings for another call, too. */
export async function ringsWhoRings(t: CheckContext, cast: Cast): Promise<void> {
  const { a, c, phone, begun } = cast
  if (callsPerPeer(t, phone) < 2) return
  const first = await ring(t, c, [phone])
  begun.push({ caller: c, call: first })
  const both = `an invite at each of two devices, one of which rings for another call already`
  const second = await expecting(both, ringBoth(t, a, cast, { label: 'another' }))
  await cancel(a, second)
  await cancel(c, first)
}

/** A device is one of its user's whenever it has authenticated, and however often. */
export async function ringsWhoHasRefreshed(t: CheckContext, cast: Cast, device: Endpoint): Promise<void> {
  const { type } = await authenticate(device, await tokenOf(t, 1))
  // Whether a server takes it is for the check of auth.refresh to say.
  if (type !== 'authenticated') return
  const call = await ringBoth(t, cast.a, cast)
  await hear(
    device,
    'invite',
    call,
    `an invite at ${device.name}, which has authenticated twice as that user`,
  )
  await cancel(cast.a, call)
}

/** ring.invited: a device that has resumed its session rings with the others, and where it invites its own user it is the one that does not. */
export async function ringsWhoHasResumed(t: CheckContext, cast: Cast): Promise<void> {
  if (!t.target.offered.names.has('resume')) t.notApplicable('The server does not offer resume')
  needsRooms(t, 2)
  const { a, phone, laptop, user, begun } = cast
  const both = { user: 1, capabilities: ['calls', 'resume'] } as const
  let device = await t.client(both)
  try {
    await t.join(sharedRoom(t, 0, 1), a, laptop, device)
    const lost = await cut(t, device)
    const on = await t.client(both)
    unlessLate(lost)
    device = await resume(t, lost, { later: on })
    const ringAll = async (caller: Endpoint, endpoints: readonly [Endpoint, ...Endpoint[]]) => {
      const call = t.callId()
      begun.push({ caller, call })
      return await ring(t, caller, endpoints, { call, callee: { user } })
    }
    const rung = await expecting(
      'an invite at each device of a user, one of which has resumed its session',
      ringAll(a, [device, phone, laptop]),
    )
    await device.sync()
    const invites = toldOf(device, rung).filter(({ message }) => message['type'] === 'invite')
    if (invites.length > 1)
      throw new CheckFailure(
        'one invite at a device of the user that has resumed its session',
        `${String(invites.length)} came`,
      ).shownBy(...invites.map(({ text }) => text))
    await cancel(a, rung)
    const own = await ringAll(device, [phone, laptop])
    await device.sync()
    const rings = toldOf(device, own).find(({ message }) => message['type'] === 'invite')
    if (rings)
      throw new CheckFailure(
        'no invite at the sender itself, which is the user that it invites, and has resumed its session',
        'one came',
      ).shownBy(rings.text)
    await cancel(device, own)
  } finally {
    await endSession(t, device)
  }
}

/** A device is one of its user's also where it was refused a further auth. */
export async function ringsWhoWasRefused(t: CheckContext, cast: Cast, device: Endpoint): Promise<void> {
  for (const [token, refusal] of [
    [invalidToken(t), 'auth-failed'],
    [await tokenOf(t, 0), 'user-mismatch'],
  ] as const) {
    const { code, message } = await device.request({ type: 'auth', method: 'token', token })
    // Whether a server refuses it so is for the checks of auth.failed, auth.third-failure and auth.user-mismatch to say.
    if (code !== refusal || message['fatal'] === true) return
    const call = await ringBoth(t, cast.a, cast)
    const what = `an invite at ${device.name}, which is authenticated as that user, and whose further auth got ${code}`
    await hear(device, 'invite', call, what)
    await cancel(cast.a, call)
  }
}

/** talk.refresh: each of two devices that ring refreshes its authentication, and rings on. */
export async function ringsOnRefreshed(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  for (const [device, other] of [
    [phone, laptop],
    [laptop, phone],
  ] as const) {
    const token = await tokenOf(t, 1)
    const call = await ringBoth(t, a, cast)
    const since = [a, phone, laptop].map(({ log }) => log.length)
    const { type } = await authenticate(device, token)
    if (type !== 'authenticated')
      t.couldNotRun('The server does not take a second auth of the same user: see auth.refresh')
    await t.barrier(device, a, room)
    await t.barrier(device, other, room)
    const when = 'when one of two devices that ring refreshes its authentication'
    for (const [place, party] of [a, phone, laptop].entries())
      expectSilence(party, call, since[place] ?? 0, when)
    const who = 'a device that has refreshed its authentication while it rang, and another one with it'
    await say(device, { type: 'accept', call }, `the accept of ${who}`)
    await hear(a, 'accept', call, `an accept at the caller, for that of ${who}`)
    const elsewhere = 'where another endpoint accepts, which has refreshed its authentication'
    await presupposing('ring.accept', hearEnd(other, 'cancel', call, 'answered-elsewhere', elsewhere))
    await hangUp(a, device, call)
  }
}

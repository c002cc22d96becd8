import type { CheckContext } from '../../engine/context.ts'
import { presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { placesFor, seesLeave } from '../scene/membership.ts'
import { awaitEnd, expectTimeout, shortRing } from './answering.ts'
import { type Cast } from './device-cast.ts'
import { expectOneInvite } from './ringing.ts'
import {
  expectParty,
  expectSilence,
  hear,
  hearEnd,
  invite,
  ring,
  say,
  take,
  toldOf,
  whileRinging,
  cancel,
  reject,
  hangUp,
} from './stage.ts'

/** A user with more devices than two, and who calls. */
export interface ManyCast extends Pick<Cast, 'room' | 'a' | 'user' | 'begun'> {
  readonly devices: readonly [Endpoint, Endpoint, Endpoint, Endpoint]
}

/** Members of the room: who calls, another caller, and the devices. */
const members = 6

/** Connects the devices, in a room of their own: where an earlier part did not come to its end, its people are still in theirs. */
export async function castOfMany(
  t: CheckContext,
  { a, user, begun }: Cast,
  device: () => Promise<Endpoint>,
): Promise<ManyCast> {
  placesFor(t, members, members)
  const devices = [await device(), await device(), await device(), await device()] as const
  const room = sharedRoom(t, 0, 1)
  await t.join(room, a, ...devices)
  return { room, a, user, begun, devices }
}

async function ringAll(t: CheckContext, { a, user, begun, devices }: ManyCast): Promise<string> {
  const call = t.callId()
  begun.push({ caller: a, call })
  return await ring(t, a, [...devices], { call, callee: { user } })
}

/** Devices of a user that come to the others for one call. */
const further = 4

/** ring.invited: each of eight devices once; where the room has no place for all, some of them are in no room. */
export async function ringsEveryOneOfMany(
  t: CheckContext,
  { room, a, user, begun, devices }: ManyCast,
  device: () => Promise<Endpoint>,
): Promise<void> {
  const all: Endpoint[] = [...devices]
  for (let count = 0; count < further; count += 1) all.push(await device())
  const { membersPerRoom = Infinity } = t.target.welcome.limits
  const places = Math.max(0, membersPerRoom - members)
  await t.join(room, ...all.slice(devices.length, devices.length + places))
  const call = await invite(t, a, { user })
  begun.push({ caller: a, call })
  const many = String(all.length)
  for (const each of all)
    await hear(each, 'invite', call, `an invite at ${each.name}, one of ${many} devices of a user`)
  await cancel(a, call)
  const when = `where the caller gives up on ${many} endpoints`
  for (const each of all) {
    await presupposing('ring.cancel', hearEnd(each, 'cancel', call, 'normal', when))
    expectOneInvite(each, call)
  }
}

/** The devices but one. */
function othersThan({ devices }: ManyCast, one: Endpoint): readonly Endpoint[] {
  return devices.filter((device) => device !== one)
}

/** ring.accept: whichever device takes the call, each of the others is told. */
export async function letsOneOfManyTake(t: CheckContext, cast: ManyCast): Promise<void> {
  const { a, devices } = cast
  for (const [one, alerting] of [
    [devices[1], []],
    [devices[3], devices],
  ] as const) {
    const call = await ringAll(t, cast)
    for (const device of alerting) await say(device, { type: 'ringing', call }, 'ringing of an endpoint')
    await take(a, one, call)
    for (const other of othersThan(cast, one))
      await hearEnd(other, 'cancel', call, 'answered-elsewhere', 'where another of four endpoints accepts')
    await hangUp(one, a, call)
  }
}

/** ring.decline: whichever device declines, each of the others is told. */
export async function declinesForMany(t: CheckContext, cast: ManyCast): Promise<void> {
  const { a, devices } = cast
  for (const [one, alerting] of [
    [devices[0], []],
    [devices[2], devices],
  ] as const) {
    const call = await ringAll(t, cast)
    for (const device of alerting) await say(device, { type: 'ringing', call }, 'ringing of an endpoint')
    await say(one, { type: 'reject', call, reason: 'declined' }, 'the reject of one of four endpoints')
    await hearEnd(a, 'reject', call, 'declined', 'where one of four endpoints gave it')
    for (const other of othersThan(cast, one))
      await hearEnd(other, 'cancel', call, 'declined-elsewhere', 'where another of four endpoints declines')
  }
}

/** ring.last: those for whom a call is over hear nothing when a party of it is lost. */
export async function tellsNoneWhoIsOut(t: CheckContext, cast: ManyCast): Promise<void> {
  const [busy, taking, other] = cast.devices
  const caller = await t.client()
  await t.join(cast.room, caller)
  const call = await ringAll(t, { ...cast, a: caller })
  await reject(busy, call, 'busy')
  await take(caller, taking, call)
  const elsewhere = await hearEnd(
    other,
    'cancel',
    call,
    'answered-elsewhere',
    'where another endpoint accepts',
  )
  const afterInvite = (toldOf(busy, call)[0]?.index ?? 0) + 1
  caller.link.abort()
  await presupposing('talk.lost', hearEnd(taking, 'call-ended', call, 'lost', 'where the caller was cut off'))
  for (const device of [busy, other]) await t.barrier(taking, device, cast.room)
  const when = 'where the caller is lost after another endpoint has taken the call'
  expectSilence(busy, call, afterInvite, when)
  expectSilence(other, call, elsewhere.index + 1, when)
}

/** ring.cancel: those that still ring, when two are busy already and two are not. */
export async function cancelsAtMany(t: CheckContext, cast: ManyCast): Promise<void> {
  const { a, devices } = cast
  const [first, second, third, fourth] = devices
  for (const [busy, ringing] of [
    [[], devices],
    [
      [first, third],
      [second, fourth],
    ],
  ] as const) {
    const call = await ringAll(t, cast)
    for (const device of busy) await reject(device, call, 'busy')
    await cancel(a, call)
    for (const device of ringing)
      await hearEnd(device, 'cancel', call, 'normal', 'where the caller gives up on several endpoints')
  }
}

/** ring.busy: a device that has said nothing rings on, whatever becomes of the others, each of which counts once; and it may take the call. */
export async function letsTheLastRing(t: CheckContext, cast: ManyCast): Promise<void> {
  const { room, a, devices } = cast
  const [alerting, busy, lost, last] = devices
  const call = await ringAll(t, cast)
  await say(alerting, { type: 'ringing', call }, 'ringing of the first of four endpoints')
  const told = await presupposing('ring.ringing', hear(a, 'ringing', call, 'ringing at the caller'))
  for (const device of [alerting, busy]) await reject(device, call, 'busy')
  // One that was busy before, and one that rings.
  for (const device of [busy, lost]) {
    device.link.abort()
    await seesLeave(last, room, device)
  }
  await t.barrier(last, a, room)
  const when = 'where two of four endpoints are busy, one of which is lost then, and a third one is lost'
  expectSilence(a, call, told.index + 1, when)
  expectSilence(last, call, (toldOf(last, call)[0]?.index ?? 0) + 1, when)
  const what = 'the accept of the one endpoint that still rings, which has not said ringing'
  await say(last, { type: 'accept', call }, what)
  const { message } = await hear(a, 'accept', call, `an accept at the caller, for ${what}`)
  expectParty(message['callee'], last, 'an accept whose callee is who has taken the call,')
  await hangUp(last, a, call)
}

/**
 * ring.timeout, ring.last: begins a call that nobody takes, and one device is busy for; whoever still rings then is told, and nobody else. Its end
 * is waited for while everything else is looked at.
 */
export async function beginManyTimeout(
  t: CheckContext,
  { room, a, user, devices }: ManyCast,
): Promise<() => Promise<void>> {
  const [busy, ...others] = devices
  const call = t.callId()
  const [caller, ...ringing] = [a, ...others].map((party) => awaitEnd(party, call))
  const sentAt = performance.now()
  const begun = await whileRinging(shortRing, async () => {
    await ring(t, a, [...devices], { call, callee: { user }, ringSeconds: shortRing })
    await reject(busy, call, 'busy')
  }).catch((error: unknown) => error)
  return async () => {
    if (begun instanceof Error) throw begun
    if (caller) await expectTimeout(t, call, sentAt, caller, ringing)
    await t.barrier(a, busy, room)
    const since = (toldOf(busy, call)[0]?.index ?? 0) + 1
    expectSilence(busy, call, since, 'when the time is over for which it was to ring: it was busy before')
  }
}

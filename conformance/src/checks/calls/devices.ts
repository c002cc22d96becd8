import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { placesFor } from '../scene/membership.ts'
import { candidateTo } from '../scene/negotiation-message.ts'
import { requireToken, userOf } from '../scene/token.ts'
import { awaitEnd, expectTimeout, shortRing } from './answering.ts'
import { twoIds } from './glare.ts'
import { expectOneRinging } from './ringing.ts'
import {
  expectParty,
  expectSilence,
  hear,
  hearEnd,
  inCall,
  refuses,
  ring,
  say,
  take,
  toldOf,
  type InviteOptions,
} from './stage.ts'

/** What is looked at where a user is rung on several devices. */
export type DevicePart =
  | 'invited'
  | 'oneself'
  | 'hidden'
  | 'ringing'
  | 'accept'
  | 'race'
  | 'decline'
  | 'busy'
  | 'cancel'
  | 'glare'
  | 'timeout'
  | 'caller-lost'
  | 'endpoint-lost'

/** What came of each part: nothing wrong, or what a check of it throws. */
export type DeviceFindings = ReadonlyMap<DevicePart, Error | undefined>

/** One who calls, a user's devices, and somebody who calls that user, too. */
interface Cast {
  readonly room: string
  readonly a: Endpoint
  readonly c: Endpoint
  readonly phone: Endpoint
  readonly laptop: Endpoint
  readonly user: string
}

/**
 * Plays everything that takes a user with two devices, one part after another with the same connections: what rings a user rings whoever is that
 * user, so that two checks at the same time would ring each other's devices. Nobody else in a run has `calls` in force as the second user, but
 * where the user cannot be rung.
 */
export async function ringDevices(t: CheckContext): Promise<DeviceFindings> {
  requireToken(t, 1)
  placesFor(t, 4, 4)
  const findings = new Map<DevicePart, Error | undefined>()
  const room = sharedRoom(t, 0, 1)
  const [a, c] = [await t.client(), await t.client()]
  const phone = await t.client({ user: 1 })
  await t.join(room, a, c, phone)
  const user = userOf(t, 1)
  const look = async (part: DevicePart, looking: () => Promise<void>) => {
    findings.set(
      part,
      await looking().then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      ),
    )
  }
  const alone = await beforeAccept(t, a, user, [phone])
  const laptop = await t.client({ user: 1 })
  await t.join(room, a, c, phone, laptop)
  const cast: Cast = { room, a, c, phone, laptop, user }
  await look('invited', () => ringsEveryDevice(t, cast))
  // Where the devices do not ring there is nothing else to look at.
  const problem = findings.get('invited')
  if (problem) return new Map([...everyPart].map((part) => [part, problem]))
  const overdue = await beginTimeout(t, cast)
  await look('hidden', () => hidesDevices(t, cast, alone))
  await look('oneself', () => ringsOwnDevices(t, cast))
  await look('ringing', () => ringsBackOnce(t, cast))
  await look('accept', () => letsOneTake(t, cast))
  await look('race', () => letsOneWin(t, cast))
  await look('decline', () => declinesEverywhere(t, cast))
  await look('busy', () => letsOthersRing(t, cast))
  await look('cancel', () => cancelsEverywhere(t, cast))
  await look('timeout', overdue)
  // With the call whose end was waited for, a device of a server that lets it have two would have one too many.
  await look('glare', () => givesWayEverywhere(t, cast))
  await look('caller-lost', () => losesTheCaller(t, cast))
  await look('endpoint-lost', () => losesOneDevice(t, cast))
  return findings
}

const everyPart: readonly DevicePart[] = [
  'invited',
  'oneself',
  'hidden',
  'ringing',
  'accept',
  'race',
  'decline',
  'busy',
  'cancel',
  'glare',
  'timeout',
  'caller-lost',
  'endpoint-lost',
]

/** Rings the user on both devices. */
function ringBoth(
  t: CheckContext,
  caller: Endpoint,
  { phone, laptop, user }: Cast,
  options: InviteOptions = {},
): Promise<string> {
  return ring(t, caller, [phone, laptop], { ...options, callee: { user } })
}

/** Ends a call that has been taken. */
async function hangUp(from: Endpoint, to: Endpoint, call: string): Promise<void> {
  await say(from, { type: 'hangup', to: to.peer, call, reason: 'normal' }, 'the hangup of a party')
}

/** ring.invited: each device once; ring.only-endpoints: nobody else; one peer of the user rings alone. */
async function ringsEveryDevice(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, c, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  for (const endpoint of [phone, laptop, c]) await t.barrier(a, endpoint, room)
  expectSilence(c, call, 0, 'which is not a device of the user that was invited')
  for (const device of [phone, laptop]) {
    const { length } = toldOf(device, call)
    if (length > 1)
      throw new CheckFailure(`one invite at ${device.name}`, `${String(length)} messages of the call came`)
  }
  await say(a, { type: 'cancel', call, reason: 'normal' }, 'the cancel of the caller')
  const one = await ring(t, a, [phone])
  await t.barrier(a, laptop, room)
  expectSilence(laptop, one, 0, 'where another peer of its user was invited, by its peer id')
  await say(a, { type: 'cancel', call: one, reason: 'normal' }, 'the cancel of the caller')
}

/** ring.invited: who invites the user that it is rings every other device. */
async function ringsOwnDevices(t: CheckContext, { room, phone, laptop, user }: Cast): Promise<void> {
  const call = await ring(t, phone, [laptop], { callee: { user } })
  await t.barrier(phone, laptop, room)
  await phone.sync()
  if (toldOf(phone, call).some(({ message }) => message['type'] === 'invite'))
    throw new CheckFailure('no invite at the sender itself, which is the user that it invites', 'one came')
  await say(laptop, { type: 'reject', call, reason: 'busy' }, 'the reject of the only other device')
  await hearEnd(phone, 'reject', call, 'busy', 'where its only other device is busy')
}

/** What the caller is told before anybody accepts: a call to the user rings, and is given up. */
async function beforeAccept(
  t: CheckContext,
  a: Endpoint,
  user: string,
  devices: readonly [Endpoint, ...Endpoint[]],
): Promise<readonly { readonly message: Wire; readonly text: string }[]> {
  const since = a.log.length
  const call = await ring(t, a, devices, { callee: { user } })
  for (const device of devices) await say(device, { type: 'ringing', call }, 'ringing of an endpoint')
  await hear(a, 'ringing', call, 'ringing at the caller, for that of the endpoint')
  await a.sync()
  const told = a.log
    .slice(since)
    .filter(({ message: { type } }) => type === 'ok' || type === 'ringing')
    .map(({ message, text }) => ({ message, text }))
  await say(a, { type: 'cancel', call, reason: 'normal' }, 'the cancel of the caller')
  return told
}

/** ring.hidden: neither a peer id nor the number of devices. */
async function hidesDevices(
  t: CheckContext,
  { a, phone, laptop, user }: Cast,
  alone: readonly { readonly message: Wire; readonly text: string }[],
): Promise<void> {
  const both = await beforeAccept(t, a, user, [phone, laptop])
  for (const { text } of [...alone, ...both]) {
    const named = [phone, laptop].find(({ peer }) => text.includes(peer))
    if (named)
      throw new CheckFailure(
        'nothing at the caller, before accept, that says which endpoints ring',
        `the peer id of ${named.name} came`,
      ).shownBy(text)
  }
  for (const { message, text } of both) {
    const same = alone.find((each) => each.message['type'] === message['type'])
    const counts = (frame: Wire | undefined, name: string, number: number) => {
      const value = frame?.[name]
      return value === number || (Array.isArray(value) && value.length === number)
    }
    const telling = Object.keys(message).find(
      (name) => counts(message, name, 2) && counts(same?.message, name, 1),
    )
    if (telling !== undefined)
      throw new CheckFailure(
        'nothing at the caller, before accept, that says how many endpoints ring',
        `${telling} of ${String(message['type'])} counts them`,
      ).shownBy(text)
  }
}

/** ring.ringing: the first device that says it. */
async function ringsBackOnce(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  await say(laptop, { type: 'ringing', call }, 'ringing of the first endpoint')
  await hear(a, 'ringing', call, 'ringing at the caller, for that of the first endpoint')
  await say(phone, { type: 'ringing', call }, 'ringing of the second endpoint')
  await t.barrier(phone, a, room)
  expectOneRinging(a, call, 'two endpoints have said it')
  await say(a, { type: 'cancel', call, reason: 'normal' }, 'the cancel of the caller')
}

/** ring.accept, ring.last, ring.ended, ring.only-endpoints: one device takes the call, and it is over for the other. */
async function letsOneTake(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  await say(laptop, { type: 'accept', call }, 'the accept of the second endpoint')
  const { message } = await hear(a, 'accept', call, 'an accept at the caller')
  expectParty(message['callee'], laptop, 'an accept whose callee is who has taken the call,')
  const { index } = await hearEnd(
    phone,
    'cancel',
    call,
    'answered-elsewhere',
    'where another endpoint accepts',
  )
  await refuses(phone, { type: 'accept', call }, ['call-ended'], 'the accept that comes second')
  const candidate = candidateTo({ room: '', to: a.peer, call })
  await refuses(phone, inCall(candidate), ['call-ended'], 'a candidate of who has not got the call')
  const toOther = candidateTo({ room: '', to: phone.peer, call })
  await refuses(a, inCall(toOther), ['peer-not-found'], 'a candidate to who has not got the call')
  await hangUp(laptop, a, call)
  await t.barrier(laptop, phone, room)
  await t.barrier(a, phone, room)
  expectSilence(phone, call, index + 1, 'after cancel, where another endpoint has taken the call')
}

/** Rounds of a race. */
const races = 4

/** ring.accept: both devices at the same moment. */
async function letsOneWin(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  for (let round = 0; round < races; round += 1) {
    const call = await ringBoth(t, a, cast)
    const devices = round % 2 === 0 ? [phone, laptop] : [laptop, phone]
    const pending = devices.map((device) => device.post({ type: 'accept', call }))
    const outcomes = await Promise.all(pending.map((each) => each.outcome()))
    const words = outcomes.map(({ type, code }) => code ?? type)
    const winners = devices.filter((_, place) => outcomes[place]?.type === 'ok')
    const [winner] = winners
    if (winners.length !== 1 || winner === undefined || !words.includes('call-ended'))
      throw new CheckFailure(
        'ok for one of two accepts at the same moment, and call-ended for the other',
        `the outcomes were ${words.join(' and ')}`,
      )
    const { message } = await hear(a, 'accept', call, 'an accept at the caller')
    expectParty(message['callee'], winner, 'an accept whose callee is the one whose accept got ok,')
    const loser = winner === phone ? laptop : phone
    await hearEnd(
      loser,
      'cancel',
      call,
      'answered-elsewhere',
      'where another endpoint accepts at the same moment',
    )
    await t.barrier(winner, a, room)
    const { length } = toldOf(a, call).filter(({ message: { type } }) => type === 'accept')
    if (length > 1)
      throw new CheckFailure('one accept at the caller', `${String(length)} came, where two accept at once`)
    await hangUp(a, winner, call)
  }
}

/** ring.decline */
async function declinesEverywhere(t: CheckContext, cast: Cast): Promise<void> {
  const { a, phone, laptop } = cast
  for (const [reason, one, other] of [
    ['declined', phone, laptop],
    ['com.example.asleep', laptop, phone],
  ] as const) {
    const call = await ringBoth(t, a, cast)
    await say(one, { type: 'reject', call, reason }, `the reject of an endpoint with reason ${reason}`)
    await hearEnd(a, 'reject', call, reason, 'where one of two endpoints gave it')
    await hearEnd(other, 'cancel', call, 'declined-elsewhere', 'where another endpoint declines')
  }
}

/** ring.busy: the first rings no more, the others do; the last one out ends the call. */
async function letsOthersRing(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  await say(
    phone,
    { type: 'reject', call, reason: 'busy' },
    'the reject of the first endpoint, which is busy',
  )
  await t.barrier(phone, a, room)
  await t.barrier(phone, laptop, room)
  expectSilence(a, call, 0, 'where one of two endpoints is busy')
  expectSilence(laptop, call, (toldOf(laptop, call)[0]?.index ?? 0) + 1, 'where the other endpoint is busy')
  await refuses(phone, { type: 'accept', call }, ['call-ended'], 'an accept of who was busy')
  await take(a, laptop, call)
  await hangUp(a, laptop, call)
  const both = await ringBoth(t, a, cast)
  await say(laptop, { type: 'reject', call: both, reason: 'busy' }, 'the reject of the first endpoint')
  await say(phone, { type: 'reject', call: both, reason: 'busy' }, 'the reject of the last endpoint')
  await hearEnd(a, 'reject', both, 'busy', 'where the last of two endpoints is busy')
}

/** ring.cancel */
async function cancelsEverywhere(t: CheckContext, cast: Cast): Promise<void> {
  const { a, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  const reason = 'com.example.door'
  await say(a, { type: 'cancel', call, reason }, 'the cancel of the caller')
  for (const device of [phone, laptop])
    await hearEnd(device, 'cancel', call, reason, 'where the caller gave it')
}

/** ring.glare: a call to the user crosses one of a device, and loses. */
async function givesWayEverywhere(t: CheckContext, cast: Cast): Promise<void> {
  const { a, phone, laptop } = cast
  const [lower, higher] = twoIds(t)
  await ringBoth(t, a, cast, { call: higher })
  await ring(t, laptop, [a], { call: lower })
  await hearEnd(a, 'reject', higher, 'glare', 'whose call crosses one with a lower id')
  for (const device of [phone, laptop])
    await hearEnd(device, 'cancel', higher, 'glare', 'where a call with a lower id crosses')
  await take(laptop, a, lower)
  await hangUp(laptop, a, lower)
}

/** ring.timeout: begins a call whose end is waited for while everything else is looked at. */
async function beginTimeout(t: CheckContext, cast: Cast): Promise<() => Promise<void>> {
  const { c, phone, laptop } = cast
  const call = t.callId()
  const [caller, ...devices] = [c, phone, laptop].map((party) => awaitEnd(party, call))
  const sentAt = performance.now()
  const begun = await ringBoth(t, c, cast, { call, ringSeconds: shortRing }).catch((error: unknown) => error)
  return async () => {
    if (begun instanceof Error) throw begun
    if (caller) await expectTimeout(call, sentAt, caller, devices)
  }
}

/** ring.caller-lost */
async function losesTheCaller(t: CheckContext, cast: Cast): Promise<void> {
  const { c, phone, laptop } = cast
  const call = await ringBoth(t, c, cast)
  c.link.abort()
  for (const device of [phone, laptop])
    await hearEnd(device, 'cancel', call, 'lost', 'where the caller was cut off')
}

/** ring.endpoint-lost: the other one rings on; with the last one the call ends. */
async function losesOneDevice(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  phone.link.abort()
  await laptop.expect('peer-left', ({ peer }) => peer === phone.peer, `peer-left about ${phone.peer}`)
  await t.barrier(laptop, a, room)
  expectSilence(a, call, 0, 'where one of two endpoints is lost')
  await take(a, laptop, call)
  await hangUp(a, laptop, call)
}

/** Throws what came of a part. */
export function judge(findings: DeviceFindings, part: DevicePart): void {
  const problem = findings.get(part)
  if (problem) throw problem
  if (!findings.has(part)) throw new Undecided('could-not-run', 'What leads there did not come to its end')
}

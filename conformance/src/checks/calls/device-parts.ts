import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { differenceOf } from '../scene/json-value.ts'
import { candidateTo } from '../scene/negotiation-message.ts'
import { ringsWhoHasRefreshed, ringsWhoRings, ringsWhoWasRefused } from './device-again.ts'
import { ringBoth, type Cast } from './device-cast.ts'
import { expectOneInvite, expectOneRinging } from './ringing.ts'
import {
  cancel,
  expectParty,
  expectSilence,
  hangUp,
  hear,
  hearEnd,
  inCall,
  refuses,
  refusesAsOver,
  ring,
  say,
  take,
  toldOf,
} from './stage.ts'

/** ring.members: by the user of another member, and by the own user where another device is a member; also while a device of that user talks. */
export async function letsMembersInviteUsers(
  t: CheckContext,
  { a, c, phone, laptop, user }: Cast,
): Promise<void> {
  const invite = async (when = '') => {
    for (const [caller, who] of [
      [a, 'another member, by its user'],
      [phone, 'its own user, as whom another member is authenticated'],
    ] as const) {
      const call = t.callId()
      const outcome = await requestInTime(caller, { type: 'invite', call, callee: { user } })
      if (outcome.type !== 'ok')
        throw unexpected(outcome, `ok for the invite of a member of a room for ${who}${when}`)
      await cancel(caller, call)
    }
  }
  await invite()
  const talks = await ring(t, c, [laptop])
  await take(c, laptop, talks)
  await invite(', one of whose devices talks')
  await hangUp(c, laptop, talks)
}

/** ring.invited: each device once, and nobody else. */
export async function ringsEveryDevice(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, c, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  for (const endpoint of [phone, laptop, c]) await t.barrier(a, endpoint, room)
  expectSilence(c, call, 0, 'which is not a device of the user that was invited')
  for (const device of [phone, laptop]) expectOneInvite(device, call)
  const late = await t.client({ user: 1 })
  await late.sync()
  expectSilence(late, call, 0, 'which came when its user was ringing already')
  await cancel(a, call)
  await ringsWhoRings(t, cast)
  try {
    await ringsWhoHasRefreshed(t, cast, late)
    await ringsWhoWasRefused(t, cast, late)
  } finally {
    late.send({ type: 'bye' })
    await late.endsInTime()
  }
}

/** ring.carried: to every device of a user what the caller has sent. */
export async function carriesToEveryDevice(t: CheckContext, cast: Cast): Promise<void> {
  const { a, phone, laptop } = cast
  const sent = { label: 'camera', data: { muted: false } }
  const call = await ringBoth(t, a, cast, sent)
  for (const device of [phone, laptop]) {
    const [told] = toldOf(device, call)
    for (const [name, value] of Object.entries(sent)) {
      const difference = differenceOf(value, told?.message[name], name)
      if (difference !== undefined)
        throw new CheckFailure(`label and data as they were sent, at ${device.name}`, difference).shownBy(
          told?.text ?? '',
        )
    }
  }
  await cancel(a, call)
}

/** ring.invited: a device for which `calls` is not in force does not ring with the others. */
export async function sparesCoreDevice(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a } = cast
  const bare = await t.client({ user: 1, capabilities: [] })
  await t.join(room, bare)
  const call = await ringBoth(t, a, cast)
  await t.barrier(a, bare, room)
  expectSilence(bare, call, 0, 'for which calls is not in force, where its user is rung')
  await cancel(a, call)
  await t.barrier(a, bare, room)
  expectSilence(bare, call, 0, 'for which calls is not in force, where the caller gives up')
  bare.close()
}

/** Names that are like a user's, and are not it. */
function likeNamed(user: string): readonly string[] {
  const upper = user.toUpperCase()
  return [
    upper === user ? user.toLowerCase() : upper,
    `${user} `,
    ` ${user}`,
    `${user}.`,
    `${user}@a`,
  ].filter((name) => name !== user && name.length <= 128)
}

/** ring.only-endpoints: a peer that is invited by its id rings alone, and nobody does for a user with a name like its own. */
export async function ringsOnePeer(t: CheckContext, { room, a, phone, laptop, user }: Cast): Promise<void> {
  const one = await ring(t, a, [phone])
  await t.barrier(a, laptop, room)
  expectSilence(laptop, one, 0, 'where another peer of its user was invited, by its peer id')
  await cancel(a, one)
  for (const like of likeNamed(user)) {
    const call = t.callId()
    const { type } = await requestInTime(a, { type: 'invite', call, callee: { user: like } })
    for (const device of [phone, laptop]) {
      await t.barrier(a, device, room)
      expectSilence(device, call, 0, `where user ${JSON.stringify(like)} was invited, which is not its own`)
    }
    // There may be such a user, on devices of its own.
    if (type === 'ok') a.send({ type: 'cancel', call, reason: 'normal' })
  }
}

/** ring.invited: who invites the user that it is rings every other device. */
export async function ringsOwnDevices(t: CheckContext, { room, phone, laptop, user }: Cast): Promise<void> {
  const call = await ring(t, phone, [laptop], { callee: { user } })
  await t.barrier(phone, laptop, room)
  await phone.sync()
  if (toldOf(phone, call).some(({ message }) => message['type'] === 'invite'))
    throw new CheckFailure('no invite at the sender itself, which is the user that it invites', 'one came')
  await say(laptop, { type: 'reject', call, reason: 'busy' }, 'the reject of the only other device')
  await presupposing(
    'ring.busy',
    hearEnd(phone, 'reject', call, 'busy', 'where its only other device is busy'),
  )
}

/** What the caller is told before anybody accepts: a call to the user rings, and is given up. */
export async function beforeAccept(
  t: CheckContext,
  a: Endpoint,
  user: string,
  devices: readonly [Endpoint, ...Endpoint[]],
): Promise<readonly { readonly message: Wire; readonly text: string }[]> {
  const since = a.log.length
  const call = await ring(t, a, devices, { callee: { user } })
  for (const device of devices) await say(device, { type: 'ringing', call }, 'ringing of an endpoint')
  await presupposing(
    'ring.ringing',
    hear(a, 'ringing', call, 'ringing at the caller, for that of the endpoint'),
  )
  await a.sync()
  const told = a.log
    .slice(since)
    .filter(({ message: { type } }) => type === 'ok' || type === 'ringing')
    .map(({ message, text }) => ({ message, text }))
  await cancel(a, call)
  return told
}

/** ring.hidden: neither a peer id nor the number of devices. */
export async function hidesDevices(
  t: CheckContext,
  { a, phone, laptop, user }: Cast,
  soundings: Promise<readonly { readonly message: Wire; readonly text: string }[]>,
): Promise<void> {
  const alone = await soundings
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
export async function ringsBackOnce(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  const call = await ringBoth(t, a, cast)
  await say(laptop, { type: 'ringing', call }, 'ringing of the first endpoint')
  await hear(a, 'ringing', call, 'ringing at the caller, for that of the first endpoint')
  await say(phone, { type: 'ringing', call }, 'ringing of the second endpoint')
  await t.barrier(phone, a, room)
  expectOneRinging(a, call, 'two endpoints have said it')
  await say(laptop, { type: 'reject', call, reason: 'busy' }, 'the reject of the first endpoint')
  await say(phone, { type: 'ringing', call }, 'ringing of the second endpoint, which is the last')
  await t.barrier(phone, a, room)
  expectOneRinging(a, call, 'the first endpoint is out, and the second says it')
  await cancel(a, call)
  const next = await ringBoth(t, a, cast)
  await say(phone, { type: 'reject', call: next, reason: 'busy' }, 'the reject of the first endpoint')
  await say(laptop, { type: 'ringing', call: next }, 'ringing of the endpoint that is left')
  await hear(a, 'ringing', next, 'ringing at the caller, for that of the endpoint that is left')
  await cancel(a, next)
}

/** ring.accept, ring.last, ring.ended, ring.only-endpoints: one device takes the call, and it is over for the other. */
export async function letsOneTake(t: CheckContext, cast: Cast): Promise<void> {
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
  await refusesAsOver(phone, { type: 'accept', call }, 'the accept that comes second')
  const candidate = candidateTo({ room: '', to: a.peer, call })
  await refusesAsOver(phone, inCall(candidate), 'a candidate of who has not got the call')
  // Nor does it end the call of the other one.
  await refusesAsOver(phone, { type: 'reject', call, reason: 'declined' }, 'the reject of who has not got it')
  const hangup = { type: 'hangup', to: a.peer, call, reason: 'normal' } as const
  await refusesAsOver(phone, hangup, 'the hangup of who has not got the call')
  const goesOn = inCall(candidateTo({ room: '', to: laptop.peer, call }))
  await say(
    a,
    goesOn,
    'a candidate of the caller, after what was said by an endpoint that has not got the call',
  )
  const toOther = candidateTo({ room: '', to: phone.peer, call })
  await presupposing(
    'talk.peer-not-found',
    refuses(a, inCall(toOther), ['peer-not-found'], 'a candidate to who has not got the call'),
  )
  await hangUp(laptop, a, call)
  await t.barrier(laptop, phone, room)
  await t.barrier(a, phone, room)
  expectSilence(phone, call, index + 1, 'after cancel, where another endpoint has taken the call')
}

/** Rounds of a race. */
const races = 4

/** ring.accept: both devices at the same moment. */
export async function letsOneWin(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  for (let round = 0; round < races; round += 1) {
    const call = await ringBoth(t, a, cast)
    const devices = round % 2 === 0 ? [phone, laptop] : [laptop, phone]
    const pending = devices.map((device) => device.post({ type: 'accept', call }))
    const outcomes = await Promise.all(pending.map((each) => each.outcome()))
    const words = outcomes.map(({ type, code }) => code ?? type)
    const winners = devices.filter((_, place) => outcomes[place]?.type === 'ok')
    const [winner] = winners
    if (winners.length !== 1 || winner === undefined)
      throw new CheckFailure(
        'ok for one of two accepts at the same moment, and an error for the other',
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
export async function declinesEverywhere(t: CheckContext, cast: Cast): Promise<void> {
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
export async function letsOthersRing(t: CheckContext, cast: Cast): Promise<void> {
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
  await refusesAsOver(phone, { type: 'accept', call }, 'an accept of who was busy')
  await take(a, laptop, call)
  await hangUp(a, laptop, call)
  const both = await ringBoth(t, a, cast)
  await say(laptop, { type: 'reject', call: both, reason: 'busy' }, 'the reject of the first endpoint')
  await say(phone, { type: 'reject', call: both, reason: 'busy' }, 'the reject of the last endpoint')
  await hearEnd(a, 'reject', both, 'busy', 'where the last of two endpoints is busy')
}

/** ring.last, ring.ended: whoever was busy has no part in what becomes of the call, and whatever it says counts for nothing. */
export async function leavesWhoIsOut(t: CheckContext, cast: Cast): Promise<void> {
  const { room, a, phone, laptop } = cast
  const out = async (call: string) => {
    const busy = { type: 'reject', call, reason: 'busy' } as const
    await say(phone, busy, 'the reject of the first endpoint, which is busy')
    return { busy, since: phone.log.length }
  }
  const when = 'which was busy before'
  const both = await ringBoth(t, a, cast)
  const first = await out(both)
  await refusesAsOver(
    phone,
    first.busy,
    'a second reject of an endpoint that was busy, while another one rings',
  )
  const declined = { type: 'reject', call: both, reason: 'declined' } as const
  await refusesAsOver(phone, declined, 'a reject with reason declined of an endpoint that was busy')
  await refusesAsOver(phone, { type: 'ringing', call: both }, 'ringing of an endpoint that was busy')
  await t.barrier(phone, a, room)
  expectSilence(a, both, 0, 'where one of two endpoints is busy, and has said it twice')
  await take(a, laptop, both)
  await hangUp(a, laptop, both)
  const cancelled = await ringBoth(t, a, cast)
  await out(cancelled)
  await cancel(a, cancelled)
  const refused = await ringBoth(t, a, cast)
  await out(refused)
  await say(laptop, { type: 'reject', call: refused, reason: 'declined' }, 'the reject of the last endpoint')
  await hearEnd(a, 'reject', refused, 'declined', 'where the last endpoint gave it')
  await t.barrier(a, phone, room)
  await t.barrier(laptop, phone, room)
  for (const call of [both, cancelled, refused]) {
    const [told] = toldOf(phone, call).filter(({ message: { type } }) => type !== 'invite')
    if (told) expectSilence(phone, call, told.index, when)
  }
}

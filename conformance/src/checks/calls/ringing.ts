import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { clip } from '../../observer/frame-observer.ts'
import { differenceOf } from '../scene/json-value.ts'
import { announcedLimit, dataKinds } from '../scene/membership.ts'
import {
  callsPerPeer,
  cancel,
  cannotInvite,
  expectParty,
  expectSilence,
  hangUp,
  hear,
  invite,
  reject,
  ring,
  say,
  stage,
  take,
  toldOf,
  watchedStage,
} from './stage.ts'

/** ring.invited: once to the peer that is named, in however many rooms the two have met. */
async function ringsTheOneNamed(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  if ((announcedLimit(t, 'roomsPerPeer') ?? 2) > 1) await t.join(t.room(), a, b)
  const call = await invite(t, a, { peer: b.peer })
  await hear(b, 'invite', call, 'an invite at the peer that callee names')
  await t.barrier(a, b, room)
  expectOneInvite(b, call)
}

/** Fails where an endpoint has been sent the invite of a call more than once. */
export function expectOneInvite(endpoint: Endpoint, call: string): void {
  const { length } = toldOf(endpoint, call).filter(({ message }) => message['type'] === 'invite')
  if (length > 1)
    throw new CheckFailure(`one invite of the call at ${endpoint.name}`, `${String(length)} came`)
}

/** ring.only-endpoints: from the invite to the end somebody else in the room hears nothing. */
async function tellsNobodyElse(t: CheckContext): Promise<void> {
  const { room, a, b, c } = await watchedStage(t)
  const taken = await invite(t, a, { peer: b.peer }, { data: 1 })
  const who = 'who is in the room, and has no part in it'
  await t.barrier(a, c, room)
  expectSilence(c, taken, 0, who)
  await presupposing('ring.invited', hear(b, 'invite', taken, 'an invite at the peer that callee names'))
  await say(b, { type: 'ringing', call: taken }, 'ringing of an endpoint')
  await take(a, b, taken)
  await say(
    a,
    { type: 'hangup', to: b.peer, call: taken, reason: 'normal' },
    'the hangup of a call that was taken',
  )
  const cancelled = await ring(t, a, [b])
  await cancel(a, cancelled)
  const rejected = await ring(t, a, [b])
  await reject(b, rejected, 'declined')
  await t.barrier(a, c, room)
  await t.barrier(b, c, room)
  for (const call of [taken, cancelled, rejected]) expectSilence(c, call, 0, who)
  await a.sync()
  for (const call of [taken, cancelled, rejected])
    if (toldOf(a, call).some(({ message }) => message['type'] === 'invite'))
      throw new CheckFailure('an invite at the endpoints alone', 'its own caller got one')
}

/** ring.caller */
async function namesTheCaller(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  for (const [caller, callee] of [
    [a, b],
    [b, a],
  ] as const) {
    // A caller that would like to be somebody else: what it says of itself counts for nothing.
    const call = t.callId()
    const forged = { user: 'somebody-else', caller: { peer: callee.peer, user: 'somebody-else' } }
    const message = { type: 'invite', call, callee: { peer: callee.peer }, ...forged } as const
    const outcome = await requestInTime(caller, message)
    if (outcome.type !== 'ok') cannotInvite(t)
    const { message: told } = await hear(callee, 'invite', call, 'an invite at the peer that callee names')
    expectParty(told['caller'], caller, 'an invite whose caller is who has sent it,')
    await cancel(caller, call)
  }
}

/** ring.carried: what is there, as it was sent, and nothing where nothing was. */
async function carriesEverything(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const labels = ['camera', 'x'.repeat(64), ' "<b>&amp;</b>\\ ', undefined]
  const forms = [
    ...labels.map((label) => ({ label })),
    ...dataKinds(t).map((data) => ({ data })),
    { label: 'screen', data: 7 },
  ]
  for (const form of forms) {
    const sent = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== undefined))
    const call = await invite(t, a, { peer: b.peer }, sent)
    const what = `an invite with ${clip(JSON.stringify(sent))}`
    const { message, text } = await hear(b, 'invite', call, `the delivery of ${what}`)
    for (const name of ['label', 'data']) {
      if (name in sent !== name in message)
        throw new CheckFailure(
          `${what} told with ${name in sent ? name : `no ${name}`}`,
          name in sent ? 'it has none' : `it has ${name} ${clip(JSON.stringify(message[name]))}`,
        ).shownBy(text)
      const difference = name in sent ? differenceOf(sent[name], message[name], name) : undefined
      if (difference !== undefined)
        throw new CheckFailure(`${what} told as it was sent`, difference).shownBy(text)
    }
    a.send({ type: 'cancel', call, reason: 'normal' })
  }
}

/** Invites with too much data that are sent at most, so that as many calls as a peer may have would be taken by them. */
const mostRefused = 16

/** Bytes of data below which nothing can be varied. */
const leastBytes = 8

/** ring.data: exactly the limit, and one byte more. */
async function keepsTheLimitOfData(t: CheckContext): Promise<void> {
  const limit = announcedLimit(t, 'dataBytes') ?? t.notApplicable('limits.dataBytes is not announced')
  const messageBytes = announcedLimit(t, 'messageBytes') ?? 65_536
  if (limit < leastBytes) t.notObserved(`limits.dataBytes of ${String(limit)} leaves no room to vary data`)
  if (limit + 1000 > messageBytes) t.notObserved('limits.dataBytes is as good as limits.messageBytes')
  t.cost({ bytes: 4 * limit }, 'Sending invites with large data')
  const { room, a, b } = await stage(t)
  // As long in characters, in bytes: no other unit fits both.
  const fill = (bytes: number, character: string) => {
    const size = Buffer.byteLength(character)
    const count = Math.floor((bytes - 2) / size)
    return `${character.repeat(count)}${'x'.repeat(bytes - 2 - count * size)}`
  }
  for (const character of ['d', '€']) {
    const words = (bytes: number) =>
      `an invite with data of ${String(bytes)} bytes, made of ${character === 'd' ? 'ASCII' : 'longer characters'}`
    const call = t.callId()
    const data = fill(limit, character)
    const outcome = await requestInTime(a, { type: 'invite', call, callee: { peer: b.peer }, data })
    if (outcome.type !== 'ok') {
      if (outcome.code === 'too-large' || outcome.code === 'bad-message')
        throw unexpected(outcome, `ok for ${words(limit)}: the limit`)
      cannotInvite(t)
    }
    const { message } = await hear(b, 'invite', call, `the delivery of ${words(limit)}: the limit`)
    const difference = differenceOf(data, message['data'], 'data')
    if (difference !== undefined) throw new CheckFailure(`${words(limit)} told as it was sent`, difference)
    await cancel(a, call)
    const more = t.callId()
    const asked = { type: 'invite', call: more, callee: { peer: b.peer } } as const
    const refused = await requestInTime(a, { ...asked, data: fill(limit + 1, character) })
    if (refused.code !== 'too-large')
      throw unexpected(refused, `too-large for ${words(limit + 1)}: one more than the limit`)
    await t.barrier(a, b, room)
    expectSilence(b, more, 0, 'for an invite with too much data')
    // What was refused is no call: its id is free, and it takes no place.
    for (let count = 0; count < Math.min(callsPerPeer(t, a), mostRefused); count += 1)
      await requestInTime(a, { ...asked, data: fill(limit + 1, character) })
    const mended = await requestInTime(a, asked)
    if (mended.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
    if (mended.type !== 'ok')
      throw unexpected(mended, 'ok for an invite that was refused for its data before, without it')
    await cancel(a, more)
  }
}

/** Escapes that the canonical form of a text has not. */
const escapes = 20

/** ring.data: white space and superfluous escapes are none of the size. */
async function measuresCanonical(t: CheckContext): Promise<void> {
  const limit = announcedLimit(t, 'dataBytes') ?? t.notApplicable('limits.dataBytes is not announced')
  const messageBytes = announcedLimit(t, 'messageBytes') ?? 65_536
  if (limit < leastBytes + escapes)
    t.notObserved(`limits.dataBytes of ${String(limit)} leaves no room to vary data`)
  if (limit + 1000 > messageBytes) t.notObserved('limits.dataBytes is as good as limits.messageBytes')
  t.cost({ bytes: limit }, 'Sending an invite with large data')
  const { a, b } = await stage(t)
  const [call, id] = [t.callId(), a.nextId()]
  const data = ` "${'\\u0064'.repeat(escapes)}${'d'.repeat(limit - 2 - escapes)}" `
  const rest = JSON.stringify({ type: 'invite', id, call, callee: { peer: b.peer } })
  a.sendRaw(`${rest.slice(0, -1)},"data":${data}}`)
  const expected = `ok for an invite with data of ${String(limit)} bytes as RFC 8785 writes it, in more that the frame has: the limit`
  const outcome = await a.outcome(id, { what: expected })
  if (outcome.type === 'ok') {
    a.send({ type: 'cancel', call, reason: 'normal' })
    return
  }
  if (outcome.code === 'too-large' || outcome.code === 'bad-message') throw unexpected(outcome, expected)
  cannotInvite(t)
}

/** ring.outcome-first: an endpoint that answers as fast as it can. */
async function saysTheOutcomeFirst(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  b.onFrame(({ message }) => {
    if (message['type'] !== 'invite' || typeof message['call'] !== 'string') return
    const { call } = message
    b.send({ type: 'ringing', call })
    if (message['label'] === 'taken') b.send({ type: 'accept', call })
    else b.send({ type: 'reject', call, reason: 'declined' })
  })
  for (let round = 0; round < 4; round += 1) {
    const label = round % 2 === 0 ? 'taken' : 'declined'
    const call = t.callId()
    const { type, index } = await requestInTime(a, { type: 'invite', call, callee: { peer: b.peer }, label })
    if (type !== 'ok') cannotInvite(t)
    const end = label === 'taken' ? 'accept' : 'reject'
    await hear(a, end, call, `${end} at the caller`)
    expectOutcomeFirst(a, call, index)
    if (label === 'taken') await hangUp(a, b, call)
  }
}

/**
 * Fails where something of a call has come before the outcome of its `invite`.
 *
 * @param outcome - Place of the outcome in the caller's log.
 */
export function expectOutcomeFirst(caller: Endpoint, call: string, outcome: number): void {
  const [first] = toldOf(caller, call)
  if (first === undefined || outcome < first.index) return
  throw new CheckFailure(
    'the outcome of an invite before anything else of its call',
    `${String(first.message['type'])} came before`,
  ).shownBy(first.text)
}

/** ring.ringing: once in a call. */
async function ringsBackOnce(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const call = await ring(t, a, [b])
  await say(b, { type: 'ringing', call }, 'the first ringing of an endpoint')
  await hear(a, 'ringing', call, 'ringing at the caller, for that of the endpoint')
  b.send({ type: 'ringing', call })
  await t.barrier(b, a, room)
  expectOneRinging(a, call, 'an endpoint has said it twice')
  if (callsPerPeer(t, a) > 1) {
    const other = await ring(t, a, [b], { label: 'another' })
    await say(b, { type: 'ringing', call: other }, 'ringing of an endpoint for another call')
    const beside = 'beside one of which it has been told'
    await hear(a, 'ringing', other, `ringing at the caller, for a second call ${beside}`)
    await cancel(a, other)
  }
  await cancel(a, call)
  // What the caller says itself is refused, and is nobody's first.
  const own = await ring(t, a, [b])
  const { code } = await a.request({ type: 'ringing', call: own })
  if (code !== 'call-state') return
  await say(b, { type: 'ringing', call: own }, 'the first ringing of an endpoint')
  const after = 'after one of the caller itself, which was refused'
  await hear(a, 'ringing', own, `ringing at the caller, for that of the endpoint ${after}`)
}

/** Fails where the caller has been told more than once that it rings. */
export function expectOneRinging(caller: Endpoint, call: string, when: string): void {
  const { length } = toldOf(caller, call).filter(({ message }) => message['type'] === 'ringing')
  if (length > 1)
    throw new CheckFailure(
      'one ringing at the caller in the whole call',
      `${String(length)} came, where ${when}`,
    )
}

/** ring.members */
async function letsMembersInvite(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const call = t.callId()
  const outcome = await requestInTime(a, { type: 'invite', call, callee: { peer: b.peer } })
  if (outcome.type !== 'ok') throw unexpected(outcome, 'ok for the invite of a member of a room for another')
}

const capability = 'calls'

/** Checks of spec/calls.md, Ringing: how it begins. */
export const ringingChecks: readonly Check[] = [
  check('ring.invited', 'the peer that is named rings, once', ringsTheOneNamed, { capability }),
  check('ring.only-endpoints', 'somebody else in the room', tellsNobodyElse, { capability }),
  check(
    'ring.only-endpoints',
    'each invite of the run',
    (t) => {
      t.judgeWatched('ring.only-endpoints', 'No invite of the run arrived')
      return Promise.resolve()
    },
    { name: 'throughout', capability, last: true },
  ),
  check('ring.caller', 'who calls is as the server knows it', namesTheCaller, { capability }),
  check('ring.carried', 'labels and data of every kind', carriesEverything, { capability }),
  check('ring.data', 'data of exactly limits.dataBytes, and of one byte more', keepsTheLimitOfData, {
    capability,
  }),
  check('ring.data', 'the size is that of the canonical form', measuresCanonical, {
    capability,
    name: 'canonical',
  }),
  check('ring.outcome-first', 'an endpoint that answers at once', saysTheOutcomeFirst, { capability }),
  check('ring.ringing', 'ringing is told once', ringsBackOnce, { capability }),
  check('ring.members', 'a member of a room rings another one', letsMembersInvite, { capability }),
]

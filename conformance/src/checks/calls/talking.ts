import type { CallRelay } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { leaveRoom, needsRooms } from '../scene/membership.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { numbered, numberOf } from '../scene/stream.ts'
import { authenticate, invalidToken, requireAuth, requireTwoUsers, tokenOf } from '../scene/token.ts'
import { ends } from './answering.ts'
import { carryInCall, everyForm } from './in-call.ts'
import { inTurn } from './in-turn.ts'
import {
  callsPerPeer,
  expectSilence,
  goOnBeside,
  hangUp,
  hear,
  hearEnd,
  hearsNothing,
  inCall,
  refusesAsOver,
  ring,
  say,
  stage,
  take,
  talk,
  toldOf,
  watchedStage,
  type Talk,
} from './stage.ts'

/** The other party is the sender now. */
function back({ call, from, to }: Talk): Talk {
  return { call, from: to, to: from }
}

/** talk.delivered: every form, from the caller and from the one that was called. */
async function carriesEveryForm(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const there = await talk(t, a, b)
  for (const way of [there, back(there)]) await carryInCall(t, way, everyForm(way))
}

/** auth.grants, talk.delivered: grants are about rooms. */
async function needsNoGrant(t: CheckContext): Promise<void> {
  requireTwoUsers(t)
  if (t.target.users[1]?.authenticated?.grants === undefined)
    t.notApplicable('The second user of the kit has no grants: it may do everything')
  await inTurn(t, async ({ device }) => {
    const [a, b] = [await t.client(), await device()]
    await t.join(sharedRoom(t, 0, 1), a, b)
    const there = await talk(t, a, b)
    const { from, to, call } = back(there)
    const candidate = inCall(candidateTo({ room: '', to: to.peer, call }))
    const expected = 'ok for a candidate of a call, whatever the grants of its sender are'
    const outcome = await from.post(candidate).outcome(expected)
    if (outcome.type !== 'ok') throw unexpected(outcome, expected)
    await hear(to, 'candidate', call, 'the delivery of a candidate of a call')
  })
}

/** Reasons with which a call is hung up. */
const reasons = ['normal', 'glare', 'incompatible', 'failed', 'timeout', 'com.example.lunch'] as const

/** talk.hangup: delivered with its reason, whoever says it; then the call is over for both. */
async function hangsUp(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  for (const [round, reason] of reasons.entries()) {
    const there = await talk(t, a, b)
    const { call, from, to } = round % 2 === 0 ? there : back(there)
    const hangup = { type: 'hangup', to: to.peer, call, reason } as const
    const what = `a hangup with reason ${reason}`
    await presupposing('talk.delivered', say(from, hangup, what))
    const { message } = await presupposing('talk.delivered', hear(to, 'hangup', call, `${what}, delivered`))
    if (message['reason'] !== reason)
      throw new CheckFailure(
        `${what}, delivered as it was sent`,
        `its reason was ${String(message['reason'])}`,
      )
    const sides = [
      { one: from, other: to, who: 'who has hung up' },
      { one: to, other: from, who: 'the other party' },
    ]
    await Promise.all(
      sides.map(({ one, other, who }) => {
        const late = inCall(candidateTo({ room: '', to: other.peer, call }))
        return refusesAsOver(one, late, `a candidate of ${who}, after the hangup`)
      }),
    )
  }
}

/** talk.hangup: of the call that it names, and of no other one of the same two. */
async function hangsUpOne(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  if (callsPerPeer(t, a) < 3) t.notObserved('A peer may have two calls at most, and this takes three')
  const one = await talk(t, a, b, { label: 'one' })
  const other = await talk(t, b, a, { label: 'other' })
  const rings = await ring(t, a, [b], { label: 'third' })
  await hangUp(a, b, one.call)
  await hear(b, 'hangup', one.call, 'a hangup, delivered')
  await goesOn(other, 'after the hangup of another one of the same two')
  await take(a, b, rings)
}

/** talk.peer-not-found: nobody, the sender itself, and somebody who is there. */
async function reachesNobodyElse(t: CheckContext): Promise<void> {
  const { room, a, b, c } = await watchedStage(t)
  const { call } = await talk(t, a, b)
  const since = c.log.length
  const others = [
    ['a peer that nobody is', t.strangerId()],
    ['its own sender', a.peer],
    ['somebody else in the room', c.peer],
  ] as const
  for (const [who, to] of others) {
    const place = { room: '', to, call }
    const messages = [offerTo(place), answerTo(place), candidateTo(place), hangupTo(place)]
    const pending = messages.map((message) => ({ type: message.type, id: a.post(inCall(message)).id }))
    for (const { type, id } of pending)
      await expectRefusal(a, id, ['peer-not-found'], `${type} of a call to ${who}`)
    const toOther = inCall(candidateTo({ room: '', to: b.peer, call }))
    await presupposing(
      'talk.delivered',
      refusesAsNothing(a, toOther, `after a hangup to ${who}, which was refused`),
    )
  }
  await t.barrier(a, c, room)
  expectSilence(c, call, since, 'for what a party of it sends there')
  const place = { room: '', to: b.peer, call }
  await presupposing('talk.delivered', say(a, inCall(candidateTo(place)), 'a candidate to the other party'))
  await presupposing('talk.delivered', hear(b, 'candidate', call, 'the delivery of a candidate'))
}

/** The call has to go on: a refusal as over says that what was refused has ended it. */
async function refusesAsNothing(from: Endpoint, message: CallRelay, when: string): Promise<void> {
  const expected = `ok for a candidate to the other party, ${when}`
  const outcome = await from.post(message).outcome(expected)
  if (outcome.code === 'call-ended') throw unexpected(outcome, expected)
}

/** Candidates that are sent right before the connection ends. */
const lastWords = 40

/** talk.lost: whichever party it is, and however its connection ends. */
async function losesAParty(t: CheckContext): Promise<void> {
  const each = ends.flatMap(([what, end]) => [
    { who: `the caller ${what}`, end, isCaller: true },
    { who: `the one that was called ${what}`, end, isCaller: false },
  ])
  await Promise.all(
    each.map(async ({ who, end, isCaller }) => {
      const { a, b } = await stage(t)
      const there = await talk(t, a, b)
      const { call, from, to } = isCaller ? there : back(there)
      const place = { room: '', to: to.peer, call }
      const pending = Array.from({ length: lastWords }, (_, index) =>
        from.post(inCall(numbered(place, index + 1))),
      )
      // What has its ok has been accepted, also where the connection is cut off.
      for (const each of pending) await presupposing('talk.delivered', each.outcome())
      end(from)
      const { index } = await hearEnd(to, 'call-ended', call, 'lost', `where ${who}`)
      const came = toldOf(to, call).filter(
        (frame) => frame.index < index && numberOf(frame.message) !== undefined,
      )
      if (came.length < lastWords)
        throw new CheckFailure(
          `all ${String(lastWords)} candidates that were accepted before call-ended, where ${who}`,
          `${String(came.length)} came before it`,
        )
      await refusesAsOver(to, { type: 'hangup', to: from.peer, call, reason: 'normal' }, 'a hangup after it')
    }),
  )
}

/** talk.lost: of parties that have left the room in which they met. */
async function losesAPartyInNoRoom(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { call } = await talk(t, a, b)
  const rings = await ring(t, a, [b], { label: 'another' })
  for (const party of [a, b]) await leaveRoom(party, room)
  await presupposing('talk.apart-from-rooms', hearsNothing(a, rings, 'where both have left their room'))
  b.link.abort()
  const when = 'where the other party, which was in no room any more, was cut off'
  await hearEnd(a, 'call-ended', call, 'lost', when)
  await presupposing('ring.endpoint-lost', hearEnd(a, 'reject', rings, 'lost', when))
}

/** talk.lost: a connection that another one replaces ends, too. */
async function losesAReplacedParty(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const { call } = await talk(t, a, b)
  await t.client({ hello: { replaces: a.session } })
  await hearEnd(b, 'call-ended', call, 'lost', 'where another connection has replaced that of the caller')
}

/** talk.lost: a connection that ends because its third authentication has failed. */
async function losesAPartyThatFails(t: CheckContext): Promise<void> {
  requireAuth(t)
  const { a, b } = await stage(t)
  const { call } = await talk(t, a, b)
  for (const time of ['first', 'second', 'third']) {
    const { code } = await presupposing('auth.third-failure', authenticate(b, invalidToken(t)))
    if (code !== 'auth-failed')
      t.couldNotRun(
        `The ${time} auth with a token that is not valid is not answered with auth-failed: see auth.failed`,
      )
  }
  await presupposing('auth.third-failure', b.expectEnd('the end of a connection whose third auth has failed'))
  await hearEnd(a, 'call-ended', call, 'lost', 'where the third auth of the other party has failed')
}

/** What both parties say in a call arrives. */
async function goesOn(there: Talk, when: string): Promise<void> {
  for (const { call, from, to } of [there, back(there)]) {
    const since = to.log.length
    const offer = inCall(offerTo({ room: '', to: to.peer, call }))
    await say(from, offer, `an offer of a call ${when}`)
    await to.waitFor(
      ({ message }) => message['type'] === 'offer' && message['call'] === call && !('room' in message),
      `the delivery of an offer of a call ${when}`,
      { since },
    )
  }
}

/** A call that rings can be taken, whatever has happened in rooms. */
async function takes(caller: Endpoint, endpoint: Endpoint, call: string, when: string): Promise<void> {
  const what = `the accept of a call that rings, ${when}`
  await say(endpoint, { type: 'accept', call }, what)
  await hear(caller, 'accept', call, `an accept at the caller, for ${what}`)
}

/** talk.apart-from-rooms: the room in which the parties met is left by one after the other. */
async function outlivesRooms(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const there = await talk(t, a, b)
  const rings = await ring(t, b, [a], { label: 'another' })
  const own = callsPerPeer(t, a) > 2 ? await ring(t, a, [b], { label: 'third' }) : undefined
  if (own !== undefined) await goOnBeside([b, rings], [a, own])
  await leaveRoom(a, room)
  if (own !== undefined) await hearsNothing(a, own, 'which has called, and left the room of the two')
  await goesOn(there, 'whose caller has left the room')
  await leaveRoom(b, room)
  await goesOn(there, 'whose parties have left the room')
  const whenGone = 'when its parties have left the room'
  if (own !== undefined) {
    await say(
      a,
      { type: 'cancel', call: own, reason: 'normal' },
      `the cancel of a call that rings, ${whenGone}`,
    )
    await hearEnd(b, 'cancel', own, 'normal', `where the caller gave it ${whenGone}`)
  }
  await takes(b, a, rings, whenGone)
  await goesOn({ call: rings, from: b, to: a }, 'that was taken when its parties had left the room')
  const other = t.room()
  await t.join(other, a)
  await t.join(t.room(), b)
  await goesOn(there, 'whose parties are in other rooms')
}

/** talk.apart-from-rooms: what names a room is Core's, though its `call` is that of a call. */
async function keepsRoomsApart(t: CheckContext): Promise<void> {
  needsRooms(t, 1)
  const { room, a, b } = await stage(t)
  const there = await talk(t, a, b)
  const { call } = there
  const rings = await ring(t, b, [a], { label: 'another' })
  const carries = async (id: string, what: string) => {
    const place = { room, to: b.peer, call: id }
    for (const message of [offerTo(place), candidateTo(place), hangupTo(place)]) {
      const type = `${message.type} in a room whose call is ${what}`
      const since = b.log.length
      const outcome = await a.request(message)
      if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${type}`)
      await b.waitFor(
        ({ message: { type: came, call: of, room: where } }) =>
          came === message.type && of === id && where === room,
        `the delivery of ${type}`,
        { since },
      )
    }
  }
  await carries(call, 'that of a call which has been taken')
  await carries(rings, 'that of a call which rings')
  await goesOn(there, 'after a hangup in a room whose call is the same')
  const when = 'after a hangup in a room whose call is the same'
  await takes(b, a, rings, when)
  await hangUp(a, b, call)
  await carries(call, 'that of a call which has been hung up')
  const own = await ring(t, a, [b])
  await carries(own, 'that of a call which rings, and whose caller says it')
  await takes(a, b, own, when)
}

/** talk.refresh: while it rings, and when it has been taken. */
async function outlivesARefresh(t: CheckContext): Promise<void> {
  const tokens = [await tokenOf(t), await tokenOf(t), await tokenOf(t), await tokenOf(t)]
  const { room, a, b } = await stage(t)
  const refresh = async (party: Endpoint) => {
    const outcome = await authenticate(party, tokens.pop() ?? '')
    if (outcome.type !== 'authenticated')
      t.couldNotRun('The server does not take a second auth of the same user: see auth.refresh')
  }
  const call = await ring(t, a, [b])
  const since = [a, b].map(({ log }) => log.length)
  await refresh(a)
  await refresh(b)
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  for (const [place, party] of [a, b].entries())
    expectSilence(party, call, since[place] ?? 0, 'when an authentication is refreshed while it rings')
  await say(b, { type: 'accept', call }, 'the accept of an endpoint that has refreshed its authentication')
  await hear(a, 'accept', call, 'an accept at a caller that has refreshed its authentication')
  await refresh(a)
  await refresh(b)
  await goesOn({ call, from: a, to: b }, 'whose parties have refreshed their authentication')
}

const capability = 'calls'

/** Checks of spec/calls.md, Talking. */
export const talkingChecks: readonly Check[] = [
  check('talk.delivered', 'every form of every type, both ways', carriesEveryForm, { capability }),
  check('talk.delivered', 'a party that has grants', needsNoGrant, { capability, name: 'grants' }),
  check('talk.hangup', 'either party hangs up', hangsUp, { capability }),
  check('talk.hangup', 'one of several calls of the same two', hangsUpOne, { capability, name: 'beside' }),
  check('talk.peer-not-found', 'receivers that are not the other party', reachesNobodyElse, { capability }),
  check('talk.lost', 'either party is lost', losesAParty, { capability }),
  check('talk.lost', 'a party in no room is lost', losesAPartyInNoRoom, { capability, name: 'no-room' }),
  check('talk.lost', 'a party is replaced', losesAReplacedParty, { capability, name: 'replaced' }),
  check('talk.lost', 'a party whose authentication fails for the third time', losesAPartyThatFails, {
    capability,
    name: 'failed-auth',
  }),
  check('talk.apart-from-rooms', 'the parties leave the room', outlivesRooms, { capability, name: 'left' }),
  check('talk.apart-from-rooms', 'messages of a room with the id of a call', keepsRoomsApart, {
    capability,
    name: 'same-id',
  }),
  check('talk.refresh', 'both refresh their authentication', outlivesARefresh, { capability }),
]

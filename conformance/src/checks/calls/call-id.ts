import type { CallRelay } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { ConnectionLost, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { loseOnArrival } from './glare.ts'
import {
  callsPerPeer,
  cancel,
  expectSilence,
  hangUp,
  hear,
  hearEnd,
  inCall,
  reject,
  ring,
  ringSeconds,
  say,
  stage,
  take,
  talk,
  watchedStage,
  whileRinging,
  type Said,
} from './stage.ts'

/** One of each message about a call that is no `invite`, of one peer to another, by its type. */
function messagesOf(call: string, to: string): Readonly<Record<string, Said | CallRelay>> {
  const place = { room: '', to, call }
  return {
    ringing: { type: 'ringing', call },
    accept: { type: 'accept', call },
    reject: { type: 'reject', call, reason: 'declined' },
    'reject that is busy': { type: 'reject', call, reason: 'busy' },
    cancel: { type: 'cancel', call, reason: 'normal' },
    offer: inCall(offerTo(place)),
    answer: inCall(answerTo(place)),
    candidate: inCall(candidateTo(place)),
    hangup: inCall(hangupTo(place)),
  }
}

/** Sends some of them, each of which has to be refused in the same way. */
async function refusesEach(
  from: Endpoint,
  to: Endpoint,
  call: string,
  code: 'call-ended' | 'call-not-found' | 'call-state',
  when: string,
  only: (type: string) => boolean = () => true,
): Promise<void> {
  const messages = Object.entries(messagesOf(call, to.peer)).filter(([type]) => only(type))
  // In one go: over a slow path each would take a round trip of its own.
  const pending = messages.map(([type, message]) => ({ type, id: from.post(message).id }))
  for (const { type, id } of pending) await expectRefusal(from, id, [code], `${type} ${when}`)
}

const isRelay = (type: string) => ['offer', 'answer', 'candidate', 'hangup'].includes(type)

/** Sends an `invite` with the id of another call. */
async function refusesId(
  t: CheckContext,
  from: Endpoint,
  to: Endpoint,
  call: string,
  code: 'call-exists' | 'call-ended',
  what: string,
): Promise<void> {
  const outcome = await requestInTime(from, { type: 'invite', call, callee: { peer: to.peer } })
  if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
  if (outcome.code !== code) throw unexpected(outcome, `${code} for an invite with the id of ${what}`)
}

/** ring.exists: while it rings, and when it has been taken; whoever says it. */
async function refusesIdsInUse(t: CheckContext): Promise<void> {
  const { room, a, b, c } = await watchedStage(t)
  const pairs = [
    [a, b, 'its caller'],
    [b, a, 'the other party'],
    [c, b, 'somebody else'],
    [c, a, 'somebody else, to its caller'],
  ] as const
  const call = await ring(t, a, [b])
  const all = async (when: string) => {
    const since = [a, b].map(({ log }) => log.length)
    for (const [from, to, who] of pairs)
      await refusesId(t, from, to, call, 'call-exists', `a call that ${when}, by ${who}`)
    await t.barrier(c, a, room)
    await t.barrier(c, b, room)
    for (const [place, party] of [a, b].entries())
      expectSilence(party, call, since[place] ?? 0, 'for an invite with its id')
  }
  await all('rings')
  await take(a, b, call)
  await all('has been taken')
}

/** ring.reused: when it has been cancelled, declined, or hung up; whoever says it. */
async function refusesIdsOfTheEnded(t: CheckContext): Promise<void> {
  const { a, b, c } = await watchedStage(t)
  const all = async (call: string, how: string) => {
    for (const [from, to, who] of [
      [a, b, 'its caller'],
      [b, a, 'the other party'],
      [c, b, 'somebody else'],
    ] as const)
      await refusesId(t, from, to, call, 'call-ended', `a call that was ${how}, by ${who}`)
  }
  const cancelled = await ring(t, a, [b])
  await cancel(a, cancelled)
  await all(cancelled, 'cancelled')
  const declined = await ring(t, a, [b])
  await reject(b, declined, 'declined')
  await all(declined, 'declined')
  const { call } = await talk(t, a, b)
  await hangUp(b, a, call)
  await all(call, 'hung up')
  await all(await loseOnArrival(t, { from: a, to: b }), 'lost on its arrival, to one that it crossed')
}

/** ring.not-found: for a call that there is not, and for those of others. */
async function knowsNoPartOfOthers(t: CheckContext): Promise<void> {
  const { room, a, b, c } = await watchedStage(t)
  const code = 'call-not-found'
  await refusesEach(c, b, t.callId(), code, 'of a call that does not exist')
  const call = await ring(t, a, [b])
  const since = [a, b].map(({ log }) => log.length)
  await refusesEach(c, b, call, code, 'of a call of others that rings')
  await refusesEach(c, a, call, code, 'of a call of others that rings, to its caller', isRelay)
  await t.barrier(c, a, room)
  await t.barrier(c, b, room)
  for (const [place, party] of [a, b].entries())
    expectSilence(party, call, since[place] ?? 0, 'for what somebody says who has no part in it')
  // It goes on as if nothing had been said.
  await take(a, b, call)
  const taken = [a, b].map(({ log }) => log.length)
  // An invite with its id, which is refused, gives no part in it.
  const triesItsId = () => c.request({ type: 'invite', call, callee: { peer: b.peer } })
  await triesItsId()
  await refusesEach(c, b, call, code, 'of a call of others that has been taken')
  await t.barrier(c, b, room)
  for (const [place, party] of [a, b].entries())
    expectSilence(party, call, taken[place] ?? 0, 'for what somebody says who has no part in it')
  await hangUp(a, b, call)
  await triesItsId()
  await refusesEach(c, b, call, code, 'of a call of others that is over')
}

/** ring.ended: for both parties, whichever way it ended. */
async function knowsTheEnded(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const code = 'call-ended'
  const both = async (call: string, how: string) => {
    await refusesEach(a, b, call, code, `of the caller, after ${how}`)
    await refusesEach(b, a, call, code, `of the endpoint, after ${how}`)
  }
  const cancelled = await ring(t, a, [b])
  await cancel(a, cancelled)
  await both(cancelled, 'a cancel')
  const declined = await ring(t, a, [b])
  await reject(b, declined, 'declined')
  await both(declined, 'a reject')
  const busy = await ring(t, a, [b])
  await reject(b, busy, 'busy')
  await both(busy, 'a reject of the only endpoint, which was busy')
  const { call } = await talk(t, a, b)
  await hangUp(a, b, call)
  await both(call, 'a hangup')
  const crossed = await loseOnArrival(t, { from: a, to: b })
  await refusesEach(a, b, crossed, code, 'of the caller, after its invite has lost to one that it crossed')
}

/** ring.ended: for the one that is left, where the connection of the other party has ended. */
async function knowsTheLost(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const rings = await ring(t, a, [b])
  b.link.abort()
  const rejected = hear(a, 'reject', rings, 'a reject, where the only endpoint is lost')
  await presupposing('ring.endpoint-lost', rejected)
  await refusesEach(a, b, rings, 'call-ended', 'of the caller, after the only endpoint was lost')
  const { a: caller, b: endpoint } = await stage(t)
  const { call } = await talk(t, caller, endpoint)
  caller.link.abort()
  const ended = hear(endpoint, 'call-ended', call, 'call-ended, where the caller is lost')
  await presupposing('talk.lost', ended)
  await refusesEach(endpoint, caller, call, 'call-ended', 'of the endpoint, after the caller was lost')
}

/** ring.state: what cannot be said while it rings, and once it has been taken; it changes nothing. */
async function knowsTheState(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const code = 'call-state'
  const call = await ring(t, a, [b])
  const since = [a, b].map(({ log }) => log.length)
  const ofTheRung = ['ringing', 'accept', 'reject', 'reject that is busy']
  await refusesEach(
    a,
    b,
    call,
    code,
    'of the caller while it rings',
    (type) => isRelay(type) || ofTheRung.includes(type),
  )
  const notYet = (type: string) => isRelay(type) || type === 'cancel'
  await refusesEach(b, a, call, code, 'of an endpoint while it rings', notYet)
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  for (const [place, party] of [a, b].entries())
    expectSilence(party, call, since[place] ?? 0, 'for what cannot be said while it rings')
  await take(a, b, call)
  const noMore = (type: string) => !isRelay(type)
  await refusesEach(a, b, call, code, 'of the caller once it has been taken', noMore)
  await refusesEach(b, a, call, code, 'of the endpoint that has taken it', noMore)
  const hangup = { type: 'hangup', to: b.peer, call, reason: 'normal' } as const
  await say(a, hangup, 'the hangup of a call, after what could not be said in it')
  await hear(b, 'hangup', call, 'the hangup of a call, after what could not be said in it')
}

/** Most calls that one peer is given for a look at their number. */
const mostCalls = 64

/** What is refused with `call-state` ends no call: one that has been taken counts on. */
async function countsAfterRefusals(
  a: Endpoint,
  b: Endpoint,
  call: string,
  oneMore: (from: Endpoint, who: string) => Promise<string>,
): Promise<void> {
  for (const [party, message, who] of [
    [a, { type: 'cancel', call, reason: 'normal' }, 'a caller whose cancel came after the accept'],
    [b, { type: 'reject', call, reason: 'declined' }, 'an endpoint whose reject came after its accept'],
  ] as const) {
    const { code } = await party.request(message)
    if (code === 'call-state') await oneMore(party, `${who}, and got call-state,`)
  }
}

/** ring.calls-per-peer: as many as it says, of one who calls and of one who is called, and one more. */
async function countsCalls(t: CheckContext): Promise<void> {
  const { a, b, c } = await watchedStage(t)
  await whileRinging(ringSeconds(t, a), () => countsThem(t, [a, b, c]))
}

async function countsThem(
  t: CheckContext,
  [a, b, c]: readonly [Endpoint, Endpoint, Endpoint],
): Promise<void> {
  const most = callsPerPeer(t, a)
  if (most > mostCalls) t.cost({ messages: 10 * most }, `Beginning ${String(most)} calls`)
  const calls: string[] = []
  for (let count = 1; count <= most; count += 1) {
    const call = t.callId()
    const outcome = await requestInTime(a, { type: 'invite', call, callee: { peer: b.peer } })
    const what = `call ${String(count)} of a peer that may have ${String(most)}`
    if (outcome.code === 'forbidden') throw unexpected(outcome, `ok for the invite of ${what}`)
    if (count > 1 && outcome.code === 'user-unavailable')
      throw Object.assign(unexpected(outcome, `ok for the invite of ${what}`), {
        presupposes: 'ring.invited',
      } as const)
    if (outcome.type !== 'ok')
      t.couldNotRun(`The server refuses an invite with ${String(outcome.code)}: see ring.members`)
    await hear(b, 'invite', call, `the invite of ${what}`)
    // One that has been taken counts like one that rings.
    if (count === 1) await take(a, b, call)
    calls.push(call)
  }
  const oneMore = async (from: Endpoint, who: string) => {
    const asked = { type: 'invite', call: t.callId(), callee: { peer: c.peer } } as const
    const outcome = await requestInTime(from, asked)
    if (outcome.code !== 'forbidden')
      throw unexpected(outcome, `forbidden for an invite of ${who} with ${String(most)} calls`)
    return asked.call
  }
  const refused = [await oneMore(a, 'a caller'), await oneMore(b, 'an endpoint')]
  const [taken = '', last = ''] = calls
  await countsAfterRefusals(a, b, taken, oneMore)
  await cancel(a, last)
  await hearEnd(b, 'cancel', last, 'normal', 'where the caller gave it')
  for (const [place, [from, who]] of (
    [
      [a, 'caller'],
      [b, 'endpoint'],
    ] as const
  ).entries()) {
    // With the id that was refused, which is that of no call.
    const asked = { type: 'invite', call: refused[place] ?? '', callee: { peer: c.peer } } as const
    const outcome = await requestInTime(from, asked)
    if (outcome.code === 'forbidden' || outcome.code === 'call-ended' || outcome.code === 'call-exists')
      throw unexpected(
        outcome,
        `ok for the same invite of the ${who}, once one of ${String(most)} calls is over`,
      )
    // The one that is over has made place for one, and for no more.
    if (outcome.type === 'ok')
      await oneMore(from, `the ${who}, one of whose calls was cancelled and another begun,`)
  }
}

/** Milliseconds for which a call that is over has to be known, less what the kit keeps away from their end. */
const knownMs = 28_000

/** The same, to the very end. */
const mostKnownMs = 30_000

/** Milliseconds after which the kit shows a sign of life. */
const aliveMs = 10_000

/** Ends a call, waits until that is almost 30 s ago, and says whether it still is. */
async function longAfterACall(t: CheckContext): Promise<{
  readonly a: Endpoint
  readonly b: Endpoint
  readonly call: string
  readonly inTime: () => void
}> {
  t.cost({ ms: knownMs }, 'Waiting until a call has been over for almost 30 s')
  const { a, b } = await stage(t)
  const { call } = await talk(t, a, b)
  const endedAt = performance.now()
  await hangUp(a, b, call)
  for (let left = knownMs; left > 0; left -= aliveMs) {
    if (await a.endsWithin(Math.min(left, aliveMs)))
      throw new ConnectionLost('a connection that lasts', 'it ended')
    await Promise.all([a.sync(), b.sync()])
  }
  const inTime = () => {
    if (performance.now() > endedAt + mostKnownMs)
      t.notObserved(
        'Answers take too long to tell what is known of a call that has been over for almost 30 s',
      )
  }
  return { a, b, call, inTime }
}

/** ring.reused: almost to the end of the time for which the id has to be known. */
async function refusesIdsToTheEnd(t: CheckContext): Promise<void> {
  const { a, b, call, inTime } = await longAfterACall(t)
  const outcome = await requestInTime(b, { type: 'invite', call, callee: { peer: a.peer } })
  inTime()
  if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
  if (outcome.code !== 'call-ended')
    throw unexpected(outcome, 'call-ended for an invite with the id of a call that ended less than 30 s ago')
}

/** ring.ended: the same, for what a party says. */
async function knowsTheEndedToTheEnd(t: CheckContext): Promise<void> {
  const { a, b, call, inTime } = await longAfterACall(t)
  const candidate = inCall(candidateTo({ room: '', to: a.peer, call }))
  const expected = 'call-ended for a candidate of a party of a call that ended less than 30 s ago'
  const outcome = await b.post(candidate).outcome(expected)
  inTime()
  if (outcome.code !== 'call-ended') throw unexpected(outcome, expected)
}

const capability = 'calls'

/** Checks of spec/calls.md, Call ids. */
export const callIdChecks: readonly Check[] = [
  check('ring.exists', 'the id of a call that goes on', refusesIdsInUse, { capability }),
  check('ring.reused', 'the id of a call that is over', refusesIdsOfTheEnded, { capability }),
  check('ring.reused', 'the id of a call that has been over for almost 30 s', refusesIdsToTheEnd, {
    capability,
    name: 'lasting',
    lengthy: true,
  }),
  check('ring.not-found', 'messages of who has no part in a call', knowsNoPartOfOthers, { capability }),
  check('ring.ended', 'messages about a call that is over', knowsTheEnded, { capability }),
  check('ring.ended', 'a call that is over since a party was lost', knowsTheLost, {
    capability,
    name: 'lost',
  }),
  check('ring.ended', 'a call that has been over for almost 30 s', knowsTheEndedToTheEnd, {
    capability,
    name: 'lasting',
    lengthy: true,
  }),
  check('ring.state', 'messages at the wrong moment', knowsTheState, { capability }),
  check('ring.calls-per-peer', 'as many calls as one peer may have, and one more', countsCalls, {
    capability,
  }),
]

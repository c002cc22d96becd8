import { isDeepStrictEqual } from 'node:util'
import type { CapabilityName } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { customType, saying } from '../custom/stage.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { differenceOf, missingFrom } from '../scene/json-value.ts'
import {
  dataNumber,
  enter,
  leaveRoom,
  placesFor,
  presenceAt,
  revisionBefore,
  tryEnter,
} from '../scene/membership.ts'
import { placesOf } from '../scene/full-room.ts'
import { candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { msAtRate } from '../scene/rate-cost.ts'
import { expectAccepted } from '../scene/refusal.ts'
import {
  callsAt,
  cut,
  hear,
  parametersOf,
  resume,
  say,
  stage,
  tryResume,
  unlessLate,
  whileWaiting,
} from './stage.ts'

/** Whom a presence message is about. */
function peerOf(message: Wire): unknown {
  return message['peer'] ?? (message['member'] as Wire | undefined)?.['peer']
}

function dataOf(message: Wire): unknown {
  return (message['member'] as Wire | undefined)?.['data']
}

/** resume.meanwhile: who comes, changes and goes. */
async function keepsPresence(t: CheckContext): Promise<void> {
  placesFor(t, 3, 3)
  const { room, a, b } = await stage(t)
  await t.barrier(b, a, room)
  const before = Number(presenceAt(a, room).at(-1)?.revision)
  const lost = await cut(t, a)
  const c = await t.client({ capabilities: [] })
  const [atFirst, ofC, ofB] = [dataNumber(t, 4), dataNumber(t, 5), dataNumber(t, 6)]
  await enter(t, c, room, atFirst)
  for (const [member, data] of [
    [c, ofC],
    [b, ofB],
  ] as const)
    await presupposing(
      'rooms.update',
      expectAccepted(member.post({ type: 'update', room, data }), 'ok', 'the update of a member'),
    )
  await leaveRoom(c, room)
  // Who is still there when the session goes on shows whether each message says what was so in its time.
  const [atSecond, atLast] = [dataNumber(t, 8), dataNumber(t, 9)]
  await enter(t, c, room, atSecond)
  await presupposing(
    'rooms.update',
    expectAccepted(c.post({ type: 'update', room, data: atLast }), 'ok', 'the update of a member'),
  )
  unlessLate(lost)
  const later = await resume(t, lost)
  await t.barrier(b, later, room)
  const told = presenceAt(later, room)
  const due: readonly (readonly [type: string, about: Endpoint, data?: unknown])[] = [
    ['peer-joined', c, atFirst],
    ['peer-updated', c, ofC],
    ['peer-updated', b, ofB],
    ['peer-left', c],
    ['peer-joined', c, atSecond],
    ['peer-updated', c, atLast],
  ]
  for (const [type, about, data] of due) {
    const isThere = told.some(
      (message) =>
        message['type'] === type &&
        peerOf(message) === about.peer &&
        (data === undefined || differenceOf(data, dataOf(message), 'data') === undefined),
    )
    const with_ = data === undefined ? '' : ` with data ${clip(JSON.stringify(data))}`
    if (!isThere)
      throw new CheckFailure(
        `${type} about ${about.name}${with_} after a resume, which came to the room while the session waited`,
        `of the room there came ${told.map(({ type: each }) => String(each)).join(', ') || 'nothing'}`,
      )
  }
  const [first] = told
  if (first?.revision !== before + 1)
    throw new CheckFailure(
      `the revision that follows that of before the loss, ${String(before + 1)}, in the first presence after a resume`,
      `it was ${String(first?.revision)}`,
    )
  const news = dataNumber(t, 7)
  await presupposing(
    'rooms.update',
    expectAccepted(b.post({ type: 'update', room, data: news }), 'ok', 'the update of a member'),
  )
  const { revision } = await presupposing(
    'resume.goes-on',
    later.expect(
      'peer-updated',
      ({ member: { data } }) => differenceOf(news, data, 'data') === undefined,
      'peer-updated for an update after the resume',
    ),
  )
  const last = revisionBefore(later, room, revision)
  if (last !== undefined && revision !== last + 1)
    throw new CheckFailure(
      `the revision that follows, ${String(last + 1)}, in the first presence that came to the room after a resume`,
      `it was ${String(revision)}`,
    )
}

/** resume.meanwhile: a whole call, and a member that comes, changes, says something and goes; no message stands for another. */
async function keepsEveryMessage(t: CheckContext): Promise<void> {
  placesFor(t, 3, 3)
  const { room, a, b } = await stage(t)
  const lost = await cut(t, a)
  const place = { room, to: lost.numbers.peer, call: t.callId() }
  const sent = [
    offerTo(place),
    candidateTo(place),
    candidateTo(place),
    candidateTo(place, { candidate: '' }),
    hangupTo(place),
  ].map((message) => ({ message, pending: b.post(message) }))
  for (const { message, pending } of sent)
    await whileWaiting(
      lost,
      expectAccepted(pending, 'ok', `${indefinite(message.type)} to a member whose session waits`),
    )
  const c = await t.client({ capabilities: [] })
  await t.join(room, c)
  const data = [dataNumber(t, 5), dataNumber(t, 6), dataNumber(t, 5)]
  for (const each of data) c.send({ type: 'update', room, data: each })
  const call = say(t, c, lost.numbers.peer, room)
  await leaveRoom(c, room)
  unlessLate(lost)
  const later = await resume(t, lost)
  await t.barrier(b, later, room)
  const ofB = later.log.filter(({ message }) => message['call'] === place.call && 'from' in message)
  for (const [index, { message, pending }] of sent.entries()) {
    const due: Wire = { ...message, id: pending.id, from: b.peer }
    const { message: came = {}, text = 'nothing' } = ofB[index] ?? {}
    const difference = missingFrom(due, came)
    if (difference !== undefined)
      throw new CheckFailure(
        `as message ${String(index + 1)} of a call that came while the session waited ${clip(JSON.stringify(due))}`,
        `${clip(text)} came: ${difference}`,
      ).shownBy(text)
  }
  const due: readonly (readonly [string, (message: Wire) => boolean])[] = [
    ['peer-joined', () => true],
    ...data.map(
      (each) => ['peer-updated', (message: Wire) => isDeepStrictEqual(dataOf(message), each)] as const,
    ),
    ['hangup', (message) => message['call'] === call],
    ['peer-left', () => true],
  ]
  const ofC = later.log.filter(({ message }) => message['from'] === c.peer || peerOf(message) === c.peer)
  let at = -1
  for (const [type, isIt] of due) {
    at = ofC.findIndex(({ message }, index) => index > at && message['type'] === type && isIt(message))
    if (at >= 0) continue
    throw new CheckFailure(
      `of a member that came, changed its data three times, sent a hangup and left while the session waited, each in its turn: ${due.map(([each]) => each).join(', ')}`,
      `there came ${ofC.map(({ message }) => String(message['type'])).join(', ') || 'nothing'}`,
    )
  }
}

/** Ends the check where a server does not offer another capability beside `resume`. */
export function needsCapability(t: CheckContext, name: CapabilityName): void {
  if (!t.target.offered.names.has(name)) t.notApplicable(`The server does not offer ${name}`)
}

/** resume.meanwhile: messages of an application, to the peer and to all. */
async function keepsCustom(t: CheckContext): Promise<void> {
  needsCapability(t, 'custom')
  const room = t.room()
  const both = { capabilities: ['resume', 'custom'] } as const
  const [a, b] = [await t.client(both), await t.client({ capabilities: ['custom'] })]
  await t.join(room, a, b)
  const lost = await cut(t, a)
  const forms = [{}, { to: lost.numbers.peer }, {}]
  for (const [n, form] of forms.entries())
    await whileWaiting(
      lost,
      presupposing('custom.all', saying(b, { room, n, ...form }, 'a custom message of a member')),
    )
  unlessLate(lost)
  const later = await resume(t, lost, { later: await t.client(both) })
  await t.barrier(b, later, room)
  const came = later.log
    .filter(({ message }) => message['type'] === customType)
    .map(({ message }) => message['n'])
  for (const [n, form] of forms.entries())
    if (came[n] !== n)
      throw new CheckFailure(
        `all custom messages that were sent while the session waited, in order: as number ${String(n + 1)} one ${'to' in form ? 'to the peer' : 'to all'}`,
        `after the resume ${came.length === 0 ? 'none' : `number ${came.map((each) => Number(each) + 1).join(', ')}`} came`,
      )
}

/** resume.unseen: a member whose session waits has its place. */
async function keepsItsPlace(t: CheckContext): Promise<void> {
  const places = placesOf(t, 2)
  t.cost({ members: 2 * places }, `Filling a room of ${String(places)} places`)
  const room = t.room()
  const a = await t.client()
  const others = await t.clients(places - 1, { capabilities: [] })
  await t.join(room, a, ...others)
  const lost = await cut(t, a)
  const late = await t.client({ capabilities: [] })
  const { type, code } = await tryEnter(t, late, room)
  unlessLate(lost)
  if (code !== 'room-full')
    throw new CheckFailure(
      `room-full for a join of a room whose ${String(places)} places are taken, one of them by a member whose session waits`,
      `the outcome was ${code ?? type}`,
    )
  const later = await resume(t, lost)
  await leaveRoom(others.at(-1) as Endpoint, room)
  const entered = await tryEnter(t, late, room)
  if (entered.type !== 'joined')
    throw unexpected(
      entered,
      `joined for a join of a room of ${String(places)} places where one is free: the member that has resumed its session takes one`,
    )
  await t.barrier(later, late, room)
}

/** How many messages wait for a peer, how many come while it resumes, how many of these at once, and how many afterwards. */
const crowd = { waiting: 300, resuming: 40, atOnce: 4, later: 20 } as const

/** How many wait where that many would take too long at the announced rate, or more bytes than are kept. */
const smallCrowd = { ...crowd, waiting: 130 } as const

/** Longest time that the rate may hold up a large crowd, in milliseconds. */
const mostMsForMany = 500

/** Most bytes of one of these messages, with what a server adds. */
const mostMessageBytes = 450

/** As many messages as a server has to take and to keep. */
function crowdFor(t: CheckContext, a: Endpoint): { readonly [part in keyof typeof crowd]: number } {
  const count = crowd.waiting + crowd.resuming + crowd.later
  const isKept = count * mostMessageBytes <= parametersOf(a).bufferBytes
  return isKept && msAtRate(t, count) <= mostMsForMany ? crowd : smallCrowd
}

/** resume.again: many small messages, and new ones that come while they are sent. */
async function sendsManyInOrder(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { waiting, resuming, atOnce, later: afterwards } = crowdFor(t, a)
  t.cost({ messages: waiting + resuming + afterwards }, 'Sending many messages to a peer that is away')
  const lost = await cut(t, a)
  if (2 * msAtRate(t, waiting + resuming) > lost.windowMs)
    t.notObserved('At the rate that limits announces, that many messages take longer than a session waits')
  const { peer } = lost.numbers
  const send = (count: number) => Array.from({ length: count }, () => say(t, b, peer, room))
  const calls = send(waiting)
  await b.sync()
  unlessLate(lost)
  const later = await t.client()
  const sending = async () => {
    // A few at a time, so that some meet a server in the middle of it.
    for (let count = 0; count < resuming; count += atOnce) {
      calls.push(...send(atOnce))
      await b.sync()
    }
  }
  const [{ outcome }] = await Promise.all([tryResume(t, lost, { later }), sending()])
  unlessLate(lost)
  if (outcome.type !== 'resumed')
    throw Object.assign(
      new CheckFailure(
        'resumed for a resume of a session that lasts',
        `the outcome was ${outcome.code ?? outcome.type}`,
      ),
      { presupposes: 'resume.resumed' } as const,
    )
  calls.push(...send(afterwards))
  // Which one is missing says more than that the last one is.
  const missing = await hear(later, calls.at(-1) ?? '', 'the last of many messages after a resume').then(
    () => undefined,
    (error: unknown) => error,
  )
  const came = callsAt(later)
  for (const [index, call] of calls.entries()) {
    if (came[index] === call) continue
    const place = came.indexOf(call)
    const other = calls.indexOf(came[index] ?? '') + 1
    const where =
      index < waiting
        ? 'which was sent while the session waited'
        : 'which was sent when it was resumed, or after'
    throw new CheckFailure(
      `as delivery ${String(index + 1)} after resumed the message that was sent as number ${String(index + 1)}, ${where}`,
      place < 0
        ? `it did not come${other > 0 ? `, and number ${String(other)} in its place` : ''}; ${String(came.length)} of ${String(calls.length)} came`
        : `it came as number ${String(place + 1)}`,
    )
  }
  if (missing instanceof Error) throw missing
}

/** Messages whose outcomes a connection does not live to see. */
const unanswered = 20

/** resume.again: outcomes are messages like all others. */
async function answersWhatItHasTaken(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  for (let count = 0; count < unanswered; count += 1)
    a.post({ type: 'hangup', to: b.peer, room, call: t.callId(), reason: 'normal' })
  // Before anything of it can be answered.
  const lost = await cut(t, a)
  const { numbers } = lost
  const own = numbers.sent.slice(-unanswered)
  const later = await resume(t, lost)
  const { ack } = await later.expect('resumed')
  for (const message of numbers.sent.slice(ack)) later.sendText(JSON.stringify(message))
  const outcomes = (id: unknown) =>
    [...a.log, ...later.log].filter(({ message }) => message['ref'] === id && message['type'] !== 'pong')
  for (const { id, seq } of own) {
    const when =
      Number(seq) <= ack ? `which resumed has acknowledged with ${String(ack)}` : 'which was sent again'
    await later.comesWithin(() => outcomes(id).length > 0, t.dueMs)
    // One that came before the loss, and was not acknowledged, comes again with its number.
    const numbersOfIt = new Set(outcomes(id).map(({ message }) => message['seq']))
    if (numbersOfIt.size !== 1)
      throw new CheckFailure(
        `one outcome of the hangup with number ${String(seq)}, ${when}`,
        numbersOfIt.size === 0
          ? 'none came, before the loss or after the resume'
          : `${String(numbersOfIt.size)} came`,
      )
  }
}

const capability = 'resume'

/** Checks of what becomes of what is sent while nobody reads. */
export const meanwhileChecks: readonly Check[] = [
  check('resume.meanwhile', 'who comes, changes and goes while a session waits', keepsPresence, {
    capability,
    name: 'presence',
  }),
  check(
    'resume.meanwhile',
    'every message of a call, and of a member that comes and goes',
    keepsEveryMessage,
    {
      capability,
      name: 'every-message',
    },
  ),
  check('resume.meanwhile', 'custom messages while a session waits', keepsCustom, {
    capability,
    name: 'custom',
  }),
  check('resume.unseen', 'the place of a member whose session waits', keepsItsPlace, {
    capability,
    name: 'place',
  }),
  check('resume.again', 'many messages, and new ones behind them', sendsManyInOrder, {
    capability,
    name: 'many',
    lengthy: true,
  }),
  check('resume.again', 'outcomes that were lost on their way', answersWhatItHasTaken, {
    capability,
    name: 'outcomes',
  }),
]

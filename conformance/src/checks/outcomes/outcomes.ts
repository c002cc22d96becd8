import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint, Received, Sendable } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { stringOf, type Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { expectInTime } from '../scene/in-time.ts'
import { seesJoin, unlessJoinsLimited } from '../scene/membership.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { brokenMessages, refusedMessages } from '../scene/refused-message.ts'
import { sideBySide, type Part } from '../scene/side-by-side.ts'
import { expectAccepted } from '../scene/refusal.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { tokenIfNeeded } from '../scene/token.ts'
import { failureToldChecks } from './failure-told.ts'

/** Messages without a typed reply that a member may send to another one. */
function silentMessages(t: CheckContext, room: string, to: string): Sendable[] {
  const place = { room, to, call: t.callId() }
  return [
    { type: 'update', room, data: 1 },
    offerTo(place),
    answerTo(place),
    candidateTo(place),
    hangupTo(place),
  ]
}

/** Messages with a typed reply, each of which a client that has joined nothing may send in this order. */
async function repliedMessages(t: CheckContext): Promise<[Sendable, string][]> {
  const room = t.room()
  const token = await tokenIfNeeded(t)
  const auth: [Sendable, string][] = token
    ? [[{ type: 'auth', method: 'token', token }, 'authenticated']]
    : []
  return [
    [{ type: 'ping' }, 'pong'],
    [{ type: 'join', room, data: 1 }, 'joined'],
    [{ type: 'join', room }, 'joined'],
    ...auth,
    [{ type: 'leave', room }, 'left'],
    [{ type: 'join', room }, 'joined'],
  ]
}

/** The typed reply of a message without an `id`: the next frame of its type, which carries no `ref`. */
async function bareReply(a: Endpoint, message: Sendable, type: string): Promise<void> {
  const since = a.log.length
  a.send(message)
  const what = `${type} for a ${message.type} without id`
  const reply = await a.waitFor(({ message: m }) => m['type'] === type || m['type'] === 'error', what, {
    since,
  })
  if (reply.message['type'] === 'error')
    throw new CheckFailure(what, `the error ${String(reply.message['code'])} came`)
}

async function typedReplies(t: CheckContext, withId: boolean): Promise<void> {
  const opening = await t.open()
  const hello: Sendable = { type: 'hello', versions: [1] }
  if (withId) await expectAccepted(opening.post(hello), 'welcome', 'hello')
  else await bareReply(opening, hello, 'welcome')
  const a = await t.client()
  for (const [message, type] of await repliedMessages(t)) {
    if (withId) await expectAccepted(a.post(message), type, `a ${message.type} with an id`)
    else await bareReply(a, message, type)
  }
  if (!withId) await answersEachJoin(t, await t.client())
}

/** Equal joins in one go, none of which has an id: each is a join, and gets its reply. */
async function answersEachJoin(t: CheckContext, a: Endpoint): Promise<void> {
  const room = t.room()
  const joins = 3
  for (let count = 0; count < joins; count += 1) a.send({ type: 'join', room })
  await a.sync()
  unlessJoinsLimited(a)
  for (let nth = 1; nth <= joins; nth += 1)
    await a.expect(
      'joined',
      (m) => m.room === room,
      `joined for each of ${String(joins)} joins without id in one go`,
      {
        nth,
      },
    )
}

async function oks(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const posted = silentMessages(t, room, b.peer).map((message) => ({ message, pending: a.post(message) }))
  for (const { message, pending } of posted)
    await expectAccepted(pending, 'ok', `a ${message.type} with an id`)
  // One alone, with nothing after it that could push its outcome out.
  await expectAccepted(b.post(offerTo({ room, to: a.peer, call: t.callId() })), 'ok', 'an offer with an id')
}

async function silentWithoutId(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const since = a.log.length
  for (let turn = 0; turn < 3; turn += 1)
    for (const message of silentMessages(t, room, b.peer)) a.send(message)
  await t.barrier(a, b, room)
  const last = a.post({ type: 'update', room, data: 2 })
  await expectAccepted(last, 'ok', 'an update with an id')
  await a.sync()
  const unasked = new Set(['peer-joined', 'peer-updated', 'peer-left', 'left', 'pong'])
  const extra = a.log.find(({ index, message }) => {
    const own = message['ref'] === last.id
    return index >= since && !own && !unasked.has(stringOf(message, 'type') ?? '')
  })
  if (extra) throw new CheckFailure('no answer to accepted messages without id', `${clip(extra.text)} came`)
}

/** Every kind of message with an `id`, accepted and refused, in one go: each id is answered once. */
async function eachOnce(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const another = t.room()
  const messages: Sendable[] = [
    ...silentMessages(t, room, b.peer),
    { type: 'ping' },
    { type: 'join', room },
    ...refusedMessages(t, room).map(({ message }) => message as unknown as Sendable),
    ...Array.from({ length: 6 }, () => silentMessages(t, room, b.peer)).flat(),
    { type: 'leave', room },
    { type: 'join', room: another },
    { type: 'leave', room: another },
  ]
  const ids = messages.map((message) => a.post(message).id)
  for (const id of ids) await a.outcome(id)
  await a.sync()
  for (const [place, id] of ids.entries()) {
    const outcomes = a.log
      .filter(({ message }) => message['ref'] === id)
      .map(({ message }) => String(message['type']))
    if (outcomes.length === 1) continue
    const type = messages[place]?.type ?? ''
    throw new CheckFailure(
      `exactly one outcome for ${indefinite(type)} with an id`,
      `${outcomes.join(', ')} came`,
    )
  }
  // An accepted relay is its receiver's to read: it is answered to its sender alone.
  await b.sync()
  const stray = b.log.find(({ message }) => message['type'] === 'ok')
  if (stray)
    throw new CheckFailure('outcomes for the sender alone', `${clip(stray.text)} came to the receiver`)
}

/** Ids that are easily taken for something else, or written in another way. */
const trickyIds = [
  '"',
  '\\',
  '\\u0041',
  '007',
  '1e3',
  'null',
  'true',
  ' ',
  '  x  ',
  '__proto__',
  'constructor',
  '{}',
  '</a>',
  '%41',
  '~',
  'a,b;c',
]

/** An id of each single printable character, then the longest ones. */
function everyId(): string[] {
  const all = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index))
  const text = all.join('')
  return [
    ...all.filter((letter) => !/[A-Za-z2-9]/.test(letter)),
    'x'.repeat(64),
    text.slice(0, 64),
    text.slice(31),
    ...trickyIds,
  ]
}

async function acceptsIds(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const pings = [...new Set(everyId())].map((id) => a.post({ type: 'ping', id }))
  for (const ping of pings) await expectAccepted(ping, 'pong', `a ping with id ${JSON.stringify(ping.id)}`)
  const call = t.callId()
  for (const id of ['"\\ ', '~'.repeat(64)]) {
    const offer = b.post({ ...offerTo({ room, to: a.peer, call }), id })
    await expectAccepted(offer, 'ok', `an offer with id ${JSON.stringify(id)}`)
    await expectAccepted(
      b.post({ type: 'update', room, data: 1, id }),
      'ok',
      `an update with id ${JSON.stringify(id)}`,
    )
  }
}

async function refAsItCame(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const posted = trickyIds.flatMap((id) => [
    a.post({ type: 'update', room, data: 1, id }),
    a.post({ ...hangupTo({ room, to: t.strangerId(), call: t.callId() }), id: `${id}!` }),
  ])
  for (const pending of posted) await pending.outcome()
  await t.barrier(a, b, room)
}

/** Whatever else is wrong with a message, its error names it. */
async function refOfBroken(t: CheckContext, { room, a, b, mine }: Part): Promise<void> {
  const more: Wire[] = [
    { message: 'no type at all' },
    { type: 7 },
    { type: '' },
    { type: 'offer' },
    { ...offerTo({ room, to: b.peer, call: t.callId() }), sdp: { type: 'offer' }, room: ['r'], to: null },
    { type: 'join', room, $must: 'understand' },
    { type: 'ping', ref: 'mine' },
    { type: 'update', room: 'é', data: 1 },
  ]
  const all = [...brokenMessages(t, room, b).map(({ message }) => message), ...more]
  // That the outcome is an error is for the requirements to judge that such a message breaks.
  for (const message of mine(all)) await a.outcome(a.sendBroken(message))
  await t.barrier(a, b, room)
}

async function refOfBrokenHello(t: CheckContext): Promise<void> {
  const a = await t.open()
  await a.outcome(a.sendBroken({ type: 'hello', versions: [] }))
}

/** Frames that answer nothing, sent because of messages that do carry an `id`. */
async function expectJoined(a: Endpoint, join: Sendable, what: string): Promise<void> {
  const outcome = await requestInTime(a, join)
  if (outcome.type !== 'joined') throw unexpected(outcome, `joined for ${what}`)
}

async function noRefUnasked(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await t.join(room, b, a)
  for (const message of silentMessages(t, room, b.peer))
    await expectAccepted(a.post(message), 'ok', `a ${message.type}`)
  await expectJoined(a, { type: 'join', room, data: 3 }, 'a join of the same room')
  await expectAccepted(a.post({ type: 'leave', room }), 'left', 'leave')
  await expectJoined(a, { type: 'join', room }, 'a join')
  await seesJoin(b, room, a)
  await t.barrier(a, b, room)
  const c = await t.open()
  await bareReply(c, { type: 'hello', versions: [1] }, 'welcome')
  await presupposing('connection.pong', bareReply(b, { type: 'ping' }, 'pong'))
  b.send({ type: 'join', room })
  b.send(hangupTo({ room, to: t.strangerId(), call: t.callId() }))
  await b.expect('error', undefined, 'an error about a hangup to nobody in the room')
  await b.sync()
  for (const endpoint of [b, c]) {
    const asked = new Set(
      t.transcript
        .filter((entry) => entry.endpoint === endpoint.name && entry.direction === 'sent')
        .map(({ text }) => idOf(text)),
    )
    const wrong = endpoint.log.find(({ message }) => 'ref' in message && !asked.has(stringOf(message, 'ref')))
    if (wrong)
      throw new CheckFailure('no ref in what answers no id', `${clip(wrong.text)} came to ${endpoint.name}`)
  }
}

function idOf(text: string): string | undefined {
  return stringOf(JSON.parse(text) as Wire, 'id')
}

async function actsTwice(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const twice = async (
    message: Sendable,
    id: string,
    expected: string,
    second: Sendable = message,
  ): Promise<void> => {
    a.post({ ...message, id })
    a.post({ ...second, id })
    const isOne = ({ message: { ref, type } }: Received) => ref === id && type === expected
    await a.waitFor(isOne, `${expected} for each of two ${message.type} with the same id`, { nth: 2 })
  }
  const calls = [t.callId(), t.callId(), t.callId()] as const
  const place = { room, to: b.peer, call: calls[0] }
  // Two that differ: whether equal messages are taken for one is for delivery.no-gap to judge.
  await twice(candidateTo(place), 'same', 'ok', candidateTo(place, { sdpMid: '1', sdpMLineIndex: 1 }))
  await t.barrier(a, b, room)
  const came = b.all('candidate', ({ call }) => call === calls[0]).length
  if (came !== 2)
    throw new CheckFailure('both of two candidates with the same id to be delivered', `${String(came)} came`)
  await twice({ type: 'ping' }, 'pings', 'pong')
  await twice({ type: 'update', room, data: 1 }, 'updates', 'ok')
  await twice({ type: 'join', room }, 'joins', 'joined')
  // The same again for messages of other types, and by another client.
  a.send({ ...hangupTo({ room, to: b.peer, call: calls[1] }), id: 'same' })
  await a.outcome('same', { nth: 3 })
  await b.expect('hangup', ({ call }) => call === calls[1], 'a hangup with an id that was used before')
  await expectAccepted(
    b.post({ ...hangupTo({ room, to: a.peer, call: calls[2] }), id: 'same' }),
    'ok',
    'a hangup with an id that another client used',
  )
  await a.expect('hangup', ({ call }) => call === calls[2], 'a hangup with an id that its receiver has used')
}

/** One message at a time, with nothing after it: the outcome comes by itself. */
async function inTime(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const bystander = await t.client()
  const messages: Sendable[] = [
    ...silentMessages(t, room, b.peer),
    hangupTo({ room, to: t.strangerId(), call: t.callId() }),
    { type: 'ping' },
    { type: 'leave', room },
    { type: 'join', room },
  ]
  for (const message of messages) {
    await expectInTime(t, { waiter: a, bystander }, `the outcome of a ${message.type}`, () =>
      a.request(message),
    )
  }
}

/** Checks of spec/outcomes.md, section Outcomes. */
export const outcomeChecks: readonly Check[] = [
  check('outcomes.typed-reply', 'messages with an id', (t) => typedReplies(t, true), { name: 'id' }),
  check('outcomes.typed-reply', 'messages without an id', (t) => typedReplies(t, false), { name: 'no-id' }),
  check('outcomes.ok', 'accepted messages without a typed reply', oks),
  check('outcomes.silent', 'accepted messages without an id', silentWithoutId),
  ...failureToldChecks,
  check('outcomes.exactly-one', 'every kind of message, in one go', eachOnce),
  check('outcomes.ref', 'ids that are easily changed on the way', refAsItCame),
  check(
    'outcomes.ref',
    'messages that are not well formed',
    async (t) => {
      await Promise.all([sideBySide(t, (part) => refOfBroken(t, part)), refOfBrokenHello(t)])
    },
    { name: 'malformed', lengthy: true, hostile: true },
  ),
  check('outcomes.no-ref', 'what others get because of a message with an id', noRefUnasked, {
    lengthy: true,
  }),
  check('outcomes.id-any', 'ids of every printable character, of 1 and of 64 characters', acceptsIds),
  check('outcomes.id-reuse', 'two messages with the same id', actsTwice),
  check('outcomes.in-time', 'each outcome comes without being pushed', inTime),
]

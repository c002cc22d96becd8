import type { CallRelay } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Received } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { expectInTime } from '../scene/in-time.ts'
import { differenceOf } from '../scene/json-value.ts'
import { answerTo, candidateTo, hangupTo, offerTo, sampleSdp } from '../scene/negotiation-message.ts'
import { expectOk } from '../scene/refusal.ts'
import { numbered, numberOf } from '../scene/stream.ts'
import { inCall, say, stage, talk, toldOf, watchedStage, type Talk } from './stage.ts'

/** A message of a call, with what it is in words. */
export type Letter = readonly [what: string, message: CallRelay & Wire]

/** The place of a message in a call, as those who make messages of Core want it. */
function placeIn({ call, to }: Talk) {
  return { room: '', to: to.peer, call }
}

/** Every form that the schemas allow in a call, but for `hangup`, which ends it. */
export function everyForm(way: Talk): readonly Letter[] {
  const place = placeIn(way)
  const { candidate } = candidateTo(place)
  return [
    ['an offer', inCall(offerTo(place))],
    ['an offer of 20 kB', inCall(numbered(place, 1, { type: 'offer', length: 20_000 }))],
    ['an answer', inCall(answerTo(place))],
    ['an answer to a later offer', inCall(answerTo(place, { negotiation: 9_007_199_254_740_991 }))],
    ['a candidate', inCall(candidateTo(place))],
    ['a candidate with sdpMid null', inCall(candidateTo(place, { sdpMid: null }))],
    [
      'an end of candidates',
      inCall({
        ...candidateTo(place),
        candidate: { candidate: '', usernameFragment: candidate.usernameFragment },
      }),
    ],
    ['an end of candidates of one section', inCall(candidateTo(place, { candidate: '' }))],
  ]
}

/**
 * Sends messages of a call, each of which has to be accepted, and fails unless each has arrived with every member as it was sent, in the
 * order in which they were. A marker behind them shows what has not.
 */
export async function carryInCall(t: CheckContext, way: Talk, letters: readonly Letter[]): Promise<void> {
  const { call, from, to } = way
  const since = to.log.length
  const pending = letters.map(([, message]) => from.post(message))
  for (const [place, each] of pending.entries())
    await presupposing('talk.delivered', expectOk(each, `${letters[place]?.[0] ?? ''} in a call`))
  const mark = `org.parley-test.m${t.random.hex(12)}`
  const marker = inCall(candidateTo(placeIn(way), { candidate: mark }))
  await say(from, marker, 'a candidate behind them')
  const isMarker = ({ message }: Received) =>
    (message['candidate'] as Wire | undefined)?.['candidate'] === mark && message['call'] === call
  await to.waitFor(isMarker, 'the delivery of a candidate that is sent behind all others', { since })
  const came = toldOf(to, call, since).filter((frame) => !isMarker(frame))
  const hasIds = came.some(({ message }) => 'id' in message)
  for (const [place, { id }] of pending.entries()) {
    const [what, message] = letters[place] as Letter
    // A server that takes the id away is told of that.
    const frame = hasIds ? came.find((each) => each.message['id'] === id) : came[place]
    if (frame === undefined) throw await missing(way, what, id)
    expectDelivered(what, { ...message, id }, frame, way)
  }
  if (came.length <= letters.length) return
  const failure = new CheckFailure(
    `${String(letters.length)} messages of the call`,
    `${String(came.length)} came`,
  )
  throw Object.assign(failure.shownBy(came.at(-1)?.text ?? ''), { presupposes: 'talk.as-in-a-room' } as const)
}

/** What was overtaken has not been lost: it is waited for once more, to say which of the two it was. */
async function missing({ call, to }: Talk, what: string, id: string): Promise<CheckFailure> {
  const isLate = await to.comes(({ message }) => message['call'] === call && message['id'] === id)
  return isLate
    ? Object.assign(
        new CheckFailure(
          `${what} delivered in a call before what was sent behind it`,
          'it came only after a message that was sent later',
        ),
        { presupposes: 'talk.as-in-a-room' } as const,
      )
    : Object.assign(new CheckFailure(`${what} delivered in a call`, 'it did not come'), {
        presupposes: 'talk.delivered',
      } as const)
}

/** Fails unless a message has arrived as it was sent, with its sender, and nothing else without a dot in its name. */
function expectDelivered(what: string, sent: Wire, { message, text }: Received, { from }: Talk): void {
  if (message['from'] !== from.peer)
    throw new CheckFailure(
      `${what} delivered with from ${from.peer}, its sender`,
      `from was ${clip(JSON.stringify(message['from'] ?? 'absent'))}`,
    ).shownBy(text)
  for (const [name, value] of Object.entries(sent)) {
    const difference = name in message ? differenceOf(value, message[name], name) : `${name} is missing`
    if (difference !== undefined)
      throw new CheckFailure(`${what} delivered with every member as it was sent`, difference).shownBy(text)
  }
}

/** relay.members: members that nobody knows, also those that mean something elsewhere. */
async function keepsMembers(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const way = await talk(t, a, b)
  const members: Wire = {
    'com.example.mute': true,
    'com.example.tree': { b: [{ c: null }, [], '', 0.5, -1e21, 'é😀\u2028'], a: {} },
    label: 'camera',
    callee: { user: 'nobody' },
    user: 'nobody',
    data: [1, null],
    x$: 1,
    '': 'empty',
  }
  const letters = everyForm(way).map(([what, message]): Letter => [
    `${what} with further members`,
    { ...message, ...members },
  ])
  await carryInCall(t, way, letters)
}

/** relay.opaque-sdp, relay.unread: content of any kind. */
async function readsNothing(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const way = await talk(t, a, b)
  const place = placeIn(way)
  const sdps = [
    ['empty', ''],
    ['that is no SDP', 'this is no session description'],
    ['with LF line ends and none at the end', sampleSdp.replaceAll('\r\n', '\n').trimEnd()],
    ['with lines that nobody knows', `${sampleSdp}a=x-unknown:1\r\nz=0 0\r\n`],
    ['beyond ASCII', `${sampleSdp}i=Zoë 😀 \u2028 \u0000 \u0001\r\n`],
    ['with blanks around it', `\t ${sampleSdp} \r\n\r\n`],
  ] as const
  const candidates = [
    ['that is no candidate attribute', 'nonsense'],
    ['of a private address', 'candidate:1 1 udp 2122260223 10.0.0.1 50000 typ host'],
    ['of TCP', 'candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active'],
  ] as const
  await carryInCall(t, way, [
    ...sdps.map(([what, sdp]): Letter => [`an offer with an sdp ${what}`, inCall(offerTo(place, { sdp }))]),
    ...sdps.map(([what, sdp]): Letter => [`an answer with an sdp ${what}`, inCall(answerTo(place, { sdp }))]),
    ...candidates.map(([what, candidate]): Letter => [
      `a candidate ${what}`,
      inCall(candidateTo(place, { candidate })),
    ]),
  ])
}

/** relay.no-call-state: what was said before counts for nothing, but a hangup. */
async function takesAnyOrder(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const way = await talk(t, a, b)
  const place = placeIn(way)
  await carryInCall(t, way, [
    ['an answer without an offer', inCall(answerTo(place, { negotiation: 2 }))],
    ['a candidate before any description', inCall(candidateTo(place))],
    ['an offer whose first number is even', inCall(offerTo(place, { negotiation: 8 }))],
    ['the same offer again', inCall(offerTo(place, { negotiation: 8 }))],
    ['an offer with a lower number', inCall(offerTo(place, { negotiation: 3 }))],
    ['an answer by the one that offered', inCall(answerTo(place, { negotiation: 3 }))],
    ['a second answer', inCall(answerTo(place, { negotiation: 3 }))],
  ])
}

/** Messages of one look at the order, each way. */
const manyMessages = 60

/** delivery.order, delivery.once, delivery.no-gap, delivery.only-sent, delivery.addressee: both ways at the same time. */
async function keepsOrder(t: CheckContext): Promise<void> {
  const { room, a, b, c } = await watchedStage(t)
  const there = await talk(t, a, b)
  const types = ['candidate', 'offer', 'candidate', 'answer'] as const
  const ways = [there, { call: there.call, from: b, to: a }]
  for (let number = 1; number <= manyMessages; number += 1)
    for (const way of ways) {
      const options = { type: types[number % 4] ?? 'candidate', length: number % 7 === 0 ? 3000 : 0 }
      way.from.send(inCall(numbered(placeIn(way), number, options)))
    }
  for (const way of ways) {
    const { call, from, to } = way
    const last = manyMessages + 1
    const marker = inCall(numbered(placeIn(way), last))
    await say(from, marker, 'the last message of many in a call')
    await to.waitFor(
      ({ message }) => message['call'] === call && numberOf(message) === last,
      `the delivery of the last of ${String(last)} messages from ${from.name} to ${to.name}`,
    )
    const frames = toldOf(to, call).filter(({ message }) => numberOf(message) !== undefined)
    const came = frames.map(({ message }) => numberOf(message))
    const place = came.findIndex((number, index) => number !== index + 1)
    if (place < 0 && came.length === last) continue
    const at = place < 0 ? last : place
    throw new CheckFailure(
      `messages of a call from ${from.name} to ${to.name} in the order sent, each once: as number ${String(at + 1)} message ${String(at + 1)}`,
      at < came.length ? `there came message ${String(came[at])}` : 'there came nothing more',
    ).shownBy(...frames.slice(at, at + 1).map(({ text }) => text))
  }
  await t.barrier(a, c, room)
  await t.barrier(b, c, room)
  const strays = toldOf(c, there.call).filter(({ message }) => 'from' in message)
  if (strays.length > 0)
    throw new CheckFailure(
      `nothing of the call at ${c.name}, to which nothing is addressed`,
      `${String(strays.length)} messages came`,
    ).shownBy(...strays.slice(0, 1).map(({ text }) => text))
  await equalMessagesAreMany(there)
}

/** How often the same is said. */
const times = 3

/** The end of the candidates of a call. */
function isEndOfCandidates({ candidate }: Wire): boolean {
  return (candidate as Wire | undefined)?.['candidate'] === ''
}

/** delivery.no-gap: the same frame several times is as many messages; none has an id. */
async function equalMessagesAreMany(way: Talk): Promise<void> {
  const { call, from, to } = way
  const place = placeIn(way)
  const { usernameFragment } = candidateTo(place).candidate
  const [first, second, last] = [1, 2, 3].map((more) => manyMessages + 1 + more) as [number, number, number]
  const end = { ...candidateTo(place), candidate: { candidate: '', usernameFragment } }
  const equal = [
    ['offers', numbered(place, first, { type: 'offer' }), (message: Wire) => numberOf(message) === first],
    ['candidates', numbered(place, second), (message: Wire) => numberOf(message) === second],
    ['ends of candidates', end, isEndOfCandidates],
  ] as const
  const since = to.log.length
  for (const [, message] of equal) for (let turn = 0; turn < times; turn += 1) from.send(inCall(message))
  await say(from, inCall(numbered(place, last)), 'a candidate behind equal messages in a call')
  await to.waitFor(
    ({ message }) => message['call'] === call && numberOf(message) === last,
    'the delivery of a candidate behind equal messages in a call',
    { since },
  )
  const came = toldOf(to, call, since)
  for (const [what, , isOne] of equal) {
    const got = came.filter(({ message }) => isOne(message)).length
    if (got !== times)
      throw new CheckFailure(
        `${String(times)} equal ${what} of a call, as many as were sent`,
        `${String(got)} came`,
      )
  }
}

/** delivery.in-time */
async function deliversInTime(t: CheckContext): Promise<void> {
  const { a, b, c } = await watchedStage(t)
  const way = await talk(t, a, b)
  const marker = inCall(numbered(placeIn(way), 7))
  const isIt = ({ message }: Received) => message['call'] === way.call && numberOf(message) === 7
  await expectInTime(t, { waiter: b, bystander: c }, 'the delivery of a candidate of a call', async () => {
    a.send(marker)
    await b.waitFor(isIt, 'the delivery of a candidate of a call')
  })
}

/** A hangup is carried like the rest, with its further members. */
async function carriesHangups(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const { call, from, to } = await talk(t, a, b)
  const way = { call, from, to }
  const hangup = { ...inCall(hangupTo(placeIn(way), 'com.example.lunch')), 'com.example.note': ['bye', 1] }
  const { id } = from.post(hangup)
  const { message, text, index } = await to.waitFor(
    (frame) => frame.message['type'] === 'hangup' && frame.message['call'] === call,
    'the delivery of a hangup with further members',
  )
  expectDelivered('a hangup with further members', { ...hangup, id }, { message, text, index }, way)
}

const capability = 'calls'

/** Checks of spec/calls.md, Talking: what is carried in a call as in a room. */
export const inCallChecks: readonly Check[] = [
  check('talk.as-in-a-room', 'further members arrive', keepsMembers, { capability, name: 'members' }),
  check('talk.as-in-a-room', 'a hangup arrives with further members', carriesHangups, {
    capability,
    name: 'hangup',
  }),
  check('talk.as-in-a-room', 'descriptions and candidates of any content', readsNothing, {
    capability,
    name: 'unread',
  }),
  check('talk.as-in-a-room', 'messages in any order', takesAnyOrder, { capability, name: 'any-order' }),
  check('talk.as-in-a-room', 'many messages both ways', keepsOrder, { capability, name: 'order' }),
  check('talk.as-in-a-room', 'a message arrives in time', deliversInTime, { capability, name: 'in-time' }),
]

import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../engine/check.ts'
import type { CheckContext } from '../engine/context.ts'
import { CheckFailure } from '../engine/failure.ts'
import type { Endpoint } from '../endpoint/endpoint.ts'
import type { Wire } from '../endpoint/wire.ts'
import { clip } from '../observer/frame-observer.ts'
import { departures } from './departure.ts'
import { grantedRoom } from './granted-room.ts'
import { announcedLimit, enter, knowsOf, leaveRoom, needsRooms, placesFor, seesJoin, seesLeave, tryEnter } from './membership.ts'
import { answerTo, candidateTo, hangupTo, offerTo, sampleSdp, type Place } from './negotiation-message.ts'
import { expectAccepted, expectRefusal } from './refusal.ts'
import { sameAnswers } from './same-answer.ts'
import { numbered, relayedTypes, type Relayed } from './stream.ts'

/** Sends messages that have to be delivered unchanged in what the server may not read; the same marker proves all of them. */
async function deliversAll(t: CheckContext, from: Endpoint, to: Endpoint, messages: readonly (readonly [string, Relayed])[]): Promise<void> {
  const since = to.log.length
  const pending = messages.map(([, message]) => from.post(message))
  for (const [index, each] of pending.entries()) {
    await expectAccepted(each, 'ok', messages[index]?.[0] ?? '')
  }
  const room = messages[0]?.[1].room ?? ''
  await t.barrier(from, to, room)
  const came = to.log.filter(({ index, message }) => index >= since && message['from'] === from.peer).map(({ message }) => message)
  for (const [index, { id }] of pending.entries()) {
    const [what, message] = messages[index] ?? []
    const delivered = came.find((m) => m['id'] === id) ?? came[index]
    if (!message || !delivered) throw new CheckFailure(`${String(what)} delivered to ${to.name}`, 'it did not come')
    expectContent(String(what), message as Wire, delivered)
  }
}

function expectContent(what: string, sent: Wire, delivered: Wire): void {
  for (const member of ['type', 'call', 'negotiation', 'sdp', 'candidate', 'reason', 'label']) {
    if (isDeepStrictEqual(sent[member], delivered[member])) continue
    const words = (value: unknown) => (value === undefined ? 'absent' : clip(JSON.stringify(value)))
    throw new CheckFailure(`${what} delivered with ${member} ${words(sent[member])}`, `${member} was ${words(delivered[member])}`)
  }
}

/** Every form that the schemas allow. */
function everyForm(t: CheckContext, place: Omit<Place, 'call'>): (readonly [string, Relayed])[] {
  const at = () => ({ ...place, call: t.callId() })
  return [
    ['an offer', offerTo(at())],
    ['an offer with a label', offerTo(at(), { label: 'screen & "voice"' })],
    ['an offer of 20 kB', numbered(at(), 1, { type: 'offer', length: 20_000 })],
    ['an answer', answerTo(at())],
    ['an answer to a later offer', answerTo(at(), { negotiation: 9_007_199_254_740_991 })],
    ['a candidate', candidateTo(at())],
    ['a candidate with sdpMid null', candidateTo(at(), { sdpMid: null })],
    ['a candidate with sdpMLineIndex null', candidateTo(at(), { sdpMLineIndex: null })],
    ['an end of candidates', { ...candidateTo(at()), candidate: { candidate: '', usernameFragment: 'Wk4v' } }],
    ['an end of candidates of one section', candidateTo(at(), { candidate: '' })],
    ['a hangup', hangupTo(at())],
    ...(['glare', 'incompatible', 'failed', 'timeout', 'com.example.lunch'] as const).map(
      (reason) => [`a hangup with reason ${reason}`, hangupTo(at(), reason)] as const,
    ),
  ]
}

async function everyFormBothWays(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  await deliversAll(t, a, b, everyForm(t, { room, to: b.peer }))
  await deliversAll(t, b, a, everyForm(t, { room, to: a.peer }))
}

/** Every member reaches every other one, also after some have left and come back. */
async function everyMemberReached(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 4, 2))
  for (const member of members) await enter(t, member, room)
  const last = members.at(-1)
  const reach = async () => {
    for (const from of members) {
      for (const to of members) {
        if (to === from) continue
        await knowsOf(from, room, to)
        await knowsOf(to, room, from)
        for (const type of relayedTypes) from.send(numbered({ room, to: to.peer, call: t.callId() }, 7, { type }))
        await t.barrier(from, to, room)
      }
    }
  }
  await reach()
  if (!last) return
  const since = members.map(({ log }) => log.length)
  await leaveRoom(last, room)
  await enter(t, last, room)
  for (const [index, member] of members.entries()) if (member !== last) await seesJoin(member, room, last, since[index])
  await reach()
  for (const member of members) {
    for (const type of relayedTypes) {
      const got = member.all(type, (m) => m.room === room).filter((m) => m.type !== 'hangup' || m.reason !== 'normal').length
      const due = 2 * (members.length - 1)
      if (got >= due) continue
      throw new CheckFailure(`${String(due)} messages of type ${type} at ${member.name}`, `${String(got)} came`)
    }
  }
}

/** Sends one message of each type; each has to be refused, and nobody may get it. */
async function refusesEach(t: CheckContext, from: Endpoint, place: Omit<Place, 'call'>, code: 'not-in-room' | 'peer-not-found' | 'forbidden', what: string): Promise<string[]> {
  const call = t.callId()
  const pending = relayedTypes.map((type) => from.post(numbered({ ...place, call }, 3, { type })))
  // The answer to a message without an id is the same.
  from.send(hangupTo({ ...place, call: t.callId() }))
  for (const [index, { id }] of pending.entries()) {
    await expectRefusal(from, id, [code], `${relayedTypes[index] ?? ''}: ${what}`)
  }
  return [call]
}

function expectUndelivered(holders: readonly Endpoint[], calls: readonly string[], what: string): void {
  for (const holder of holders) {
    const got = holder.log.find(({ message }) => 'from' in message && calls.includes(String(message['call'])))
    if (got) throw new CheckFailure(`no delivery of ${what}`, `a ${String(got.message['type'])} came to ${holder.name}`)
  }
}

async function outsidersCannotSend(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const outsider = await t.client()
  const calls = await refusesEach(t, outsider, { room, to: b.peer }, 'not-in-room', 'a message of a peer that never joined')
  const own = t.room()
  await enter(t, outsider, own)
  calls.push(...(await refusesEach(t, outsider, { room, to: b.peer }, 'not-in-room', 'a message of a peer in another room')))
  calls.push(...(await refusesEach(t, outsider, { room: t.room(), to: b.peer }, 'not-in-room', 'a message in a room that nobody is in')))
  await leaveRoom(outsider, own)
  await leaveRoom(a, room)
  calls.push(...(await refusesEach(t, a, { room, to: b.peer }, 'not-in-room', 'a message of a peer that has left')))
  // The control, and the marker on the same paths.
  await enter(t, a, room)
  await t.barrier(a, b, room)
  if ((announcedLimit(t, 'membersPerRoom') ?? 3) < 3) await leaveRoom(a, room)
  await enter(t, outsider, room)
  await t.barrier(outsider, b, room)
  expectUndelivered([b, a], calls, 'a message whose sender is not in the room')
}

/** A room that both share elsewhere does not count, nor one that only the receiver is in. */
async function sharedElsewhere(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const { room: shared, a, b } = await t.pair()
  const [ofA, ofB] = [t.room(), t.room()]
  await enter(t, a, ofA)
  await enter(t, b, ofB)
  const calls = await refusesEach(t, a, { room: ofB, to: b.peer }, 'not-in-room', "a message in the receiver's other room")
  await t.barrier(a, b, shared)
  expectUndelivered([b], calls, "a message in the receiver's other room")
}

async function missingReceivers(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const [elsewhere, gone] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, elsewhere, t.room())
  if ((announcedLimit(t, 'membersPerRoom') ?? 3) >= 3) {
    await enter(t, gone, room)
    await seesJoin(a, room, gone)
    await departures.bye.go(t, gone)
    await seesLeave(a, room, gone)
  } else await departures.bye.go(t, gone)
  const receivers = [
    ['a peer that never existed', t.strangerId()],
    ['a peer in another room', elsewhere.peer],
    ['a peer that is gone', gone.peer],
    ['its own sender', a.peer],
  ] as const
  const calls: string[] = []
  for (const [who, to] of receivers) calls.push(...(await refusesEach(t, a, { room, to }, 'peer-not-found', `a message to ${who}`)))
  await leaveRoom(b, room)
  await seesLeave(a, room, b)
  calls.push(...(await refusesEach(t, a, { room, to: b.peer }, 'peer-not-found', 'a message to a peer that has left')))
  const since = a.log.length
  await enter(t, b, room)
  await seesJoin(a, room, b, since)
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  await elsewhere.sync()
  expectUndelivered([a, b, elsewhere], calls, 'a message whose receiver is not another member')
}

/** Both share a room, but the message names one that only its sender is in. */
async function receiverInSharedRoom(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const { room: shared, a, b } = await t.pair()
  const own = t.room()
  await enter(t, a, own)
  const calls = await refusesEach(t, a, { room: own, to: b.peer }, 'peer-not-found', 'a message in a room that only its sender is in')
  await t.barrier(a, b, shared)
  expectUndelivered([b], calls, 'a message in a room that its receiver is not in')
  await enter(t, b, own)
  await seesJoin(a, own, b)
  await t.barrier(a, b, own)
}

async function noOracle(t: CheckContext): Promise<void> {
  const { room, a } = await t.pair()
  const [idle, elsewhere, gone] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  const other = t.room()
  await enter(t, elsewhere, other)
  const once = gone.peer
  await enter(t, gone, other)
  await seesJoin(elsewhere, other, gone)
  await departures.bye.go(t, gone)
  await seesLeave(elsewhere, other, gone)
  for (const type of ['offer', 'candidate'] as const) {
    const ask = async (to: string) => {
      const { id } = a.post(numbered({ room, to, call: t.callId() }, 5, { type }))
      return (await expectRefusal(a, id, ['peer-not-found'], `a message of type ${type} to a peer that is not in the room`)) as unknown as Wire
    }
    const strangers = [t.strangerId(), t.strangerId()]
    const never = [await ask(strangers[0] ?? ''), await ask(strangers[1] ?? '')]
    const peers = [...strangers, idle.peer, elsewhere.peer, once]
    sameAnswers(never, [await ask(idle.peer)], 'a peer that never existed and one that is connected', peers)
    sameAnswers(never, [await ask(elsewhere.peer)], 'a peer that never existed and one that is in another room', peers)
    sameAnswers(never, [await ask(once)], 'a peer that never existed and one that was connected once', peers)
  }
}

/** An outsider learns nothing of a room's members either: all that it is told is that it is not in the room. */
async function noOracleForOutsiders(t: CheckContext): Promise<void> {
  const { room, b } = await t.pair()
  const outsider = await t.client()
  const ask = async (where: string, to: string) => {
    const { id } = outsider.post(hangupTo({ room: where, to, call: t.callId() }))
    return (await expectRefusal(outsider, id, ['not-in-room'], 'a hangup of a peer that is not in the room')) as unknown as Wire
  }
  const strangers = [t.strangerId(), t.strangerId()] as const
  const unused = [t.room(), t.room()] as const
  const never = [await ask(unused[0], strangers[0]), await ask(unused[1], strangers[1])]
  sameAnswers(never, [await ask(room, b.peer)], 'a room with members and one without', [...strangers, ...unused, b.peer, room])
}

/** Who may join but not send. */
async function listenersCannotSend(t: CheckContext): Promise<void> {
  const { room, outsider: listener, insider } = grantedRoom(t, 'listen')
  const a = await t.client({ user: listener })
  const [b, c] = (await t.clients(2, { user: insider })) as [Endpoint, Endpoint]
  for (const member of [b, c, a]) await enter(t, member, room)
  await seesJoin(b, room, a)
  const calls = await refusesEach(t, a, { room, to: b.peer }, 'forbidden', 'a message of a member that may not send')
  await a.sync()
  // The control: another member sends the same.
  const control = t.callId()
  for (const type of relayedTypes) c.send(numbered({ room, to: b.peer, call: control }, 3, { type }))
  await t.barrier(c, b, room)
  await t.barrier(b, a, room)
  expectUndelivered([b, c], calls, 'a message of a member that may not send')
}

/** Whatever may come of a call, in whatever order, the server has no say in it. */
async function callsAreNotKept(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const place = () => ({ room, to: b.peer, call: t.callId() })
  const ended = place()
  const glare = place()
  await deliversAll(t, a, b, [
    ['an answer without an offer', answerTo(place(), { negotiation: 2 })],
    ['a candidate before any description', candidateTo(place())],
    ['an end of candidates before any description', candidateTo(place(), { candidate: '' })],
    ['a hangup of an unknown call', hangupTo(place())],
    ['an offer whose first number is even', offerTo(place(), { negotiation: 8 })],
    ['a hangup', hangupTo(ended)],
    ['a second hangup of the same call', hangupTo(ended)],
    ['an offer after the hangup of its call', offerTo(ended)],
    ['a candidate after the hangup of its call', candidateTo(ended)],
    ['an offer', offerTo(glare, { negotiation: 5 })],
    ['the same offer again', offerTo(glare, { negotiation: 5 })],
    ['an offer with a lower number', offerTo(glare, { negotiation: 3 })],
    ['an answer by the one that offered', answerTo(glare, { negotiation: 3 })],
    ['a second answer', answerTo(glare, { negotiation: 3 })],
    ['a candidate with a number of no description', candidateTo(glare)],
  ])
  await deliversAll(t, b, a, [
    ['an offer in the call of the other one', offerTo({ ...glare, to: a.peer }, { negotiation: 5 })],
    ['an answer to an offer that was answered', answerTo({ ...glare, to: a.peer }, { negotiation: 5 })],
    ['a hangup of a call that has ended', hangupTo({ ...ended, to: a.peer })],
  ])
}

/** One call id in use by several pairs, and in several rooms. */
async function callIdsAreNotKept(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const { room: other, a: c, b: d } = await t.pair()
  const call = t.callId()
  const paths = [
    [a, b, room],
    [c, d, other],
    [b, a, room],
    [d, c, other],
  ] as const
  const delivered = paths.map(([from, to, where]) =>
    deliversAll(t, from, to, [
      ['an offer with a call id that others use', offerTo({ room: where, to: to.peer, call })],
      ['a candidate with it', candidateTo({ room: where, to: to.peer, call })],
      ['a hangup with it', hangupTo({ room: where, to: to.peer, call })],
    ]),
  )
  await Promise.all(delivered)
}

/** Descriptions and candidates that a server which reads them might stumble over. */
async function contentIsNotRead(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const place = () => ({ room, to: b.peer, call: t.callId() })
  const sdps = [
    ['empty', ''],
    ['of one blank', ' '],
    ['that is no SDP', 'this is no session description'],
    ['that looks like JSON', '{"type":"offer","sdp":"v=0"}'],
    ['without media', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n'],
    ['with LF line ends and none at the end', sampleSdp.replaceAll('\r\n', '\n').trimEnd()],
    ['with lines that nobody knows', `${sampleSdp}a=x-unknown:1\r\nz=0 0\r\n`],
    ['beyond ASCII', `${sampleSdp}i=Zoë 😀 \u2028 \u0000 \u0001\r\n`],
    ['with an inactive section and port 0', sampleSdp.replace('m=application 9', 'm=application 0')],
    ['with blanks around it', `\t ${sampleSdp} \r\n\r\n`],
  ] as const
  const candidates = [
    ['that is no candidate attribute', 'nonsense'],
    ['with a= in front', 'a=candidate:1 1 udp 1 192.0.2.1 9 typ host'],
    ['of TCP', 'candidate:1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active'],
    ['with an mDNS name', 'candidate:1 1 udp 2122260223 6f2c1a4e-93d4-4f0e-8d5f-0c0e8d1b6e55.local 50000 typ host'],
    ['of IPv6', 'candidate:1 1 udp 2122260223 2001:db8::7 50000 typ host'],
    ['of a private address', 'candidate:1 1 udp 2122260223 10.0.0.1 50000 typ host'],
    ['of the loopback address', 'candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host'],
    ['with port 0', 'candidate:1 1 udp 1 192.0.2.1 0 typ host'],
    ['of one blank', ' '],
  ] as const
  await deliversAll(t, a, b, [
    ...sdps.map(([what, sdp]) => [`an offer with an sdp ${what}`, offerTo(place(), { sdp })] as const),
    ...sdps.map(([what, sdp]) => [`an answer with an sdp ${what}`, answerTo(place(), { sdp })] as const),
    ...candidates.map(([what, candidate]) => [`a candidate ${what}`, candidateTo(place(), { candidate })] as const),
    ['a candidate for a section that is not there', candidateTo(place(), { sdpMid: 'nowhere', sdpMLineIndex: 65_535 })],
    ['a candidate with an empty sdpMid', candidateTo(place(), { sdpMid: '' })],
    ['a candidate of another ICE session', candidateTo(place(), { usernameFragment: 'z'.repeat(256) })],
  ])
}

/** A refused join gives no right to send. */
async function refusedJoinCannotSend(t: CheckContext): Promise<void> {
  const { room, outsider, insider } = grantedRoom(t, 'closed')
  const a = await t.client({ user: outsider })
  const [b, c] = (await t.clients(2, { user: insider })) as [Endpoint, Endpoint]
  await enter(t, b, room)
  await tryEnter(t, a, room)
  const call = t.callId()
  const { id } = a.post(offerTo({ room, to: b.peer, call }))
  // It is not a member, and it may not send: either may be said.
  await expectRefusal(a, id, ['not-in-room', 'forbidden'], 'an offer of a peer whose join was refused')
  await enter(t, c, room)
  await seesJoin(b, room, c)
  await t.barrier(c, b, room)
  expectUndelivered([b], [call], 'a message of a peer whose join was refused')
}

/** Checks of spec/negotiation.md: what the server does. */
export const relayingChecks: readonly Check[] = [
  check('relay.delivered', 'every form of every type, both ways', everyFormBothWays, { name: 'forms' }),
  check('relay.delivered', 'every member reaches every other one', everyMemberReached, { name: 'members' }),
  check('relay.not-in-room', 'who is not in the room cannot send there', outsidersCannotSend, { name: 'outsider' }),
  check('relay.not-in-room', 'who shares another room cannot either', sharedElsewhere, { name: 'shared-elsewhere' }),
  check('relay.not-in-room', 'who was refused cannot either', refusedJoinCannotSend, { name: 'refused' }),
  check('relay.peer-not-found', 'receivers that are not in the room', missingReceivers, { name: 'receivers' }),
  check('relay.peer-not-found', 'a receiver in another common room', receiverInSharedRoom, { name: 'shared-elsewhere' }),
  check('relay.no-oracle', 'the answer tells nothing of the receiver', noOracle, { name: 'member' }),
  check('relay.no-oracle', 'the answer tells an outsider nothing', noOracleForOutsiders, { name: 'outsider' }),
  check('relay.forbidden', 'who may only listen cannot send', listenersCannotSend),
  check('relay.no-call-state', 'messages of a call in any order', callsAreNotKept, { name: 'any-order' }),
  check('relay.no-call-state', 'one call id in several rooms', callIdsAreNotKept, { name: 'same-id' }),
  check('relay.unread', 'descriptions and candidates of any content', contentIsNotRead),
]

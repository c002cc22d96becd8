import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { apart } from '../../observer/clip.ts'
import { atOnce } from '../scene/at-once.ts'
import { announcedLimit, enter, knowsOf, leaveRoom, placesFor, seesJoin } from '../scene/membership.ts'
import {
  answerTo,
  candidateTo,
  hangupTo,
  offerTo,
  sampleSdp,
  type Place,
} from '../scene/negotiation-message.ts'
import { expectOk } from '../scene/refusal.ts'
import { numbered, relayedTypes, type Relayed } from '../scene/stream.ts'

/** Sends messages that have to be delivered unchanged in what the server may not read; the same marker proves all of them. */
async function deliversAll(
  t: CheckContext,
  from: Endpoint,
  to: Endpoint,
  messages: readonly (readonly [string, Relayed])[],
): Promise<void> {
  const since = to.log.length
  const pending = messages.map(([, message]) => from.post(message))
  for (const [index, each] of pending.entries()) {
    await expectOk(each, messages[index]?.[0] ?? '')
  }
  const room = messages[0]?.[1].room ?? ''
  await t.barrier(from, to, room)
  const came = to.log
    .filter(({ index, message }) => index >= since && message['from'] === from.peer)
    .map(({ message }) => message)
  // A server that takes the id away is judged elsewhere.
  const hasIds = came.some((m) => 'id' in m)
  for (const [index, { id }] of pending.entries()) {
    const [what, message] = messages[index] ?? []
    const delivered = came.find((m) => m['id'] === id) ?? (hasIds ? undefined : came[index])
    if (!message || !delivered)
      throw new CheckFailure(`${String(what)} delivered to ${to.name}`, 'it did not come')
    expectContent(String(what), message, delivered)
  }
}

function expectContent(what: string, sent: Wire, delivered: Wire): void {
  for (const member of ['type', 'call', 'negotiation', 'sdp', 'candidate', 'reason', 'label']) {
    if (isDeepStrictEqual(sent[member], delivered[member])) continue
    const [expected, actual] = apart(sent[member], delivered[member], 'absent')
    throw new CheckFailure(`${what} delivered with ${member} ${expected}`, `${member} was ${actual}`)
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
    [
      'an end of candidates',
      { ...candidateTo(at()), candidate: { candidate: '', usernameFragment: 'Wk4v' } },
    ],
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
  const paths = members.flatMap((from) => members.filter((to) => to !== from).map((to) => ({ from, to })))
  const reach = () =>
    atOnce(paths, paths.length, async ({ from, to }) => {
      await knowsOf(from, room, to)
      await knowsOf(to, room, from)
      for (const type of relayedTypes)
        from.send(numbered({ room, to: to.peer, call: t.callId() }, 7, { type }))
      await t.barrier(from, to, room)
    })
  await reach()
  if (!last) return
  const since = members.map(({ log }) => log.length)
  await leaveRoom(last, room)
  await enter(t, last, room)
  for (const [index, member] of members.entries())
    if (member !== last) await seesJoin(member, room, last, since[index])
  await reach()
  for (const member of members) {
    for (const type of relayedTypes) {
      const got = member
        .all(type, (m) => m.room === room)
        .filter((m) => m.type !== 'hangup' || m.reason !== 'normal').length
      const due = 2 * (members.length - 1)
      if (got >= due) continue
      throw new CheckFailure(
        `${String(due)} messages of type ${type} at ${member.name}`,
        `${String(got)} came`,
      )
    }
  }
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
    ['the end of candidates', candidateTo(glare, { candidate: '' })],
    // Each description ends its candidates anew: after an ICE restart, and once for each m-section.
    ['the end of candidates again', candidateTo(glare, { candidate: '' })],
    ['a candidate after the end of candidates', candidateTo(glare)],
    ['a candidate with a higher number', { ...candidateTo(glare), negotiation: 5 }],
    ['a candidate with a lower number than the one before', { ...candidateTo(glare), negotiation: 3 }],
    ['the end of candidates with that number', { ...candidateTo(glare, { candidate: '' }), negotiation: 3 }],
  ])
  await deliversAll(t, b, a, [
    ['an offer in the call of the other one', offerTo({ ...glare, to: a.peer }, { negotiation: 5 })],
    ['an answer to an offer that was answered', answerTo({ ...glare, to: a.peer }, { negotiation: 5 })],
    ['a hangup of a call that has ended', hangupTo({ ...ended, to: a.peer })],
  ])
}

/** One call id in use by several pairs, and in several rooms, by one pair as well. */
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
  const inUse = ([from, to, where]: readonly [Endpoint, Endpoint, string], user: string) =>
    deliversAll(t, from, to, [
      [`an offer with a call id that ${user}`, offerTo({ room: where, to: to.peer, call })],
      ['a candidate with it', candidateTo({ room: where, to: to.peer, call })],
      ['a hangup with it', hangupTo({ room: where, to: to.peer, call })],
    ])
  await Promise.all(paths.map((path) => inUse(path, 'others use')))
  if ((announcedLimit(t, 'roomsPerPeer') ?? 2) < 2) return
  const further = t.room()
  await t.join(further, a, b)
  await inUse([a, b, further], 'its sender has used in another room')
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
    [
      'with an mDNS name',
      'candidate:1 1 udp 2122260223 6f2c1a4e-93d4-4f0e-8d5f-0c0e8d1b6e55.local 50000 typ host',
    ],
    ['of IPv6', 'candidate:1 1 udp 2122260223 2001:db8::7 50000 typ host'],
    ['of a private address', 'candidate:1 1 udp 2122260223 10.0.0.1 50000 typ host'],
    ['of the loopback address', 'candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host'],
    ['with port 0', 'candidate:1 1 udp 1 192.0.2.1 0 typ host'],
    ['of one blank', ' '],
  ] as const
  await deliversAll(t, a, b, [
    ...sdps.map(([what, sdp]) => [`an offer with an sdp ${what}`, offerTo(place(), { sdp })] as const),
    ...sdps.map(([what, sdp]) => [`an answer with an sdp ${what}`, answerTo(place(), { sdp })] as const),
    ...candidates.map(
      ([what, candidate]) => [`a candidate ${what}`, candidateTo(place(), { candidate })] as const,
    ),
    [
      'a candidate for a section that is not there',
      candidateTo(place(), { sdpMid: 'nowhere', sdpMLineIndex: 65_535 }),
    ],
    ['a candidate with an empty sdpMid', candidateTo(place(), { sdpMid: '' })],
    ['a candidate of another ICE session', candidateTo(place(), { usernameFragment: 'z'.repeat(256) })],
  ])
}

/** Checks of spec/negotiation.md: what the server relays. */
export const relayingChecks: readonly Check[] = [
  check('relay.delivered', 'every form of every type, both ways', everyFormBothWays, { name: 'forms' }),
  check('relay.delivered', 'every member reaches every other one', everyMemberReached, { name: 'members' }),
  check('relay.no-call-state', 'messages of a call in any order', callsAreNotKept, { name: 'any-order' }),
  check('relay.no-call-state', 'one call id in several rooms', callIdsAreNotKept, { name: 'same-id' }),
  check('relay.unread', 'descriptions and candidates of any content', contentIsNotRead),
]

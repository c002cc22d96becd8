import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { clip } from '../../observer/frame-observer.ts'
import { carry, withMembers, type Carried, type Letter, type Way } from '../scene/carriage.ts'
import { sampleOf } from '../scene/client-sample.ts'
import { missingFrom } from '../scene/json-value.ts'
import { announcedLimit, enter, leaveRoom, needsRooms, placesFor, seesJoin } from '../scene/membership.ts'
import { answerTo, offerTo, sampleSdp } from '../scene/negotiation-message.ts'
import { relayTextChecks } from '../scene/relay-text.ts'
import { relayedTypes } from '../scene/stream.ts'

type RelayedType = (typeof relayedTypes)[number]

/** A message of a type with further members; `members` is JSON text without braces. */
function letter({ room, b }: Way, type: RelayedType, members: string, id?: string): Letter {
  return (call) => {
    const sample = sampleOf(type, { room, to: b.peer, call, token: '' })
    return withMembers({ ...sample, ...(id === undefined ? {} : { id }) }, members)
  }
}

/** Fails unless every member of what was sent has arrived with an equal value. */
function expectSame(carried: readonly Carried[]): void {
  for (const { sent, arrived } of carried) {
    const difference = missingFrom(sent, arrived.message)
    if (difference === undefined) continue
    throw new CheckFailure(
      `every member of the ${String(sent['type'])} delivered with an equal value`,
      difference,
    )
  }
}

/** Each relayed type carries the same further members. */
async function carriesMembers(t: CheckContext, members: string, what: string): Promise<void> {
  const way = await t.pair()
  const letters = relayedTypes.map((type) => letter(way, type, members))
  expectSame(await carry(t, way, letters, what))
}

const kinds = [
  '"com.example.mute":true',
  '"com.example.unmute":false',
  '"com.example.nothing":null',
  '"com.example.text":"x"',
  '"com.example.empty":""',
  '"com.example.list":[3,1,2,[],[[]],{},null,"",0,false]',
  '"com.example.ends":[1,null]',
  '"com.example.nulls":[null,null]',
  '"com.example.names":{"__proto__":{"a":1},"constructor":2,"toString":3,"length":4,"":5}',
  '"com.example.tree":{"b":{"c":{"d":[{"e":{}}]}},"a":null,"":[""]}',
  '"extra":{"type":"hangup","to":"nobody","from":"nobody"}',
].join(',')

const strings = [
  '',
  ' ',
  ' x ',
  String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code)),
  '\u007f\u0080\u0085\u009f\u00a0\u00ad',
  '\u2028\u2029\u200b\u200d\u202e\u2060',
  '\ufeffx\ufeff',
  '\ufdd0\ufffd\ufffe\uffff',
  '\u00e9\u0065\u0301\u212b\ufb01',
  '😀👩‍👩‍👧\u{10ffff}\u{1f1e6}',
  '漢字かなカナ한글',
  '\ue000\uf8ff\u{f0000}',
  '"\\/\b\f\n\r\t',
  '</script><!-- ${x} {{x}} %s %00 \\u0041',
  'null',
  '{"type":"ping"}',
  'x'.repeat(3000),
  '€'.repeat(1000),
]

/** The same strings, once as they are and once with every code unit escaped. */
const stringMembers = [
  `"com.example.strings":${JSON.stringify(strings)}`,
  `"com.example.escaped":[${strings
    .map(
      (text) =>
        `"${[...Array(text.length).keys()].map((at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`,
    )
    .slice(0, -2)
    .join(',')}]`,
].join(',')

/** What a relayed message has beside a further member, in bytes, at most. */
const restBytes = 1000

/** `limits.dataBytes` is about the data of rooms: a relayed message has no `data`, but for what nobody knows. */
async function carriesLongData(t: CheckContext): Promise<void> {
  const most = announcedLimit(t, 'dataBytes') ?? t.notApplicable('limits.dataBytes is not announced')
  const messageBytes = announcedLimit(t, 'messageBytes') ?? 65_536
  if (most + restBytes > messageBytes) t.notObserved('limits.dataBytes is as good as limits.messageBytes')
  t.cost({ bytes: relayedTypes.length * most }, 'Sending relayed messages with large data')
  const members = `"data":${JSON.stringify('d'.repeat(most + 1))}`
  await carriesMembers(t, members, 'with an unknown member data that is longer than limits.dataBytes')
}

const numbers =
  '"com.example.numbers":[0,-0,1,-1,1.5,-1.5,0.1,100,1e2,1E2,1.0,1e+2,1e-2,1e21,1e-7,123456789012345680000,5e-324,1.7976931348623157e308,' +
  '-1.7976931348623157e308,2.2250738585072014e-308,0.30000000000000004,9007199254740991,-9007199254740991,9007199254740992,2147483648,' +
  '4294967295,4294967296,1700000000000]'

/** Names that are special to some language, or that the server itself uses elsewhere. */
const names = [
  ...[
    '',
    ' ',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'length',
    '0',
    '1e3',
    'From',
    'FROM',
    'from ',
    'Ref',
    'x$',
  ],
  ...[
    'user',
    'users',
    'session',
    'sender',
    'receiver',
    'peer',
    'self',
    'members',
    'member',
    'data',
    'payload',
    'body',
    'event',
    'message',
  ],
  ...[
    'code',
    'fatal',
    'of',
    'retryAfterMs',
    'version',
    'versions',
    'limits',
    'capabilities',
    'token',
    'method',
    'grants',
    'revision',
  ],
  ...[
    'time',
    'timestamp',
    'ts',
    'server',
    'meta',
    'origin',
    'trace',
    'mid',
    'nonce',
    'com.example.a',
    'com.example.A',
    'a.b.c',
    '.',
    'é',
    'e\u0301',
    '😀',
  ],
]

/** Every type with every name, and each of a different value. */
async function carriesNames(t: CheckContext): Promise<void> {
  const members = names.map((name, place) => `${JSON.stringify(name)}:${String(place)}`).join(',')
  await carriesMembers(t, members, 'with members of special names')
}

/** `to` and `id` are delivered too, and every member that the type may have. */
async function carriesEnvelope(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const ids = ['1', ' ', '~', 'a'.repeat(64), '"\\/', 'A', 'a']
  const letters = relayedTypes.flatMap((type) =>
    ids.map((id) =>
      letter(way, type, '"com.example.x":1', type === 'offer' ? id : `${type}${id}`.slice(0, 64)),
    ),
  )
  const labels = [' camera ', ' ', 'Camera', '  '].map(
    (label): Letter =>
      (call) =>
        JSON.stringify(offerTo({ room: way.room, to: way.b.peer, call }, { label })),
  )
  expectSame(await carry(t, way, [...letters, ...labels], 'with an id, or with such a label'))
}

/** Members of a candidate in all their forms, those included that this specification does not name. */
async function carriesCandidates(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const forms = [
    '{"candidate":"","usernameFragment":"Wk4v"}',
    '{"candidate":"","sdpMid":null,"sdpMLineIndex":null,"usernameFragment":"Wk4v"}',
    '{"candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","sdpMid":"","sdpMLineIndex":0,"usernameFragment":"+/Aa"}',
    '{"candidate":"a=candidate:1 1 TCP 1 2001:db8::1 9 typ host tcptype active\\r\\n","sdpMid":"video-1","usernameFragment":"Wk4vWk4v"}',
    '{"candidate":" candidate:x ","sdpMLineIndex":65535,"usernameFragment":"Wk4v"}',
    '{"candidate":"candidate:1 1 udp 1 7d3c5d0e.local 9 typ host","sdpMid":"0","usernameFragment":"Wk4v","address":null,"port":9}',
    `{"candidate":"","usernameFragment":"${'f'.repeat(256)}","com.example.x":{"y":[1]},"relayProtocol":"udp","":0}`,
  ]
  const letters = forms.map((form): Letter => {
    const place = { type: 'candidate', room: way.room, to: way.b.peer, negotiation: 9_007_199_254_740_991 }
    return (call) => withMembers({ ...place, call }, `"candidate":${form}`)
  })
  const what = (place: number) => `its candidate is ${clip(forms[place] ?? '')}`
  expectSame(await carry(t, way, letters, what))
}

/** A long series both ways, of every type, each message different in content and length. */
async function carriesSeries(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const back: Way = { room: way.room, a: way.b, b: way.a }
  const series = (on: Way) =>
    Array.from({ length: 48 }, (_, place) => {
      const noise = t.random.hex(2 ** (place % 14))
      const members = `"com.example.noise":"${noise}","com.example.place":[${String(place)},{"é":"${noise.slice(0, 9)}"}]`
      return letter(
        on,
        relayedTypes[place % 4] ?? 'offer',
        members,
        place % 3 === 0 ? `s${String(place)}` : undefined,
      )
    })
  const [there, again] = await Promise.all([
    carry(t, way, series(way), 'one of a long series'),
    carry(t, back, series(back), 'one of a long series'),
  ])
  expectSame([...there, ...again])
}

/** Large messages, at the lengths where a transport's own framing changes. */
async function carriesLarge(t: CheckContext): Promise<void> {
  const most = announcedLimit(t, 'messageBytes') ?? 65_536
  const lengths = [1000, 16_000, 32_767, 60_000, 65_400, 65_536].filter((length) => length <= most)
  t.cost({ bytes: 2 * lengths.reduce((sum, length) => sum + length, 0) }, 'Sending large messages')
  const way = await t.pair()
  const letters = lengths.map((length, place): Letter => {
    const filler = ['a', 'é', '€', '😀'][place % 4] ?? 'a'
    return (call) => {
      const offer = offerTo({ room: way.room, to: way.b.peer, call }, { sdp: '' })
      const space = length - Buffer.byteLength(JSON.stringify(offer))
      const sdp = filler.repeat(Math.floor(space / Buffer.byteLength(filler)))
      return JSON.stringify({ ...offer, sdp: sdp.padEnd(sdp.length + space - Buffer.byteLength(sdp), 'z') })
    }
  })
  expectSame(await carry(t, way, letters, 'of many bytes'))
}

/** Everybody carries the same: also to the third member of a room, and in a second room. */
async function carriesToAll(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 4, 3))
  await t.join(room, ...members)
  const [a, ...others] = members
  if (!a) return
  const carried = await Promise.all(
    others.map((b) =>
      carry(
        t,
        { room, a, b },
        [letter({ room, a, b }, 'offer', kinds), letter({ room, a, b }, 'candidate', kinds)],
        'to one of several',
      ),
    ),
  )
  expectSame(carried.flat())
}

const descriptions: readonly string[] = [
  sampleSdp,
  sampleSdp.replaceAll('\r\n', '\n'),
  sampleSdp.replaceAll('\r\n', '\r'),
  sampleSdp.trimEnd(),
  sampleSdp.replaceAll('\r\n', '\n').trimEnd(),
  `${sampleSdp}\r\n`,
  `${sampleSdp}\n\n\n`,
  `\r\n${sampleSdp}`,
  sampleSdp.replace('s=-\r\n', 's=-\n'),
  sampleSdp.replace('s=-', 's=Zoë 漢字 😀'),
  sampleSdp.replace('s=-', 's=Zoe\u0308 \u212b \ufb01'),
  sampleSdp.replace('a=mid:0', 'a=mid:0\r\na=x-unknown:1\r\ny=unheard of\r\nnot even a line\r\n=\r\na='),
  sampleSdp.replace('a=mid:0', `a=mid:0 \t \r\na=x-long:${'l'.repeat(12_000)}`),
  `${sampleSdp}a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n`,
  `${sampleSdp}a=x:\u0000\u0001\u001b\u007f\u2028\ufeff"\\/\r\n`,
  '',
  ' ',
  '\n',
  'v=0',
  'v=0\r\r\ns=-\r\r\n',
  '{"type":"offer","sdp":"v=0"}',
  'x'.repeat(20_000),
]

async function carriesDescriptions(t: CheckContext, write: typeof offerTo | typeof answerTo): Promise<void> {
  const way = await t.pair()
  const letters = descriptions.map((sdp): Letter => {
    return (call) => JSON.stringify(write({ room: way.room, to: way.b.peer, call }, { sdp }))
  })
  const carried = await carry(t, way, letters, 'with this sdp')
  for (const { sent, arrived } of carried) {
    const difference = missingFrom({ sdp: sent['sdp'] }, arrived.message)
    if (difference !== undefined)
      throw new CheckFailure(`the sdp of an ${String(sent['type'])} unchanged`, difference)
  }
}

/** Fails unless each message that arrived names its sender. */
function expectFrom(carried: readonly Carried[], sender: string): void {
  for (const { sent, arrived } of carried) {
    const { from } = arrived.message
    if (from === sender) continue
    const actual =
      from === undefined ? 'there is none' : `it is ${typeof from === 'string' ? from : JSON.stringify(from)}`
    throw new CheckFailure(
      `from ${sender}, the peer id of its sender, in the ${String(sent['type'])}`,
      actual,
    )
  }
}

async function stampsSenders(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 3, 2))
  await t.join(room, ...members)
  const ways = members.flatMap((a) => members.filter((b) => b !== a).map((b): Way => ({ room, a, b })))
  await Promise.all(
    ways.map(async (way) => {
      const members = '"From":"nobody","sender":"nobody","com.example.from":"nobody"'
      const letters = relayedTypes.flatMap((type) => [
        letter(way, type, members, `${way.a.name}-${type}`),
        letter(way, type, members),
      ])
      expectFrom(await carry(t, way, letters, 'from each member to each'), way.a.peer)
    }),
  )
}

async function stampsAfterRejoin(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const since = way.b.log.length
  await leaveRoom(way.a, way.room)
  await enter(t, way.a, way.room)
  await seesJoin(way.b, way.room, way.a, since)
  const letters = relayedTypes.map((type) => letter(way, type, '"com.example.x":1'))
  expectFrom(await carry(t, way, letters, 'after a second join'), way.a.peer)
}

async function stampsInSecondRoom(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const way = await t.pair()
  const room = t.room()
  await t.join(room, way.b, way.a)
  const second = { ...way, room }
  const letters = relayedTypes.map((type) => letter(second, type, '"com.example.x":1'))
  expectFrom(await carry(t, second, letters, 'in a second room'), way.a.peer)
}

/** Checks of what a relay leaves untouched, and of what it adds. */
export const relayFidelityChecks: readonly Check[] = [
  check('relay.delivered', 'a further member data beyond limits.dataBytes', carriesLongData, {
    name: 'long-data',
  }),
  check(
    'relay.members',
    'members that it does not know, of every kind',
    (t) => carriesMembers(t, kinds, 'with unknown members'),
    {
      name: 'kinds',
    },
  ),
  check(
    'relay.members',
    'strings code point for code point',
    (t) => carriesMembers(t, stringMembers, 'with such strings'),
    {
      name: 'strings',
    },
  ),
  check('relay.members', 'numbers of equal value', (t) => carriesMembers(t, numbers, 'with such numbers'), {
    name: 'numbers',
  }),
  check('relay.members', 'members of special names', carriesNames, { name: 'names' }),
  check('relay.members', 'id and to, and all that the type itself has', carriesEnvelope, {
    name: 'envelope',
  }),
  check('relay.members', 'every form of a candidate', carriesCandidates, { name: 'candidates' }),
  check('relay.members', 'a long series both ways', carriesSeries, { name: 'series' }),
  check('relay.members', 'large messages', carriesLarge, { name: 'large' }),
  check('relay.members', 'to each of several members', carriesToAll, { name: 'several' }),
  check('relay.opaque-sdp', 'descriptions of every form in offers', (t) => carriesDescriptions(t, offerTo), {
    name: 'offer',
  }),
  check(
    'relay.opaque-sdp',
    'descriptions of every form in answers',
    (t) => carriesDescriptions(t, answerTo),
    { name: 'answer' },
  ),
  check('relay.from', 'the sender, whichever member it is', stampsSenders, { name: 'senders' }),
  check('relay.from', 'the sender after a second join', stampsAfterRejoin, { name: 'rejoin' }),
  check('relay.from', 'the sender in a second room', stampsInSecondRoom, { name: 'rooms' }),
  ...relayTextChecks,
]

import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { apart, clip } from '../../observer/clip.ts'
import { announcedLimit, leaveRoom, seesLeave } from '../scene/membership.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { heirOfCustomCheck } from './heir.ts'
import { kindChecks } from './kinds.ts'
import { refusesCustom } from './refusal.ts'
import {
  customType,
  hear,
  hearAll,
  requireUnheard,
  say,
  saying,
  sayQuietly,
  stage,
  type Stage,
} from './stage.ts'

/** custom.one: with an `id` and without. */
async function reachesOne(t: CheckContext): Promise<void> {
  const { room, a, b, c, bare } = await stage(t)
  await saying(a, { room, to: b.peer, n: 1 }, 'a custom message to one member')
  sayQuietly(a, { room, to: b.peer, n: 2 })
  for (const n of [1, 2]) {
    const { message, text } = await hear(b, n, 'the delivery of a custom message to one member')
    if (message['from'] !== a.peer)
      throw new CheckFailure('the sender in from', `it was ${clip(JSON.stringify(message['from']))}`).shownBy(
        text,
      )
  }
  for (const other of [c, bare]) if (other) await t.barrier(a, other, room)
  await a.sync()
  requireUnheard([a, c, bare], [1, 2], 'a custom message to another one')
}

/** custom.all: those who are members when it is sent, whoever was there before. */
async function reachesWhoHasCome(t: CheckContext, { room, a, b, c }: Stage): Promise<void> {
  await leaveRoom(b, room)
  const late = await t.client()
  await t.join(room, late)
  await seesLeave(a, room, b)
  const what = 'a custom message to everybody after one member has left and another one has come'
  await saying(a, { room, n: 3 }, what)
  await hearAll([late, ...(c ? [c] : [])], 3, `the delivery of ${what}`)
  requireUnheard([late], [1, 2], 'a custom message to everybody to who has joined since')
  await b.sync()
  requireUnheard([b], [3], `${what}, to who has left`)
}

/** custom.all */
async function reachesAll(t: CheckContext): Promise<void> {
  const scene = await stage(t)
  const { room, a, b, c, bare } = scene
  await saying(a, { room, n: 1 }, 'a custom message to everybody')
  sayQuietly(a, { room, n: 2 })
  const others = [b, c].filter((member) => member !== undefined)
  for (const n of [1, 2]) await hearAll(others, n, 'the delivery of a custom message to everybody')
  if (bare) await t.barrier(a, bare, room)
  await a.sync()
  requireUnheard([bare], [1, 2], 'a custom message to a member for whom custom is not in force')
  requireUnheard([a], [1, 2], 'a custom message to its own sender')
  await reachesWhoHasCome(t, scene)
}

/** Members that Core gives a meaning in other messages, with values that it would refuse there. */
const foreign: Wire = {
  sdp: 7,
  call: 'not a call',
  negotiation: 'x',
  candidate: { usernameFragment: 5 },
  reason: null,
  data: [1, { two: ['☃', '\u0000', '😀'] }],
  members: 3,
  code: 'internal',
  fatal: true,
  peer: '',
  // Names with such a begin are private to many a store.
  _: 1,
  _id: { _: [] },
  'com.example.deep': { a: { b: [[], {}, '', 0.5, -1e21] } },
  // Decomposed, composed, and compatibility characters: equal only after a normalisation.
  'com.example.text': 'e\u0301 \u00e9 \u212b \ufb01',
  'com.example.names': { 'e\u0301': 1, '\u00e9': 2 },
}

/** The same, and others that only a server or another message has, with values of another kind. */
const otherwise: Wire = {
  call: 7,
  sdp: null,
  negotiation: 0,
  reason: [],
  token: 7,
  session: 'none',
  user: '',
  users: {},
  callee: 'x',
  caller: false,
  label: {},
  revision: -1,
  message: null,
  versions: [],
}

/** custom.unread: to one and to everybody. */
async function keepsEverything(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const all = [
    { ...foreign, room, to: b.peer, n: 1, id: 'x1' },
    { ...foreign, room, n: 2, id: 'x2' },
    { ...otherwise, room, to: b.peer, n: 3, id: 'x3' },
    { ...otherwise, room, n: 4, id: 'x4' },
  ]
  for (const message of all) {
    await saying(a, message, 'a custom message with members of every kind')
    const { message: arrived, text } = await hear(
      b,
      message.n,
      'the delivery of a custom message with members of every kind',
    )
    const { from: _from, ...rest } = arrived
    const sent: Wire = { type: customType, ...message }
    // A vendor's server may add members of its own; their names have a dot.
    const added = Object.keys(rest).filter((name) => !name.includes('.'))
    const names = [...new Set([...Object.keys(sent), ...added])]
    const changed = names.find((name) => !isDeepStrictEqual(sent[name], rest[name]))
    if (changed === undefined) continue
    const [expected, actual] = apart(sent[changed], rest[changed], 'absent')
    throw new CheckFailure(
      `${changed} of a custom message as it was sent, ${expected}`,
      `it was ${actual}`,
    ).shownBy(text)
  }
}

/** Messages of one check of the order. */
const manyMessages = 84

/** Those that are long: one to one member, and one to everybody, each with short ones behind it. */
const longOnes: ReadonlySet<number> = new Set([30, 61])

/** Characters of a long one. */
const longLength = 20_000

/** custom.order: what is for one, what is for everybody, and what is Core's, in turn. */
async function keepsOrder(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  // That they share another room, too, makes nothing come twice.
  if ((announcedLimit(t, 'roomsPerPeer') ?? 2) > 1) await t.join(t.room(), a, b)
  const keys: string[] = []
  for (let n = 0; n < manyMessages; n += 1) {
    const call = t.callId()
    keys.push(n % 3 === 2 ? call : String(n))
    const message = { room, n, ...(longOnes.has(n) ? { text: 'l'.repeat(longLength) } : {}) }
    if (n % 3 === 0) sayQuietly(a, { ...message, to: b.peer })
    else if (n % 3 === 1) sayQuietly(a, message)
    else a.send(hangupTo({ room, to: b.peer, call }))
  }
  await t.barrier(a, b, room)
  const arrived = b.log.flatMap(({ message }) => {
    const key = message['type'] === customType ? String(message['n']) : String(message['call'])
    return keys.includes(key) ? [key] : []
  })
  const place = keys.findIndex((key, index) => arrived[index] !== key)
  if (place < 0 && arrived.length === keys.length) {
    await equalMessagesAreMany(t, { room, a, b })
    return
  }
  const inWords = (key: string | undefined) => {
    if (key === undefined) return 'nothing'
    const index = keys.indexOf(key)
    const kind = ['a custom message to one', 'a custom message to everybody', 'a hangup'][index % 3] ?? ''
    const size = longOnes.has(index) ? `, of ${String(longLength)} characters` : ''
    return `${kind}${size}, sent as number ${String(index + 1)}`
  }
  const at = place < 0 ? keys.length : place
  const again = arrived.slice(0, at).includes(arrived[at] ?? '') ? ', once more' : ''
  throw new CheckFailure(
    `custom messages and relayed ones in the order sent, each once: as number ${String(at + 1)} ${inWords(keys[at])}`,
    `there came ${inWords(arrived[at])}${again}`,
  )
}

/** How often the same is said. */
const times = 3

/** custom.order: the same frame several times is as many messages; none has an id. */
async function equalMessagesAreMany(
  t: CheckContext,
  { room, a, b }: Pick<Stage, 'room' | 'a' | 'b'>,
): Promise<void> {
  const equal = [
    ['to one', { room, to: b.peer, n: manyMessages }],
    ['to everybody', { room, n: manyMessages + 1 }],
  ] as const
  for (const [, message] of equal) for (let turn = 0; turn < times; turn += 1) sayQuietly(a, message)
  await t.barrier(a, b, room)
  for (const [whom, { n }] of equal) {
    const got = b.log.filter(({ message }) => message['type'] === customType && message['n'] === n).length
    if (got !== times)
      throw new CheckFailure(
        `${String(times)} equal custom messages ${whom}, as many as were sent`,
        `${String(got)} came`,
      )
  }
}

/** capabilities.peer-unsupported */
async function unsupportedByReceiver(t: CheckContext): Promise<void> {
  const { membersPerRoom = Infinity } = t.target.welcome.limits
  const room = t.room()
  const [a, bare] = await Promise.all([t.client(), t.client({ capabilities: [] })])
  const b = membersPerRoom > 2 ? await t.client() : undefined
  await t.join(room, ...[a, bare, b].filter((member): member is Endpoint => member !== undefined))
  const what = 'a custom message to a member for whom custom is not in force'
  await refusesCustom(a, { room, to: bare.peer }, ['peer-unsupported'], what)
  if (b) {
    await saying(a, { room, to: b.peer, n: 9 }, 'the same to a member for whom it is')
    await hear(b, 9, 'the same to a member for whom it is')
  }
  await t.barrier(a, bare, room)
  requireUnheard([bare], [1, 2], what)
}

/** What breaks the envelope is refused, and the valid form goes on. */
async function refusesBadShape(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const faults: readonly (readonly [string, Wire])[] = [
    ['without room', { to: b.peer }],
    ['whose room is a number', { room: 7 }],
    ['whose room is empty', { room: '' }],
    ['whose room has 129 characters', { room: 'r'.repeat(129) }],
    ['whose to is a number', { room, to: 7 }],
    ['whose to is null', { room, to: null }],
    ['whose to has 15 characters', { room, to: 'a'.repeat(15) }],
    ['whose to has 65 characters', { room, to: 'a'.repeat(65) }],
    ['with from', { room, from: b.peer }],
    ['with ref', { room, ref: '1' }],
    ['with a name that begins with $', { room, $x: 1 }],
  ]
  for (const [fault, message] of faults) {
    const id = a.sendBroken({ type: customType, n: 1, ...message })
    const what = `a custom message ${fault}`
    const { type, code, text } = await a.outcome(id, { what: `bad-message for ${what}` })
    const also = 'to' in message ? 'peer-not-found' : 'room' in message ? 'not-in-room' : undefined
    if (code === 'bad-message' || (code !== undefined && code === also && !('from' in message))) continue
    const outcome = code === undefined ? type : `the error ${code}`
    throw new CheckFailure(`bad-message for ${what}`, `the outcome was ${outcome}`).shownBy(text)
  }
  await say(a, { room, to: b.peer, n: 2 }).outcome()
  await hear(b, 2, 'the valid custom message that follows')
  requireUnheard([b], [1], 'a malformed custom message')
}

/** frames.hop-members: where resume is not in force nothing has a number. */
async function refusesNumbers(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  for (const [name, value] of [
    ['seq', 1],
    ['ack', 1],
    ['seq', null],
    ['ack', 0],
  ] as const)
    for (const place of [{ room, to: b.peer }, { room }]) {
      const id = a.sendBroken({ type: customType, n: 1, ...place, [name]: value })
      const to = 'to' in place ? 'to one' : 'to everybody'
      const what = `a custom message ${to} with ${name} ${JSON.stringify(value)}`
      await expectRefusal(a, id, ['bad-message'], what)
    }
  await t.barrier(a, b, room)
  requireUnheard([b], [1], 'a custom message with seq or ack')
}

/** Checks of spec/custom.md: what is carried. */
export const customChecks: readonly Check[] = [
  check('custom.one', 'a message of an application to one member', reachesOne, { capability: 'custom' }),
  check('custom.all', 'a message of an application to everybody', reachesAll, { capability: 'custom' }),
  check('custom.unread', 'members of every kind', keepsEverything, { capability: 'custom' }),
  ...kindChecks,
  heirOfCustomCheck,
  check('custom.order', 'messages to one, to everybody and of Core in turn', keepsOrder, {
    capability: 'custom',
  }),
  check('capabilities.peer-unsupported', 'a receiver that has not asked for custom', unsupportedByReceiver, {
    capability: 'custom',
  }),
  check('frames.hop-members', 'members of one hop in messages of an application', refusesNumbers, {
    name: 'custom',
    capability: 'custom',
    hostile: true,
  }),
  check('frames.bad-shape', 'the envelope of a message of an application', refusesBadShape, {
    name: 'custom',
    capability: 'custom',
    hostile: true,
  }),
]

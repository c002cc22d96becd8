import type { Hello } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Outcome } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { atOnce } from '../scene/at-once.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { postRefused, toldWithoutId, type RefusedMessage } from '../scene/refused-message.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import { unspokenVersion } from '../scene/version.ts'

async function hello(t: CheckContext, versions: readonly number[], expected?: string): Promise<Outcome> {
  const a = await t.open()
  return a.post({ type: 'hello', versions: [...versions] }).outcome(expected)
}

/** A hello whose list must lead to version 1. */
async function expectVersionOne(t: CheckContext, versions: readonly number[]): Promise<void> {
  const expected = `welcome with version 1 for hello with versions ${clip(JSON.stringify(versions))}`
  const { type, code, message } = await hello(t, versions, expected)
  if (type !== 'welcome')
    throw new CheckFailure(expected, `the outcome was ${code === undefined ? type : `the error ${code}`}`)
  if (message['version'] !== 1)
    throw new CheckFailure(expected, `welcome says version ${JSON.stringify(message['version'])}`)
}

/** Integers that have no room in 32 bits, in 64 bits with a sign, in 64 bits: each, as it is written, is exactly a double. */
const largeVersions = [2 ** 32 + 2, 1e19, 1e20, 1e22]

/** Versions that this kit does not know may be spoken: then the same highest one comes whatever the order of the list. */
async function sameInAnyOrder(t: CheckContext): Promise<void> {
  const lists = [
    [1, 2, 3],
    [3, 2, 1],
    [2, 1, 3, 2],
  ]
  const answers: unknown[] = []
  for (const versions of lists) {
    const { type, code, message } = await hello(t, versions)
    const what = `welcome with one of the versions ${JSON.stringify(versions)}`
    if (type !== 'welcome')
      throw new CheckFailure(what, `the outcome was ${code === undefined ? type : `the error ${code}`}`)
    if (!versions.includes(Number(message['version']))) {
      throw new CheckFailure(what, `welcome says version ${JSON.stringify(message['version'])}`)
    }
    answers.push(message['version'])
  }
  if (new Set(answers).size > 1) {
    throw new CheckFailure(
      'the same version whatever the order of hello.versions',
      `they were ${answers.join(', ')}`,
    )
  }
}

/** A hello without a version in common: refused, or answered with a version that it did list. */
async function refusesVersions(t: CheckContext, versions: readonly number[], id?: string): Promise<void> {
  const a = await t.open()
  a.send({ type: 'hello', versions: [...versions], ...(id === undefined ? {} : { id }) })
  const what = `the fatal error unsupported-version for hello with versions ${JSON.stringify(versions)}`
  const { message } = await a.waitFor(({ message: { type } }) => type === 'error' || type === 'welcome', what)
  // Whoever speaks a version that this kit does not know says so; nobody speaks the greatest integer there is.
  if (
    message['type'] === 'welcome' &&
    versions.includes(Number(message['version'])) &&
    message['version'] !== unspokenVersion
  )
    return
  if (message['type'] === 'welcome') {
    throw new CheckFailure(what, `welcome came with version ${JSON.stringify(message['version'])}`)
  }
  if (message['code'] !== 'unsupported-version')
    throw new CheckFailure(what, `the error was ${String(message['code'])}`)
  if (message['fatal'] !== true) throw new CheckFailure(what, 'it came with fatal false')
}

/** Checks of spec/versions.md, section Versions. */
export const versionChecks: readonly Check[] = [
  check('versions.highest', 'version 1 alone', (t) => expectVersionOne(t, [1]), { name: 'alone' }),
  check(
    'versions.highest',
    'versions that the server does not know are passed over',
    async (t) => {
      await expectVersionOne(t, [1, unspokenVersion])
      await expectVersionOne(t, [unspokenVersion, 1, unspokenVersion - 1])
      await expectVersionOne(t, [1, 1])
      for (const version of largeVersions) await expectVersionOne(t, [version, 1, version])
      const many = Array.from({ length: 60 }, (_, index) => unspokenVersion - index)
      await expectVersionOne(t, [...many, 1])
    },
    { name: 'passed-over' },
  ),
  check('versions.highest', 'the order of the list says nothing', sameInAnyOrder, { name: 'order' }),
  check('versions.none-in-common', 'a hello without a version in common', async (t) => {
    for (const versions of [[unspokenVersion], [unspokenVersion - 1, unspokenVersion]])
      await refusesVersions(t, versions, 'h')
    await refusesVersions(t, [unspokenVersion])
    // The control: with version 1 in its place it is accepted.
    await expectVersionOne(t, [1])
  }),
  check(
    'versions.none-in-common',
    'a version is not taken for another',
    async (t) => {
      // Equal to 1 where somebody reads 8, 16 or 32 bits, or the first digit.
      for (const version of [257, 65_537, 4_294_967_297, 10, 11]) await refusesVersions(t, [version], 'h')
      await expectVersionOne(t, [1])
    },
    { name: 'look-alikes' },
  ),
]

/** Capabilities that no server has, with parameters of every kind. */
function unknownCapabilities(t: CheckContext): NonNullable<Hello['capabilities']> {
  const domain = `com.example.k${t.random.hex(8)}`
  return {
    [domain]: {
      depth: 2,
      list: [1, 'two', null, { three: [3] }],
      text: '☃ "quoted" \\ \u0000',
      nothing: null,
      '': true,
    },
    [`${domain}.empty`]: {},
    [`${domain}.deep`]: { a: { b: { c: { d: { e: { f: { g: {} } } } } } } },
    [`${domain}.proto`]: JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}',
    ) as object,
    [`${domain}.Upper_Case-1`]: { type: 'hello', id: 'x', from: 'y', ref: 'z' },
    [`k${t.random.hex(8)}-k${t.random.hex(4)}`]: { version: 1 },
    constructor: {},
  } as NonNullable<Hello['capabilities']>
}

async function ignoresUnknown(t: CheckContext): Promise<void> {
  const capabilities = unknownCapabilities(t)
  // Each alone first: so it is told which is refused.
  const each = Object.entries(capabilities)
  await atOnce(each, each.length, async ([name, parameters]) => {
    const b = await t.open()
    const alone = b.post({ type: 'hello', versions: [1], capabilities: { [name]: parameters } })
    await expectAccepted(
      alone,
      'welcome',
      `a hello with the unknown capability ${name}: ${clip(JSON.stringify(parameters))}`,
    )
  })
  const a = await t.open()
  const what = 'a hello that names capabilities which nobody knows'
  const { message } = await expectAccepted(
    a.post({ type: 'hello', versions: [1], capabilities }),
    'welcome',
    what,
  )
  const named = Object.keys(message['capabilities'] ?? {})
  if (named.length > 0)
    throw new CheckFailure(`welcome without unknown capabilities`, `it names ${named.join(', ')}`)
  const full = await t.client({ hello: { capabilities } })
  const [room, b] = [t.room(), await t.client()]
  await t.join(room, full, b)
  await t.barrier(full, b, room)
}

async function namesOnlyNamed(t: CheckContext): Promise<void> {
  const domain = `com.example.k${t.random.hex(8)}`
  for (const capabilities of [undefined, {}, { [domain]: {} }]) {
    const a = await t.client({ anonymous: true, hello: capabilities ? { capabilities } : {} })
    const named = Object.keys(a.welcome['capabilities'] ?? {})
    const asked = Object.keys(capabilities ?? {})
    const extra = named.filter((name) => !asked.includes(name))
    if (extra.length === 0) continue
    const hello = asked.length > 0 ? `hello that names only ${asked.join(', ')}` : 'hello that names none'
    throw new CheckFailure(`no other capability in the welcome to a ${hello}`, `it names ${extra.join(', ')}`)
  }
}

/** Messages of capabilities: the one that the specification shows, and one for each other name that it keeps. */
function messagesOfCapabilities(room: string, to: string, call: string): Readonly<Record<string, Wire>> {
  return {
    discovery: { type: 'find', rooms: true, prefix: 'team/' },
    'a vendor': { type: 'com.example.mute', room, to, call, muted: true },
    'another vendor': { type: 'com.example.raise-hand', room },
  }
}

async function refusesNotInForce(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const what = (owner: string) => `a message of a capability that is not in force (${owner})`
  for (const [owner, message] of Object.entries(messagesOfCapabilities(room, b.peer, t.callId()))) {
    const refused: RefusedMessage = { what: what(owner), message, codes: ['unsupported-type'], broken: true }
    await expectRefusal(a, postRefused(a, refused), refused.codes, refused.what)
    const code = await toldWithoutId(a, refused)
    if (code !== 'unsupported-type')
      throw new CheckFailure(`unsupported-type for ${refused.what}, without id`, `the error was ${code}`)
  }
  const place = { room, to: b.peer, call: t.callId() }
  await expectAccepted(a.post(hangupTo(place)), 'ok', 'a message of Core after them')
  await b.expect('hangup', ({ call }) => call === place.call, 'a message of Core after them')
  const leaked = b.log.find(
    ({ message: { type } }) => type === 'com.example.mute' || type === 'com.example.raise-hand',
  )
  if (leaked) throw new CheckFailure(`no delivery of ${what('a vendor')}`, `${clip(leaked.text)} came`)
}

/** What a bare hello gets is Core, whoever else is in the room and whatever that one asked for. */
async function onlyCore(t: CheckContext): Promise<void> {
  const capabilities = { [`com.example.k${t.random.hex(8)}`]: {} }
  const [a, b] = await Promise.all([t.client(), t.client({ hello: { capabilities } })])
  const room = t.room()
  await t.join(room, b, a)
  b.send({ type: 'update', room, data: 1 })
  await t.barrier(b, a, room)
  await t.barrier(a, b, room)
  b.send({ type: 'leave', room })
  await a.expect('peer-left', ({ peer }) => peer === b.peer, 'peer-left')
  await a.sync()
  const core = new Set([
    'welcome',
    'authenticated',
    'pong',
    'ok',
    'error',
    'joined',
    'left',
    'peer-joined',
    'peer-updated',
    'peer-left',
  ])
  const relayed = new Set(['offer', 'answer', 'candidate', 'hangup'])
  for (const { message, text } of [...a.log, ...b.log]) {
    const type = String(message['type'])
    if (core.has(type) || relayed.has(type)) continue
    throw new CheckFailure('only messages of Core where no capability is in force', `${clip(text)} came`)
  }
}

/** Checks of spec/versions.md, section Capabilities. */
export const capabilityChecks: readonly Check[] = [
  check('capabilities.only-named', 'welcome names no capability that hello did not name', namesOnlyNamed),
  check('capabilities.unknown-ignored', 'capabilities that nobody knows', ignoresUnknown),
  check('capabilities.core-only', 'a room in which one peer asked for capabilities', onlyCore),
  check('capabilities.not-in-force', 'messages of capabilities that are not in force', refusesNotInForce, {
    hostile: true,
  }),
]

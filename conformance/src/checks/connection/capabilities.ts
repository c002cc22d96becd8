import { capabilityNames, capabilityOf, messages, type CapabilityName, type Hello } from '@parley/schemas'
import { inForceOn } from '../../engine/arrival.ts'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { atOnce } from '../scene/at-once.ts'
import { clientTypes, sampleOf } from '../scene/client-sample.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { postRefused, toldWithoutId, type RefusedMessage } from '../scene/refused-message.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'

/** Names that the specification keeps for capabilities of its own, those that it does not describe yet included. */
const keptNames = ['calls', 'discovery', 'ice-servers', 'resume', 'drain', 'custom'] as const

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
  const c = await t.open()
  const many = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`com.example.n${String(index)}`, {}]),
  )
  const naming = c.post({ type: 'hello', versions: [1], capabilities: many })
  await expectAccepted(naming, 'welcome', 'a hello with 300 capabilities that nobody knows')
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

/** Whoever names a capability that the specification keeps is welcomed, whether the server has it or has never heard of it. */
async function acceptsKeptNames(t: CheckContext): Promise<void> {
  await atOnce(keptNames, keptNames.length, async (name) => {
    for (const parameters of [{}, { 'com.example.depth': { list: [1, null] } }]) {
      const a = await t.open()
      const what = `a hello that names the capability ${name}: ${JSON.stringify(parameters)}`
      const hello = a.post({ type: 'hello', versions: [1], capabilities: { [name]: parameters } })
      await expectAccepted(hello, 'welcome', what)
    }
  })
}

async function namesOnlyNamed(t: CheckContext): Promise<void> {
  const domain = `com.example.k${t.random.hex(8)}`
  const each = capabilityNames.map((name) => ({ [name]: {} }))
  for (const capabilities of [undefined, {}, { [domain]: {} }, ...each]) {
    const a = await t.client({ anonymous: true, hello: capabilities ? { capabilities } : {} })
    const named = Object.keys(a.welcome['capabilities'] ?? {})
    const asked = Object.keys(capabilities ?? {})
    const extra = named.filter((name) => !asked.includes(name))
    if (extra.length === 0) continue
    const hello = asked.length > 0 ? `hello that names only ${asked.join(', ')}` : 'hello that names none'
    throw new CheckFailure(`no other capability in the welcome to a ${hello}`, `it names ${extra.join(', ')}`)
  }
}

/** The parameters of each capability, as its own schema has them. */
async function hasParameters(t: CheckContext): Promise<void> {
  const { names } = t.target.offered
  if (names.size === 0) t.notApplicable('The server offers no capability')
  for (const name of names) {
    const { log, welcome } = await t.client({ anonymous: true, capabilities: [name] })
    const invalid = t.judge.server(welcome)
    if (invalid === undefined) continue
    throw new CheckFailure(
      `a welcome that its schema accepts, for a hello that names ${name}`,
      `${invalid} (capabilities: ${clip(JSON.stringify(welcome['capabilities']))})`,
    ).shownBy(log[0]?.text ?? '')
  }
}

/** A message of a capability, and whose it is. */
interface Owned extends Pick<RefusedMessage, 'message'> {
  readonly owner: string
}

/** Messages of capabilities that are not in force: one of each type that clients send, and some of nobody that the kit knows. */
function messagesBeyond(
  inForce: readonly string[],
  room: string,
  { peer }: Endpoint,
  call: string,
): readonly Owned[] {
  const known = clientTypes.flatMap((type): Owned[] => {
    const owner = capabilityOf(type)
    if (owner === undefined || inForce.includes(owner)) return []
    return [{ owner, message: { ...sampleOf(type, { room, to: peer, call, token: '' }) } }]
  })
  const strangers: readonly Owned[] = [
    { owner: 'discovery', message: { type: 'find', rooms: true, prefix: 'team/' } },
    { owner: 'a vendor', message: { type: 'com.example.mute', room, to: peer, call, muted: true } },
    { owner: 'another vendor', message: { type: 'com.example.raise-hand', room } },
  ]
  const mayBeKnown = strangers.filter(
    ({ owner, message }) =>
      !inForce.includes(owner.endsWith('vendor') ? 'custom' : owner) &&
      !known.some((other) => other.message['type'] === message['type']),
  )
  return [...known, ...mayBeKnown]
}

/** A member `seq` or `ack` is refused, too, where `resume` is not in force (frames.hop-members), and no error goes before another. */
function codesFor(message: Wire): RefusedMessage['codes'] {
  return 'seq' in message || 'ack' in message ? ['unsupported-type', 'bad-message'] : ['unsupported-type']
}

async function refusesBeyond(
  t: CheckContext,
  room: string,
  a: Endpoint,
  b: Endpoint,
  where: string,
): Promise<void> {
  const what = (owner: string) => `a message of a capability that is not in force (${owner})${where}`
  const beyond = messagesBeyond(inForceOn(a), room, b, t.callId())
  const allRefused = beyond.map(({ owner, message }): RefusedMessage => {
    return { what: what(owner), message, codes: codesFor(message), broken: true }
  })
  await Promise.all(
    allRefused.map((refused) => expectRefusal(a, postRefused(a, refused), refused.codes, refused.what)),
  )
  for (const refused of allRefused) {
    const code = await toldWithoutId(a, refused)
    if (!refused.codes.some((each) => each === code))
      throw new CheckFailure(
        `${refused.codes.join(' or ')} for ${refused.what}, without id`,
        `the error was ${code}`,
      )
  }
  const place = { room, to: b.peer, call: t.callId() }
  await expectAccepted(a.post(hangupTo(place)), 'ok', 'a message of Core after them')
  await b.expect('hangup', ({ call }) => call === place.call, 'a message of Core after them')
  const leaked = b.log.find(({ message: { type } }) => beyond.some(({ message }) => message['type'] === type))
  if (!leaked) return
  const owner = beyond.find(({ message }) => message['type'] === leaked.message['type'])?.owner ?? ''
  throw new CheckFailure(`no delivery of ${what(owner)}`, `${clip(leaked.text)} came`)
}

async function refusesNotInForce(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  await refusesBeyond(t, room, a, b, '')
}

/** That one capability is in force says nothing of the others. */
async function refusesBesideAnother(t: CheckContext): Promise<void> {
  const { names } = t.target.offered
  if (names.size === 0) t.notApplicable('The server offers no capability')
  for (const name of names) {
    const capabilities: readonly CapabilityName[] = [name]
    const room = t.room()
    const [a, b] = await Promise.all([t.client({ capabilities }), t.client({ capabilities })])
    await t.join(room, a, b)
    await refusesBeyond(t, room, a, b, `, where ${name} is`)
  }
}

/** Every type of Core that a client receives. */
const coreTypes: ReadonlySet<string> = new Set(
  messages.flatMap(({ type, direction, capability }) =>
    direction === 'client' || capability !== undefined ? [] : [type],
  ),
)

/** What a bare hello gets is Core, whoever else is in the room and whatever that one asked for. */
async function onlyCore(t: CheckContext): Promise<void> {
  const names = [`com.example.k${t.random.hex(8)}`, ...capabilityNames]
  const capabilities = Object.fromEntries(names.map((name) => [name, {}]))
  const [a, b] = await Promise.all([t.client(), t.client({ hello: { capabilities } })])
  const room = t.room()
  await t.join(room, b, a)
  b.send({ type: 'update', room, data: 1 })
  await t.barrier(b, a, room)
  await t.barrier(a, b, room)
  b.send({ type: 'leave', room })
  await a.expect('peer-left', ({ peer }) => peer === b.peer, 'peer-left')
  await a.sync()
  const inForce = new Set<string | undefined>(inForceOn(b))
  const mayCome = (to: Endpoint, type: string) =>
    coreTypes.has(type) || (to === b && inForce.has(capabilityOf(type)))
  for (const to of [a, b]) {
    const wrong = to.log.find(({ message }) => !mayCome(to, String(message['type'])))
    if (!wrong) continue
    const { text } = wrong
    throw new CheckFailure('only messages of Core where no capability is in force', `${clip(text)} came`)
  }
}

/** Checks of spec/versions.md, section Capabilities. */
export const capabilityChecks: readonly Check[] = [
  check('capabilities.only-named', 'welcome names no capability that hello did not name', namesOnlyNamed),
  check('capabilities.unknown-ignored', 'capabilities that nobody knows', ignoresUnknown),
  check('capabilities.unknown-ignored', 'names that the specification keeps', acceptsKeptNames, {
    name: 'kept',
  }),
  check('capabilities.core-only', 'a room in which one peer asked for capabilities', onlyCore),
  check('capabilities.not-in-force', 'messages of capabilities that are not in force', refusesNotInForce, {
    lengthy: true,
    hostile: true,
  }),
  check('capabilities.not-in-force', 'the same where another capability is in force', refusesBesideAnother, {
    name: 'beside-another',
    lengthy: true,
    hostile: true,
  }),
  check('frames.shape', 'the parameters of each capability', hasParameters, { name: 'parameters' }),
]

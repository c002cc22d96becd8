import { capabilityNames, capabilityOf, messages, type CapabilityName } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { isRelayed } from '../../observer/relayed.ts'
import { expectAllRefused, quoted, refusedMessage } from '../scene/answer.ts'
import { clientTypes, roomTypes, sampleOf } from '../scene/client-sample.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { relayedTypes } from '../scene/stream.ts'
import { tokenIfNeeded } from '../scene/token.ts'

/** Texts without an `id` are refused, while the connection goes on. */
async function refusesTexts(t: CheckContext, texts: readonly string[]): Promise<void> {
  const a = await t.client()
  await expectAllRefused(
    a,
    texts.map((text) => ({ what: quoted(text), text, codes: ['bad-message'] })),
    { again: () => t.client() },
  )
  // The control: what these texts spoil is answered on the same connection.
  await a.sync()
}

/** Objects are refused with a code, while a plain ping is answered. */
async function refusesObjects(
  t: CheckContext,
  codes: string | readonly string[],
  objects: readonly Wire[],
): Promise<void> {
  const a = await t.client()
  await expectAllRefused(
    a,
    objects.map((object) => refusedMessage(a, quoted(JSON.stringify(object)), [codes].flat(), object)),
    { again: () => t.client() },
  )
  await a.sync()
}

/** Forbidden names that are tried in `hello` and `auth`, each on a connection of its own: more than one requirement has. */
const forbiddenAtOpening = 2

/** A forbidden member, with the values to try in it. */
type Forbidden = (
  t: CheckContext,
  a: Endpoint,
  b: Endpoint,
) => readonly (readonly [member: string, value: unknown])[]

/** Each relayed message with a forbidden member is refused and not delivered; without it, it is delivered. */
async function refusesRelayed(t: CheckContext, forbidden: Forbidden): Promise<void> {
  const { room, a, b } = await t.pair()
  const suspects = new Set<string>()
  const frames = relayedTypes.flatMap((type) =>
    forbidden(t, a, b).map(([member, value]) => {
      const call = t.callId()
      suspects.add(call)
      const sample = sampleOf(type, { room, to: b.peer, call, token: '' })
      return refusedMessage(a, `${indefinite(type)} with ${member} ${inWords(value)}`, ['bad-message'], {
        ...sample,
        [member]: value,
      })
    }),
  )
  await expectAllRefused(a, frames)
  for (const type of relayedTypes) {
    const call = t.callId()
    a.send(sampleOf(type, { room, to: b.peer, call, token: '' }))
    await b.waitFor(({ message }) => message['call'] === call, `the ${type} without the forbidden member`)
  }
  const leaked = b.log.find(
    ({ message }) => isRelayed(String(message['type'])) && suspects.has(String(message['call'])),
  )
  if (leaked)
    throw new CheckFailure('no delivery of what is refused', `it was delivered: ${leaked.text.slice(0, 120)}`)
}

/** Each message to the server with a forbidden member is refused; without it, it is accepted. */
async function refusesOwn(t: CheckContext, forbidden: Forbidden): Promise<void> {
  const { room, a, b } = await t.pair()
  const types = ['ping', 'bye', ...roomTypes] as const
  const frames = types.flatMap((type) =>
    forbidden(t, a, b).map(([member, value]) => {
      const sample = sampleOf(type, { room, to: b.peer, call: t.callId(), token: '' })
      const codes = type === 'join' ? ['bad-message', 'rate-limited'] : ['bad-message']
      return refusedMessage(a, `${indefinite(type)} with ${member} ${inWords(value)}`, codes, {
        ...sample,
        [member]: value,
      })
    }),
  )
  await expectAllRefused(a, frames, { again: () => t.client() })
  await refusesOpening(t, forbidden)
  await a.sync()
  const left = await a.request({ type: 'leave', room })
  if (left.type !== 'left')
    throw new CheckFailure('left for a leave without the forbidden member', `the answer was ${left.type}`)
}

/** The capabilities that bring messages of clients. */
const speaking = capabilityNames.filter((name) => clientTypes.some((type) => capabilityOf(type) === name))

/** Each message of a capability with a forbidden member is refused. */
async function refusesOfCapability(
  t: CheckContext,
  capability: CapabilityName,
  forbidden: Forbidden,
): Promise<void> {
  const { room, a, b } = await t.pair()
  const types = clientTypes.filter((type) => capabilityOf(type) === capability)
  const frames = types.flatMap((type) =>
    forbidden(t, a, b).map(([member, value]) => {
      const sample = sampleOf(type, { room, to: b.peer, call: t.callId(), token: '' })
      const what = `${indefinite(type)} with ${member} ${inWords(value)}`
      return refusedMessage(a, what, ['bad-message'], { ...sample, [member]: value })
    }),
  )
  await expectAllRefused(a, frames, { again: () => t.client() })
  await a.sync()
}

/** The same in `hello` and `auth`. A refused first frame may get the fatal `hello-required` instead. */
async function refusesOpening(t: CheckContext, forbidden: Forbidden): Promise<void> {
  const setting = { room: '', to: '', call: '', token: await tokenIfNeeded(t) }
  const first = await t.open()
  const byMember = new Map(forbidden(t, first, first).toReversed())
  const members = [...byMember].toReversed().slice(0, forbiddenAtOpening)
  await Promise.all(
    members.map(async ([member, value], place) => {
      const a = place === 0 ? first : await t.open()
      const withMember = (type: 'hello' | 'auth', codes: readonly string[]) =>
        refusedMessage(a, `${indefinite(type)} with ${member} ${inWords(value)}`, codes, {
          ...sampleOf(type, setting),
          [member]: value,
        })
      await expectAllRefused(a, [withMember('hello', ['bad-message', 'hello-required'])])
      if (!t.target.needsAuth || a.all('error', ({ fatal }) => fatal).length > 0) return
      a.send({ type: 'hello', versions: [1] })
      await a.expect('welcome', undefined, 'welcome for a hello without the forbidden member')
      await expectAllRefused(a, [withMember('auth', ['bad-message', 'rate-limited'])])
    }),
  )
}

function inWords(value: unknown): string {
  return JSON.stringify(value)
}

/** Texts that no JSON parser may take, none of them with an `id`. */
const malformed = [
  '{"type":"ping"',
  '',
  ' ',
  '{"type":"ping"}}',
  '{"type":"ping"}{"type":"ping"}',
  '{"type":"ping"}\n{"type":"ping"}',
  '\ufeff{"type":"ping"}',
  '{"type":"ping",}',
  '{"type":"ping"};',
  "{'type':'ping'}",
  '{type:"ping"}',
  '{"type":"ping","x":NaN}',
  '{"type":"ping","x":-Infinity}',
  '{"type":"ping","x":01}',
  '{"type":"ping","x":.5}',
  '{"type":"ping","x":0x10}',
  '{"type":"ping","x":"\\x41"}',
  '{"type":"ping","x":"a\tb"}',
  '{"type":"ping"} // a comment',
  '{"type":"ping","x":True}',
  'ping',
]

/** Types that only servers send, and how these are told from a client's. */
const serverOnly = messages.flatMap(({ type, direction }) => (direction === 'server' ? [type] : []))

const strangeTypes = [
  'com.example.mute',
  'nonsense',
  'Ping',
  'PING',
  'ping ',
  ' ping',
  'pin',
  'pings',
  'pi\u0000ng',
  'ping\u0000',
  'ping\u0000x',
  '',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  '0',
  '🦜',
  'x'.repeat(1000),
  'y'.repeat(60_000),
]

/** What applies to a type that only servers send. */
const typesOfServers = ['unsupported-type', 'bad-message', 'unexpected-message']

async function refusesUnknownRelay(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const types = ['com.example.shout', 'Offer', 'description', 'data', 'joined', 'peer-left', 'error']
  const frames = types.map((type) => {
    const place = { type, to: b.peer, room, call: t.callId(), negotiation: 1, sdp: '' }
    const codes = (serverOnly as readonly string[]).includes(type) ? typesOfServers : ['unsupported-type']
    return refusedMessage(a, `a relayed message of type ${JSON.stringify(type)}`, codes, place)
  })
  const since = b.log.length
  await expectAllRefused(a, frames)
  await t.barrier(a, b, room)
  const leaked = b.log.slice(since).find(({ message }) => message['type'] !== 'hangup' && 'call' in message)
  if (leaked)
    throw new CheckFailure(
      'no delivery of a type that is not known',
      `it was delivered: ${leaked.text.slice(0, 120)}`,
    )
}

/** Makes the checks of one forbidden member: in relayed messages, in messages to the server, and in those of each capability. */
function forbids(requirement: Parameters<typeof check>[0], title: string, forbidden: Forbidden): Check[] {
  return [
    check(requirement, `${title} in relayed messages`, (t) => refusesRelayed(t, forbidden), {
      name: 'relayed',
      hostile: true,
    }),
    check(requirement, `${title} in messages to the server`, (t) => refusesOwn(t, forbidden), {
      name: 'own',
      hostile: true,
    }),
    ...speaking
      .filter((capability) => maySpeak(requirement, capability))
      .map((capability) =>
        check(
          requirement,
          `${title} in messages of ${capability}`,
          (t) => refusesOfCapability(t, capability, forbidden),
          { name: capability, capability, hostile: true },
        ),
      ),
  ]
}

/** What numbers messages is forbidden unless `resume` is in force: [seq.missing] says what is then. */
function maySpeak(requirement: Parameters<typeof check>[0], capability: CapabilityName): boolean {
  return requirement !== 'frames.hop-members' || capability !== 'resume'
}

/** Checks of spec/frames.md: what is refused, apart from the shape of each message. */
export const refusalChecks: readonly Check[] = [
  check('frames.not-object', 'text that is not JSON', (t) => refusesTexts(t, malformed), {
    name: 'malformed',
    hostile: true,
  }),
  check(
    'frames.not-object',
    'a JSON array',
    (t) => refusesTexts(t, ['[]', '[{"type":"ping"}]', '["ping"]', '[[]]']),
    { name: 'array', hostile: true },
  ),
  check(
    'frames.not-object',
    'a JSON string, number or literal',
    (t) =>
      refusesTexts(t, ['null', 'true', 'false', '0', '-1.5e3', '""', '"ping"', '"{\\"type\\":\\"ping\\"}"']),
    { name: 'scalar', hostile: true },
  ),
  check(
    'frames.no-type',
    'objects without a string type',
    (t) =>
      refusesObjects(t, 'bad-message', [
        {},
        { type: null },
        { type: 7 },
        { type: true },
        { type: ['ping'] },
        { type: { type: 'ping' } },
        { Type: 'ping' },
        { TYPE: 'ping' },
        { 'type ': 'ping' },
        { message: { type: 'ping' } },
      ]),
    { hostile: true },
  ),
  ...forbids('frames.forged-from', 'a forged sender', (t, a, b) => [
    ['from', b.peer],
    ['from', a.peer],
    ['from', t.strangerId()],
    ['from', ''],
    ['from', null],
    ['from', 7],
  ]),
  ...forbids('frames.forged-ref', 'a forged ref', (_t, a) => [
    ['ref', 'x'],
    ['ref', a.nextId()],
    ['ref', ''],
    ['ref', null],
    ['ref', 7],
  ]),
  ...forbids('frames.hop-members', 'members of one hop', () => [
    ['seq', 1],
    ['ack', 1],
    ['seq', 0],
    ['ack', 0],
    ['seq', null],
    ['ack', null],
    ['seq', 'x'],
  ]),
  ...forbids('frames.dollar-name', 'names that begin with $', () => [
    ['$', 1],
    ['$critical', true],
    ['$x', null],
    ['$ref', '#'],
    ['$com.example.mute', {}],
    ['$$', []],
  ]),
  check(
    'frames.unknown-type',
    'types that nobody knows',
    (t) =>
      refusesObjects(
        t,
        'unsupported-type',
        strangeTypes.map((type) => ({ type })),
      ),
    { name: 'strange', hostile: true },
  ),
  check(
    'frames.unknown-type',
    'types that only servers send',
    (t) =>
      refusesObjects(
        t,
        typesOfServers,
        serverOnly.map((type) => ({ type })),
      ),
    { name: 'server-only', hostile: true },
  ),
  check('frames.unknown-type', 'relayed messages of other types reach nobody', refusesUnknownRelay, {
    name: 'relayed',
    hostile: true,
  }),
]

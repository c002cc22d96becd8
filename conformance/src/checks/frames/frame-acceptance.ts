import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { carry, withMembers, type Letter } from '../scene/carriage.ts'
import { coreTypes, sampleOf } from '../scene/client-sample.ts'
import { differenceOf, missingFrom } from '../scene/json-value.ts'
import { needsRooms } from '../scene/membership.ts'
import { nestingChecks } from './frame-nesting.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { keepsNestedNamesApart } from './nested-name.ts'
import { acceptsSpelling, expectOutcome, pick, type NamedSpelling } from './spelling.ts'
import { relayedTypes } from '../scene/stream.ts'

const unknownMembers =
  '"com.example.mute":{"a":[1,null,{}],"$b":1},"extra":"x","future":null,"":0,"__proto__":{"type":"bye"},"constructor":"c","toString":null,' +
  '"From":"f","REF":"r","Seq":1,"ACK":2,"x$":true,"é":"e","0":0,"user":"nobody","peer":"nobody","session":"nobody","grants":[],"fatal":true'

/** Members that would matter in a message of another type. */
const misplacedMembers =
  '"versions":[],"capabilities":5,"replaces":"","agent":null,"method":7,"token":null,"members":7,"self":null,"revision":"x","code":"internal",' +
  '"retryAfterMs":-1,"expiresInMs":0,"limits":{}'

function parsed(members: string): Wire {
  return JSON.parse(`{${members}}`) as Wire
}

function without(message: Wire, members: string): string {
  const added = Object.entries(parsed(members)).filter(([name]) => !Object.hasOwn(message, name))
  return added.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')
}

const withUnknown: readonly NamedSpelling[] = [
  {
    what: 'with members that nobody knows',
    spell: (message) => withMembers(message, unknownMembers),
    members: parsed(unknownMembers),
  },
  {
    what: 'with members of other types',
    spell: (message) => withMembers(message, without(message, misplacedMembers)),
    members: parsed(misplacedMembers),
  },
  {
    what: 'with members that nobody knows before its own',
    spell: (message) => `{${unknownMembers},${JSON.stringify(message).slice(1)}`,
    members: parsed(unknownMembers),
  },
]

/** An unknown member changes nothing of what the known ones do. */
async function actsAsIfAbsent(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const members =
    '"Room":"elsewhere","ROOM":7,"Data":9,"DATA":9,"member":{"data":9},"user":"nobody","peer":"nobody","muted":true'
  const say = (message: Wire) =>
    expectOutcome(
      a,
      { ...message, id: a.nextId() },
      (each) => withMembers(each, members),
      'with unknown members',
    )
  await say({ type: 'update', room, data: 1 })
  await say({ type: 'join', room })
  await t.barrier(a, b, room)
  const shown = b.all('peer-updated', ({ member }) => member.peer === a.peer).at(-1)?.member
  if (!shown)
    throw new CheckFailure('peer-updated with data 1', 'there was none before a later message of its sender')
  const difference = differenceOf(1, shown.data, 'data')
  if (difference !== undefined) throw new CheckFailure('unknown members to change nothing', difference)
  const [joined] = await t.join(room, b)
  const member = joined?.members.find(({ peer }) => peer === a.peer)
  const kept = differenceOf(1, member?.data, 'data')
  if (kept !== undefined) throw new CheckFailure('unknown members of a join to change nothing', kept)
}

/** Names are what they are: another case, or another normal form, is another name. */
async function keepsNamesApart(t: CheckContext): Promise<void> {
  const a = await t.client()
  const room = t.room()
  const decoys = `"Type":"bye","TYPE":"leave","Id":"decoy","ID":"decoy","Room":"decoy","ROOM":"decoy","Data":9,"From":"x","Ref":"x","SEQ":1`
  for (const message of [
    { type: 'ping' },
    { type: 'join', room, data: 1 },
    { type: 'update', room, data: 2 },
    { type: 'leave', room },
  ]) {
    for (const spell of [
      (each: Wire) => withMembers(each, decoys),
      (each: Wire) => `{${decoys},${JSON.stringify(each).slice(1)}`,
    ]) {
      await rejoin(a, message, room)
      await expectOutcome(
        a,
        { ...message, id: a.nextId() },
        spell,
        'with members whose names differ in case from those it knows',
      )
    }
  }
}

/** A leave can only be said by a member. */
async function rejoin(a: Endpoint, message: Wire, room: string): Promise<void> {
  if (message['type'] === 'leave') await a.request({ type: 'join', room })
}

/** Rooms whose names differ in case are two rooms. */
async function keepsValuesApart(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  const room = t.room()
  const [lower, upper] = [`${room}-a`, `${room}-A`]
  await t.join(lower, a)
  const [joined] = await t.join(upper, b)
  if (joined && joined.members.length > 0) {
    throw new CheckFailure(
      `the room ${upper} to be another than ${lower}`,
      'a member of the one is listed in the other',
    )
  }
  const { id } = b.post(hangupTo({ room: lower, to: a.peer, call: t.callId() }))
  const outcome = await b.outcome(id)
  if (outcome.code !== 'not-in-room')
    throw unexpected(outcome, `not-in-room for a message in ${lower} from a member of ${upper} alone`)
}

/** What two Unicode strings have in common is for applications to say. */
async function keepsFormsApart(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const names = [
    '\u00e9',
    'e\u0301',
    '\u212b',
    '\u00c5',
    'A\u030a',
    '\ufb01',
    'fi',
    '\u1e9e',
    'ß',
    'SS',
    'ss',
    'ı',
    'i',
    'İ',
    'I',
    '\uff41',
    'a',
  ]
  const members = names
    .map((name, place) => `${JSON.stringify(name)}:[${String(place)},${JSON.stringify(name)}]`)
    .join(',')
  const letters = relayedTypes.map((type): Letter => {
    return (call) => withMembers(sampleOf(type, { room: way.room, to: way.b.peer, call, token: '' }), members)
  })
  for (const { sent, arrived } of await carry(
    t,
    way,
    letters,
    'with names that differ only in case or normal form',
  )) {
    const difference = missingFrom(pick(sent, arrived, ...names), arrived.message)
    if (difference !== undefined)
      throw new CheckFailure('names and values as they are, without normalisation', difference)
  }
}

/** Puts white space everywhere a JSON text may have it. */
function spaced(message: Wire, space: string): string {
  const text = JSON.stringify(message)
  return `${space}${text.replace(
    /("(?:[^"\\]|\\.)*")|([{}[\],:])/g,
    (token: string, string: string | undefined) =>
      string === undefined ? `${space}${token}${space}` : token,
  )}${space}`
}

function escaped(message: Wire, unit: (code: number, character: string) => string): string {
  return JSON.stringify(message).replace(/"(?:[^"\\]|\\.)*"/g, (token) => {
    const value = JSON.parse(token) as string
    return `"${[...Array(value.length).keys()].map((at) => unit(value.charCodeAt(at), value.charAt(at))).join('')}"`
  })
}

const hex = (code: number) => code.toString(16).padStart(4, '0')

/** Half of a character: as it is it makes no UTF-8 without its other half. */
const isSurrogate = (code: number) => code >= 0xd800 && code <= 0xdfff

/** Escapes with a letter of their own, and the solidus, which need not be escaped. */
const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

const spellings: readonly NamedSpelling[] = [
  { what: 'with white space of all four kinds', spell: (message) => spaced(message, ' \t\r\n') },
  {
    what: 'laid out over many lines',
    spell: (message) => `\n\n${JSON.stringify(message, null, '\t').replaceAll('\n', '\r\n')}\r\n`,
  },
  {
    what: 'with its members in reverse order',
    spell: (message) => JSON.stringify(Object.fromEntries(Object.entries(message).toReversed())),
  },
  {
    what: 'with its members in alphabetical order',
    spell: (message) =>
      JSON.stringify(
        Object.fromEntries(Object.entries(message).toSorted(([one], [two]) => (one < two ? -1 : 1))),
      ),
  },
  { what: 'with every character escaped', spell: (message) => escaped(message, (code) => `\\u${hex(code)}`) },
  {
    what: 'with escapes in upper case',
    spell: (message) => escaped(message, (code) => `\\u${hex(code).toUpperCase()}`),
  },
  {
    what: 'with some characters escaped',
    spell: (message) =>
      escaped(
        message,
        (code, text) => named[text] ?? (code % 3 === 0 || isSurrogate(code) ? `\\u${hex(code)}` : text),
      ),
  },
]

/** Messages arrive with the same values however they are written. */
async function carriesSpellings(t: CheckContext): Promise<void> {
  const way = await t.pair()
  const tricky = {
    'com.example.x': [
      'a/b',
      '\b\f\n\r\t"\\',
      '😀 é \u2028',
      { 'a"b\\c/d': 'x' },
      '',
      '{"a": [1 , 2]}',
      ': , { [ ',
    ],
  }
  const letters = spellings.flatMap(({ spell }) =>
    relayedTypes.map((type): Letter => {
      return (call) =>
        spell({ ...sampleOf(type, { room: way.room, to: way.b.peer, call, token: '' }), ...tricky })
    }),
  )
  for (const { sent, arrived } of await carry(
    t,
    way,
    letters,
    'written with other white space, order or escapes',
  )) {
    const difference = missingFrom(pick(sent, arrived, 'com.example.x', 'call', 'room'), arrived.message)
    if (difference !== undefined)
      throw new CheckFailure('the same values however they are written', difference)
  }
}

/** Checks of spec/frames.md: what is accepted. */
export const acceptanceChecks: readonly Check[] = [
  check(
    'frames.unknown-members',
    `unknown members in each of ${String(coreTypes.length)} types`,
    (t) => acceptsSpelling(t, withUnknown),
    { name: 'types' },
  ),
  check('frames.unknown-members', 'unknown members change nothing', actsAsIfAbsent, { name: 'as-if-absent' }),
  check('frames.exact-names', 'names that differ in case are others', keepsNamesApart, { name: 'case' }),
  check(
    'frames.exact-names',
    'names that differ in case are others, also further down',
    keepsNestedNamesApart,
    { name: 'nested', hostile: true },
  ),
  check('frames.exact-names', 'rooms that differ in case are others', keepsValuesApart, { name: 'rooms' }),
  check('frames.exact-names', 'names and values without normalisation', keepsFormsApart, {
    name: 'normal-forms',
  }),
  ...nestingChecks,
  check(
    'frames.whitespace',
    'white space, order and escapes in messages of every type',
    (t) => acceptsSpelling(t, spellings),
    {
      name: 'types',
    },
  ),
  check('frames.whitespace', 'relayed values are the same however they are written', carriesSpellings, {
    name: 'relayed',
  }),
]

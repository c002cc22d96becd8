import { hangupReasons, messages } from '@parley/schemas'
import type { Dice } from './dice.ts'
import { mark } from './mark.ts'
import { deep, text, unknownName, value } from './value.ts'

/** Members of a message in the order in which they are written: each a name and a value, as JSON writes them, with marks. */
export type Written = readonly (readonly [name: string, value: string])[]

/** Where a message goes: the room, and for a relayed one the client that is to get it. */
export interface Destination {
  readonly room: number
  readonly to: number
}

const iceCharacters = 'ABCDEFabcdef0123456789+/'

function fragment(dice: Dice): string {
  const length = dice.pick([4, 4, 8, 24, 256])
  return Array.from({ length }, () => dice.pick(Array.from(iceCharacters))).join('')
}

function negotiation(dice: Dice): string {
  return dice.pick(['1', '2', '3', '17', '1.0', '3e0', '9007199254740991'])
}

function quoted(words: string): string {
  return JSON.stringify(words)
}

function sdp(dice: Dice): string {
  return dice.weighted<() => string>([
    [
      4,
      () => `"v=0\\r\\no=- ${dice.hex(8)} 2 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=${mark.trace}\\r\\n"`,
    ],
    [1, () => text(dice)],
    [0.2, () => `"${mark.trace}${'a=candidate '.repeat(1 + dice.integer(1500))}"`],
  ])()
}

function candidate(dice: Dice): string {
  const words = dice.chance(0.2)
    ? '""'
    : `"candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx ${mark.trace}"`
  const others = [
    ...(dice.chance(0.6) ? [`"sdpMid":${dice.pick(['"0"', 'null', '""', '"é"'])}`] : []),
    ...(dice.chance(0.6) ? [`"sdpMLineIndex":${dice.pick(['0', '65535', 'null', '1.0'])}`] : []),
    ...(dice.chance(0.1) ? [`"com.example.more":${value(dice, 2)}`] : []),
  ]
  return `{${[`"candidate":${words}`, `"usernameFragment":"${fragment(dice)}"`, ...others].join(',')}}`
}

const call = (dice: Dice) => `"${dice.hex(32)}"`

type Members = (dice: Dice, at: Destination) => Written

const relayed =
  (own: (dice: Dice) => Written): Members =>
  (dice, { room, to }) => [
    ['to', `"${mark.peer(to)}"`],
    ['room', `"${mark.room(room)}"`],
    ['call', call(dice)],
    ...own(dice),
  ]

/** What each message of Core has beside its type; a message of the schemas that is not here is taken from its examples. */
const coreMembers: Readonly<Record<string, Members>> = {
  hello: (dice) => [
    ['versions', dice.pick(['[1]', '[1,2]', '[2,1]', '[1.0]', '[9007199254740991,1]', '[1,1]'])],
    ...helloExtras(dice),
  ],
  auth: (dice) => [
    ['method', dice.pick(['"token"', '"token"', '"password"'])],
    ['token', `"no-token-${dice.hex(12)}"`],
  ],
  ping: () => [],
  bye: (dice) => (dice.chance(0.5) ? [['reason', text(dice)]] : []),
  join: (dice, { room }) => [
    ['room', `"${mark.room(room)}"`],
    ...(dice.chance(0.7) ? [['data', data(dice)] as const] : []),
  ],
  leave: (_dice, { room }) => [['room', `"${mark.room(room)}"`]],
  update: (dice, { room }) => [
    ['room', `"${mark.room(room)}"`],
    ['data', data(dice)],
  ],
  offer: relayed((dice) => [
    ['negotiation', negotiation(dice)],
    ['sdp', sdp(dice)],
    ...(dice.chance(0.2) ? [['label', quoted('screen')] as const] : []),
  ]),
  answer: relayed((dice) => [
    ['negotiation', negotiation(dice)],
    ['sdp', sdp(dice)],
  ]),
  candidate: relayed((dice) => [
    ['negotiation', negotiation(dice)],
    ['candidate', candidate(dice)],
  ]),
  hangup: relayed((dice) => [
    ['reason', quoted(dice.pick([...Object.keys(hangupReasons), 'com.example.bored']))],
    ['com.example.trace', `"${mark.trace}"`],
  ]),
}

function data(dice: Dice): string {
  return dice.weighted<() => string>([
    [5, () => `{"name":"${mark.trace}","more":${value(dice, 2)}}`],
    [2, () => value(dice, 3)],
    [0.2, () => `"${mark.dataFill(dice.pick([0, 0, 1, -1]))}"`],
    [0.3, () => deep(dice, dice.pick([14, 15]))],
  ])()
}

/** Members of a `hello` beside its versions: nothing of them decides whether it is accepted. */
export function helloExtras(dice: Dice): Written {
  return [
    ...(dice.chance(0.3) ? [['agent', `{"name":${text(dice)},"version":"1"}`] as const] : []),
    ...(dice.chance(0.4)
      ? [['capabilities', `{"com.example.fuzz-${dice.hex(4)}":{"depth":${value(dice, 1)}}}`] as const]
      : []),
    ...(dice.chance(0.2) ? [['replaces', `"no-session-${dice.hex(12)}"`] as const] : []),
  ]
}

const examples: ReadonlyMap<string, readonly Written[]> = new Map(
  messages
    .filter(({ direction }) => direction !== 'server')
    .map(({ type, schema }) => [
      type satisfies string,
      ((schema.examples ?? []) as readonly Readonly<Record<string, unknown>>[]).map((example) =>
        Object.entries(example)
          .filter(([name]) => name !== 'type' && name !== 'id')
          .map(([name, member]) => [name, JSON.stringify(member)] as const),
      ),
    ]),
)

/** Types that a client may send, those of capabilities included. */
export const sampledTypes: readonly string[] = [...examples.keys()]

/** The members of a valid message of a type, which is the first of them; `id` and unknown members come by chance. */
export function sample(dice: Dice, type: string, at: Destination): Written {
  const members = coreMembers[type]?.(dice, at) ?? dice.pick(examples.get(type) ?? [[]])
  const id = dice.chance(0.8) ? [['id', `"${mark.id}"`] as const] : []
  const unknown = Array.from({ length: dice.chance(0.15) ? 1 + dice.integer(3) : 0 }, () => {
    // An escaped spelling of a name that is there already would make it a double.
    const name = unknownName(dice)
    return [name, value(dice)] as const
  })
  const fill = dice.chance(0.004)
    ? [['com.example.fill', `"${mark.fill(dice.pick([0, 0, 1, 100]))}"`] as const]
    : []
  return [['type', quoted(type)], ...id, ...members, ...unknown, ...fill]
}

/** A message as text: its members in this or another order, with white space by chance. */
export function asText(dice: Dice, members: Written): string {
  const ordered = dice.chance(0.2) ? shuffled(dice, members) : members
  const space = dice.chance(0.1) ? dice.pick([' ', '\n', '\t', '\r\n  ']) : ''
  return `{${space}${ordered.map(([name, member]) => `"${name}"${space}:${space}${member}`).join(`,${space}`)}${space}}`
}

function shuffled<Item>(dice: Dice, items: readonly Item[]): Item[] {
  const order = [...items]
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = dice.integer(at + 1)
    ;[order[at], order[other]] = [order[other] as Item, order[at] as Item]
  }
  return order
}

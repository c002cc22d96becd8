import { constraintsOfMessage, type Constraint } from '@parley/schemas'
import type { Dice } from './dice.ts'
import { mark } from './mark.ts'
import type { Written } from './sample.ts'
import { deep, number, text, unknownName, value } from './value.ts'

/** A change of a message's members. */
type Change = (dice: Dice, members: Written) => Written

const replacedAt = (members: Written, at: number, member: Written[number]): Written =>
  members.map((each, index) => (index === at ? member : each))

const anyAt = (dice: Dice, members: Written) => dice.integer(members.length)

const nameAt = (members: Written, at: number) => members[at]?.[0] ?? ''
const valueAt = (members: Written, at: number) => members[at]?.[1] ?? 'null'

/** Changes that know nothing of schemas. */
const changes: readonly (readonly [number, Change])[] = [
  [3, (dice, members) => members.filter((_, index) => index !== anyAt(dice, members))],
  [
    2,
    (dice, members) => {
      const at = anyAt(dice, members)
      const again = dice.chance(0.5) ? valueAt(members, at) : value(dice, 2)
      return [...members, [nameAt(members, at), again]]
    },
  ],
  [2, (dice, members) => renamed(dice, members)],
  [
    4,
    (dice, members) => {
      const at = anyAt(dice, members)
      return replacedAt(members, at, [nameAt(members, at), value(dice, 3)])
    },
  ],
  [
    1,
    (dice, members) => {
      const at = anyAt(dice, members)
      return replacedAt(members, at, [nameAt(members, at), number(dice)])
    },
  ],
  [
    1,
    (dice, members) => {
      const at = anyAt(dice, members)
      return replacedAt(members, at, [nameAt(members, at), text(dice)])
    },
  ],
  [2, (dice, members) => [...members, [unknownName(dice), value(dice)]]],
  [
    1,
    (dice, members) => [
      ...members,
      [`$${dice.pick(['', 'critical', 'schema', '__proto__'])}`, value(dice, 2)],
    ],
  ],
  [
    1.5,
    (dice, members) => [
      ...members,
      dice.pick([
        ['from', `"${mark.peer(dice.integer(4))}"`],
        ['ref', `"${mark.id}"`],
        ['seq', number(dice)],
        ['ack', '1'],
        ['from', 'null'],
      ] as const),
    ],
  ],
  [
    1,
    (dice, members) => [
      ...members,
      ['com.example.deep', deep(dice, dice.pick([14, 15, 16, 17, 64, 1000, 5000]))],
    ],
  ],
  [
    1,
    (dice, members) =>
      withType(
        members,
        `"${dice.pick(['welcome', 'joined', 'error', 'peer-left', 'OFFER', 'offer ', 'com.example.x', '__proto__', 'constructor', 'hasOwnProperty', 'no-such-type', ''])}"`,
      ),
  ],
  [
    0.5,
    (dice, members) =>
      withType(members, `"${dice.pick(['join', 'leave', 'update', 'offer', 'candidate', 'ping', 'auth'])}"`),
  ],
  [
    1,
    (dice, members) =>
      withId(
        members,
        dice.pick([
          '""',
          `"${'i'.repeat(64)}"`,
          `"${'i'.repeat(65)}"`,
          '"é"',
          '1',
          'null',
          '"\\u0000"',
          '[]',
          '"~ !"',
          '"__proto__"',
        ]),
      ),
  ],
  [1.5, (dice, members) => readdressed(dice, members)],
]

function withType(members: Written, type: string): Written {
  return members.map((each) => (each[0] === 'type' ? ['type', type] : each))
}

function withId(members: Written, id: string): Written {
  return [...members.filter(([name]) => name !== 'id'), ['id', id]]
}

function renamed(dice: Dice, members: Written): Written {
  const at = anyAt(dice, members)
  const name = nameAt(members, at)
  const other = dice.pick([
    name.toUpperCase(),
    ` ${name}`,
    `${name}\\u0000`,
    unknownName(dice),
    // The same name, spelled otherwise.
    name === '' ? name : `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`,
  ])
  return replacedAt(members, at, [other, valueAt(members, at)])
}

/** To nobody, to oneself or to one that has gone; in a room that is not there. */
function readdressed(dice: Dice, members: Written): Written {
  const to = dice.pick([mark.formerPeer(dice.integer(4)), 'nobody_0123456789abcdef', mark.peer(0), 'x'])
  const room = dice.pick([mark.room(dice.integer(4)), 'no such room', ` ${mark.room(0)}`, '\\u0000'])
  const which = dice.pick(['to', 'room'])
  return members.map((each) => (each[0] === which ? [which, `"${which === 'to' ? to : room}"`] : each))
}

/** A message changed in one to three places. */
export function mutated(dice: Dice, type: string, members: Written): Written {
  const bySchema = dice.chance(0.4) ? breaking(dice, type, members) : undefined
  let changed = bySchema ?? members
  const times = dice.pick(bySchema ? [0, 0, 1] : [1, 1, 1, 2, 3])
  for (let time = 0; time < times && changed.length > 0; time += 1)
    changed = dice.weighted(changes)(dice, changed)
  return changed
}

/** A message whose values stand at a bound of the schema, or just beyond it. */
function breaking(dice: Dice, type: string, members: Written): Written | undefined {
  const constraints = constraintsOfMessage(type).filter(({ path }) => path.length > 0)
  if (constraints.length === 0) return undefined
  const { path, ...constraint } = dice.pick(constraints)
  const [top = '', ...below] = path
  const there = members.find(([name]) => name === top)
  const others = members.filter((each) => each !== there)
  if (constraint.kind === 'required' && below.length === 0) return others
  if (constraint.kind === 'absent') return [...others, [top, value(dice, 1)]]
  const edge = atEdge(dice, constraint)
  const nested = below.reduceRight(
    (inner, name) =>
      name === '*' ? dice.pick([`[${inner}]`, `{"com.example.a":${inner}}`]) : `{"${name}":${inner}}`,
    edge,
  )
  return [...others, [top, nested]]
}

function atEdge(dice: Dice, { kind, value: bound }: Omit<Constraint, 'path'>): string {
  const size = Number(bound)
  switch (kind) {
    case 'minLength':
      return `"${'a'.repeat(Math.max(0, size - dice.integer(2)))}"`
    case 'maxLength':
      return `"${'a'.repeat(Math.min(70_000, size + dice.integer(2)))}"`
    case 'minimum':
    case 'exclusiveMinimum':
      return String(size - dice.integer(2))
    case 'maximum':
      return dice.pick([String(size), String(size + 1), `${String(size)}.5`])
    case 'minItems':
      return '[]'
    case 'enum':
      return Array.isArray(bound) && dice.chance(0.3)
        ? JSON.stringify(dice.pick(bound as unknown[]))
        : text(dice)
    case 'required':
    case 'absent':
    case 'type':
    case 'const':
    case 'pattern':
    case 'characters':
    case 'names':
      return value(dice, 2)
  }
}

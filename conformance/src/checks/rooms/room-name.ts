import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { unexpected } from '../../engine/context.ts'
import { expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { clip } from '../../observer/frame-observer.ts'
import { enter, expectMembers, leaveRoom, seesData, tryEnter } from '../scene/membership.ts'
import { expectRefusal } from '../scene/refusal.ts'

/** Longest name of a room. */
const longestName = 128

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index)).join('')

/** Two peers meet under a name, and hear each other there, and of each other. */
async function meetUnder(t: CheckContext, a: Endpoint, b: Endpoint, name: string): Promise<void> {
  await enter(t, a, name)
  expectMembers(await enter(t, b, name), [a], `joined of room ${clip(JSON.stringify(name))}`)
  await t.barrier(b, a, name)
  b.send({ type: 'update', room: name, data: 1 })
  await seesData(a, name, b, 1)
  await Promise.all([leaveRoom(a, name), leaveRoom(b, name)])
}

async function everyCharacter(t: CheckContext): Promise<void> {
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  for (let done = 0; done < printable.length;) {
    const base = t.room()
    const part = printable.slice(done, done + longestName - base.length)
    await meetUnder(t, a, b, base + part)
    done += Math.max(part.length, 1)
  }
}

async function longest(t: CheckContext): Promise<void> {
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  const base = t.room()
  const name = base.padEnd(longestName, 'n')
  await meetUnder(t, a, b, name)
  // What differs in the last character only is another room.
  await enter(t, a, name)
  expectMembers(
    await enter(t, b, `${name.slice(0, -1)}m`),
    [],
    'joined of a room whose name differs in its last character',
  )
}

/** Names of one character, and names that mean something in some language: others might use them, so nothing is said there. */
async function shortAndSpecial(t: CheckContext): Promise<void> {
  if (t.target.users[0]?.authenticated?.grants !== undefined)
    t.notApplicable("The user's grants may not cover such names")
  const a = await t.client()
  const letter = printable.charAt(t.random.integer(printable.length))
  for (const name of [letter, '__proto__', 'constructor', 'toString']) {
    const outcome = await tryEnter(t, a, name)
    // Somebody else may have taken the places.
    if (outcome.code === 'room-full') continue
    if (outcome.type !== 'joined')
      throw unexpected(outcome, `joined for the join of room ${JSON.stringify(name)}`)
    await leaveRoom(a, name)
  }
}

/** That the rooms of other names have been emptied is nothing to this one. */
async function findsStill(
  t: CheckContext,
  newcomer: Endpoint,
  name: string,
  member: Endpoint,
): Promise<void> {
  expectMembers(await enter(t, newcomer, name), [member], 'joined of the very name')
}

/** A name that is nearly that of a room is another room. */
async function comparedExactly(t: CheckContext): Promise<void> {
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  const base = `${t.room().slice(0, longestName - 8)}-aZ`
  await enter(t, a, base)
  for (const other of [
    `${base.slice(0, -2)}Az`,
    `${base} `,
    `${base}/`,
    `${base}.`,
    // A prefix that grants name would not cover this one.
    ...(t.target.users[0]?.authenticated?.grants === undefined ? [` ${base}`] : []),
    base.slice(0, -1),
    `${base}0`,
    `${base}%20`,
  ]) {
    expectMembers(
      await enter(t, b, other),
      [],
      `joined of ${JSON.stringify(other)} while ${JSON.stringify(base)} has a member`,
    )
    await leaveRoom(b, other)
  }
  await presupposing('rooms.several', findsStill(t, b, base, a))
}

/** A name that is written with digits is no number: names whose values are the same, or the same double, are names of different rooms. */
async function noNumbers(t: CheckContext): Promise<void> {
  if (t.target.users[0]?.authenticated?.grants !== undefined)
    t.notApplicable("The user's grants may not cover such names")
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  // So many digits that nobody else has that room, and so few that a double holds their value.
  const name = String(1 + t.random.integer(9)) + digitsOf(t, 13)
  await enter(t, a, name)
  for (const other of [`0${name}`, `+${name}`, `${name}.0`, `${name}e0`, `0x${BigInt(name).toString(16)}`]) {
    expectMembers(
      await enter(t, b, other),
      [],
      `joined of ${JSON.stringify(other)} while ${JSON.stringify(name)} has a member`,
    )
    await leaveRoom(b, other)
  }
  await leaveRoom(a, name)
  const long = `${name}0000000`
  const next = `${name}0000001`
  await enter(t, a, long)
  const what = `joined of ${JSON.stringify(next)} while ${JSON.stringify(long)} has a member`
  expectMembers(await enter(t, b, next), [], what)
}

function digitsOf(t: CheckContext, count: number): string {
  return Array.from({ length: count }, () => String(t.random.integer(10))).join('')
}

/** A name is no part of a URL, of a path or of a page: nothing in it is decoded, and nothing is tidied up. */
async function takenLiterally(t: CheckContext): Promise<void> {
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  const base = t.room().slice(0, longestName - 40)
  const name = `${base}/a+b&c'd\\x41  e?f#g`
  await enter(t, a, name)
  for (const [one, other] of [
    ['/', '%2F'],
    ['a', '%61'],
    ['+', ' '],
    ['&', '&amp;'],
    ["'", '&#39;'],
    ['/', '//'],
    ['/', '/./'],
    ['\\x41', 'A'],
    ['\\', '/'],
    ["'", ''],
    ['  ', ' '],
    ['?f#g', ''],
    ['#g', ''],
  ] as const) {
    // The base ends with letters of its own, so what is replaced is what stands behind it.
    const another = `${base}${name.slice(base.length).replace(one, other)}`
    expectMembers(
      await enter(t, b, another),
      [],
      `joined of ${JSON.stringify(another)} while ${JSON.stringify(name)} has a member`,
    )
    await leaveRoom(b, another)
  }
  await presupposing('rooms.several', findsStill(t, b, name, a))
  await Promise.all([leaveRoom(a, name), leaveRoom(b, name)])
  const encoded = `${base}%41%2f&#65;\\u0041\\x41=?=+`
  await expecting(`messages and data in room ${JSON.stringify(encoded)}`, meetUnder(t, a, b, encoded))
}

async function otherNamesRefused(t: CheckContext): Promise<void> {
  const a = await t.client()
  const base = t.room()
  const hasGrants = t.target.users[0]?.authenticated?.grants !== undefined
  const names = [
    ['an empty name', ''],
    ['a name of 129 characters', base.padEnd(longestName + 1, 'n')],
    ['a name with U+00E9', `${base}é`],
    ['a name with U+1F600', `${base}😀`],
    ['a name with U+00A0', `${base}\u00a0`],
    ['a name with a line feed', `${base}\n`],
    ['a name with a tab', `${base}\tx`],
    ['a name with U+0000', `${base}\u0000`],
    ['a name with U+007F', `${base}\u007f`],
  ] as const
  for (const [what, room] of names) {
    const id = a.sendBroken({ type: 'join', room })
    // Where grants name rooms, an empty name is none of them.
    await expectRefusal(
      a,
      id,
      room === '' && hasGrants ? ['bad-message', 'forbidden'] : ['bad-message'],
      `a join with ${what}`,
    )
  }
  for (const name of [base, base.padEnd(longestName, 'n')]) {
    await enter(t, a, name)
    await leaveRoom(a, name)
  }
}

/** Checks of spec/rooms.md: names of rooms. */
export const roomNameChecks: readonly Check[] = [
  check('rooms.name', 'every printable ASCII character in names', everyCharacter, { name: 'characters' }),
  check('rooms.name', 'a name of 128 characters', longest, { name: 'longest' }),
  check('rooms.name', 'short names and names that mean something elsewhere', shortAndSpecial, {
    name: 'special',
    hostile: true,
  }),
  check('rooms.name', 'names are compared exactly', comparedExactly, { name: 'exact' }),
  check('rooms.name', 'names of digits are no numbers', noNumbers, { name: 'digits' }),
  check('rooms.name', 'nothing in names is decoded', takenLiterally, {
    name: 'literal',
    lengthy: true,
  }),
  check('rooms.name', 'other names are refused', otherNamesRefused, { name: 'refused', hostile: true }),
]

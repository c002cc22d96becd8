import type { Dice } from './dice.ts'
import { mark } from './mark.ts'

/** Texts that servers have stumbled over: templates of JSON strings, without quotes. */
const oddTexts: readonly string[] = [
  '',
  ' ',
  '0',
  '\\u0000',
  '\\ud800',
  '\\udfff\\ud800',
  '\\uFFFE',
  '\\u202Etxt.exe',
  'é\u0301\\u0065\\u0301',
  '𝒫arley 🦜👩\u200d👩\u200d👧',
  '\\"\\\\\\/\\b\\f\\n\\r\\t',
  '\\u2028\\u2029',
  '__proto__',
  'constructor',
  'toString',
  '${7*7}{{7*7}}%s%n%x',
  "'; DROP TABLE rooms; --",
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '\\u001b[2J',
  'null',
  'v=0\\r\\no=- 1 1 IN IP4 0.0.0.0\\r\\n',
]

/** Numbers as they are written. */
const oddNumbers: readonly string[] = [
  '0',
  '-0',
  '-1',
  '1.0',
  '1e0',
  '0.1',
  '1.5',
  '65535',
  '65536',
  '2147483648',
  '-2147483649',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '123456789012345680000',
  '1e308',
  '1e400',
  '-1e400',
  '5e-324',
  '1e-400',
  '0.1000000000000000055511151231257827',
]

const names: readonly string[] = [
  'a',
  'data',
  '__proto__',
  'constructor',
  'length',
  'toJSON',
  'then',
  'com.example.x',
  '\\u0061',
  '',
]

/** A JSON string as it is written. */
export function text(dice: Dice): string {
  return `"${dice.weighted<() => string>([
    [3, () => `plain ${dice.hex(6)}`],
    [3, () => dice.pick(oddTexts)],
    [1, () => dice.pick(['é', 'a', '🦜', '\\u00e9']).repeat(1 + dice.integer(400))],
    [1, () => `${mark.trace} ${dice.pick(oddTexts)}`],
  ])()}"`
}

/** Any JSON value as it is written, to a depth that every server has to take within a message. */
export function value(dice: Dice, levels = 4): string {
  return dice.weighted<() => string>([
    [4, () => text(dice)],
    [3, () => dice.pick(oddNumbers)],
    [2, () => dice.pick(['true', 'false', 'null'])],
    [levels > 0 ? 2 : 0, () => `[${list(dice, levels)}]`],
    [
      levels > 0 ? 3 : 0,
      () =>
        `{${Array.from({ length: dice.integer(4) }, () => `"${dice.pick(names)}${dice.chance(0.9) ? dice.hex(3) : ''}":${value(dice, levels - 1)}`).join(',')}}`,
    ],
    [0.5, () => `{"__proto__":{"type":"bye","room":"${mark.room(0)}","polluted":true}}`],
    [1, () => `"${mark.trace}"`],
    [0.3, () => deep(dice, 15)],
  ])()
}

function list(dice: Dice, levels: number): string {
  return Array.from({ length: dice.integer(4) }, () => value(dice, levels - 1)).join(',')
}

/** Values nested so many levels deep, in arrays or objects. */
export function deep(dice: Dice, levels: number): string {
  const [open, close] = dice.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['{"__proto__":', '}'],
  ] as const)
  const within = open === '[' ? '' : '1'
  return open.repeat(levels) + within + close.repeat(levels)
}

/** A name that no message has, of the kinds that vendors and attackers use; none begins with `$`. */
export function unknownName(dice: Dice): string {
  return dice.weighted<() => string>([
    [3, () => `com.example.${dice.hex(4)}`],
    [
      2,
      () =>
        dice.pick(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'valueOf']),
    ],
    [
      1,
      () =>
        dice.pick(['From', 'TYPE', 'typ', 'ro\\u006fm2', 'sequence', 'peer', 'user', 'session', 'reason2']),
    ],
    [1, () => `x${dice.pick(oddTexts)}`],
  ])()
}

/** A number as it is written. */
export function number(dice: Dice): string {
  return dice.pick(oddNumbers)
}

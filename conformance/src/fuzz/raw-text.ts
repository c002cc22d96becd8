import type { Dice } from './dice.ts'
import { mark } from './mark.ts'
import { deep } from './value.ts'

/** Text that knows nothing of messages, or only a little: a template. */
export function rawText(dice: Dice, valid: string): string {
  return dice.weighted<() => string>([
    [3, () => valid.slice(0, dice.integer(valid.length))],
    [2, () => spliced(dice, valid)],
    [1, () => `${valid}${dice.pick(['\n', ' ', ',', '\u001e', ''])}${valid}`],
    [1, () => `\ufeff${valid}`],
    [1, () => `${dice.pick([' ', '\u00a0', '\u2028', '//x\n', '\u0000'])}${valid}`],
    [1, () => `[${valid}]`],
    [
      1,
      () =>
        dice.pick([
          '',
          ' ',
          '{}',
          '[]',
          'null',
          'true',
          '0',
          '"text"',
          '{"type":null}',
          '{"type":5}',
          '{"id":"x"}',
          '{"":""}',
        ]),
    ],
    [
      1,
      () =>
        dice.pick([
          "{'type':'ping'}",
          '{"type":"ping",}',
          '{type:"ping"}',
          '{"type":"ping"',
          '{"type":"ping"}}',
          'NaN',
          '{"type":"ping","x":NaN}',
          '{"type":"ping","x":01}',
          '{"type":"ping","x":"\u0001"}',
          '{"type":"ping","x":"\\x"}',
        ]),
    ],
    [0.7, () => deep(dice, dice.pick([17, 100, 1000, 10_000, 30_000]))],
    [0.7, () => '['.repeat(dice.pick([100, 10_000, 60_000]))],
    [0.7, () => '{"a":'.repeat(dice.pick([100, 10_000]))],
    [
      0.5,
      () =>
        `{"type":"join","room":"${mark.room(0)}","data":${deep(dice, dice.pick([64, 5000, 20_000]))},"id":"${mark.id}"}`,
    ],
    [1, () => noise(dice, 1 + dice.integer(200))],
    [0.2, () => noise(dice, 20_000)],
    [0.1, () => `"${mark.fill(dice.pick([0, 1, 1000]))}"`],
  ])()
}

function noise(dice: Dice, length: number): string {
  const alphabet = dice.pick(['{}[]":,0123456789.eE+- truefalsn\\u', 'abc\u0000\u0007\u001b é🦜\u202e', '{"'])
  const characters = Array.from(alphabet)
  return Array.from({ length }, () => dice.pick(characters)).join('')
}

/** A text with a few characters changed, taken away or doubled. */
function spliced(dice: Dice, text: string): string {
  let changed = text
  for (let time = 0; time < 1 + dice.integer(4); time += 1) {
    const at = dice.integer(changed.length + 1)
    const piece = dice.pick([
      '',
      '"',
      '{',
      '}',
      ',',
      ':',
      '\\',
      '\u0000',
      'é',
      '1',
      changed.slice(at, at + dice.integer(12)).repeat(2),
    ])
    changed = changed.slice(0, at) + piece + changed.slice(at + dice.integer(3))
  }
  return changed
}

/** Bytes of a text message that are no UTF-8, in hexadecimal digits. */
export function notUtf8(dice: Dice): string {
  return dice.pick([
    'ff',
    'c0af',
    'eda080',
    'f4908080',
    '7b22c3',
    '80',
    'f0808080',
    '7b2274797065223a2270696e67ff227d',
  ])
}

/** Bytes of a binary message, in hexadecimal digits. */
export function binary(dice: Dice): string {
  return dice.pick([
    Buffer.from('{"type":"ping"}').toString('hex'),
    '',
    '00',
    dice.hex(2 * dice.integer(300)),
  ])
}

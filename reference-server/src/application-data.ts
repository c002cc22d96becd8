import { numeralsOf } from './json-text.ts'

/**
 * Deepest nesting of `data` that is taken. frames.nesting asks for 16 levels of a whole message, frames.nesting-deeper lets
 * more be refused; without any bound a frame of brackets alone would exhaust the stack when it is written again.
 */
const deepest = 64

const loneSurrogate = /\p{Surrogate}/u

/** `data` of a member as the server keeps it, or why it cannot be carried. */
export type DataVerdict =
  | { readonly ok: true; readonly text: string; readonly bytes: number }
  | { readonly ok: false; readonly detail: string }

/**
 * Turns `data` into the JSON text that other members will be sent.
 *
 * It is written again, not kept as it came, since white space and digits that say nothing would let a small value occupy much
 * memory. The text has the length that RFC 8785 gives it: that standard writes numbers and strings as `JSON.stringify` does,
 * and sorting members does not change the length.
 *
 * @param value - What `JSON.parse` returned.
 * @param frame - The text of the whole message.
 */
export function writeData(value: unknown, frame: string): DataVerdict {
  // relay.beyond-i-json: what would not survive being parsed and written is refused
  const detail = faultOf(value, 1) ?? inexactNumber(frame)
  if (detail !== undefined) return { ok: false, detail }
  const text = JSON.stringify(value)
  return { ok: true, text, bytes: Buffer.byteLength(text) }
}

function faultOf(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string' && loneSurrogate.test(value)) return 'A lone surrogate is not I-JSON'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > deepest) return `Nested deeper than ${deepest} levels`
  for (const [name, member] of Object.entries(value)) {
    const fault = faultOf(name, depth) ?? faultOf(member, depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

function inexactNumber(frame: string): string | undefined {
  for (const numeral of numeralsOf(frame)) {
    if (!isExact(numeral)) return 'A number has a greater magnitude or precision than a double'
  }
  return undefined
}

/** Whether a double has the digits of a numeral: what it is written back as denotes the same number. */
function isExact(numeral: string): boolean {
  const value = Number(numeral)
  if (String(value) === numeral) return true
  return significandOf(numeral) === significandOf(String(value))
}

/** Digits without leading and trailing zeros, and the power of ten of the last one: alike for numerals of one number; 0 for `Infinity`. */
function significandOf(numeral: string): string {
  const [, whole = '', fraction = '', power = '0'] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(numeral) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  if (digits === '') return '0'
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  return `${digits.slice(0, end)}e${BigInt(power) - BigInt(fraction.length) + BigInt(digits.length - end)}`
}

import { createHash } from 'node:crypto'

/** Draws what a check needs to name things; the same seed and purpose give the same draws. */
export interface Random {
  /** An integer from 0 to `below` - 1. */
  integer(below: number): number
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string
  /** The id of a call: a server knows one for 30 s after its end (ring.reused), and a run may be repeated sooner, so its end is new in each run. */
  callId(): string
}

/** Hexadecimal digits of the id of a call: 128 bits. */
const callIdDigits = 32

/**
 * A source of repeatable names, by hashing a counter. Not for secrets.
 *
 * @param seed - Seed of the run.
 * @param purpose - What the draws are for, such as a check's id: each purpose has its own sequence.
 * @param callMark - Hexadecimal digits at the end of each id of a call, which tell this run from another one with the same seed.
 */
export function createRandom(seed: string, purpose: string, callMark = ''): Random {
  let counter = 0
  let drawn = ''
  // One hash serves several draws.
  const hex = (digits: number) => {
    while (drawn.length < digits) {
      counter += 1
      drawn += createHash('sha256')
        .update(`${seed}\n${purpose}\n${String(counter)}`)
        .digest('hex')
    }
    const taken = drawn.slice(0, digits)
    drawn = drawn.slice(digits)
    return taken
  }
  return {
    integer: (below) => Number.parseInt(hex(8), 16) % below,
    hex,
    callId: () => hex(callIdDigits).slice(0, callIdDigits - callMark.length) + callMark,
  }
}

import { createHash } from 'node:crypto'

/** Draws what a check needs to name things; the same seed and purpose give the same draws. */
export interface Random {
  /** An integer from 0 to `below` - 1. */
  integer(below: number): number
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string
}

/**
 * A source of repeatable names, by hashing a counter. Not for secrets.
 *
 * @param seed - Seed of the run.
 * @param purpose - What the draws are for, such as a check's id: each purpose has its own sequence.
 */
export function createRandom(seed: string, purpose: string): Random {
  let counter = 0
  const block = () => {
    counter += 1
    return createHash('sha256')
      .update(`${seed}\n${purpose}\n${String(counter)}`)
      .digest()
  }
  return {
    integer: (below) => block().readUInt32BE(0) % below,
    hex: (digits) => {
      let text = ''
      while (text.length < digits) text += block().toString('hex')
      return text.slice(0, digits)
    },
  }
}

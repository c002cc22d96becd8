import { createHash } from 'node:crypto'
import { keyOf, type CodeMutant } from './instrument.ts'

/**
 * Picks mutants at random, the same for the same seed.
 *
 * @param size - 0 for all, in mixed order.
 */
export function sampleOf(mutants: readonly CodeMutant[], size: number, seed: string): readonly CodeMutant[] {
  const lot = (mutant: CodeMutant) =>
    createHash('sha256')
      .update(`${seed}\n${keyOf(mutant)}`)
      .digest('hex')
  const mixed = mutants
    .map((mutant) => ({ mutant, lot: lot(mutant) }))
    .toSorted((a, b) => (a.lot < b.lot ? -1 : 1))
    .map(({ mutant }) => mutant)
  return size === 0 ? mixed : mixed.slice(0, size)
}

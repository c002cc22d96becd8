import { tampered, type Mutants } from '../mutant.ts'
import { holding, isRelayed } from '../rule.ts'

/** A relayed message overtakes the announcement of a change that its sender made before. */
export const updateOrderMutants: Mutants = [
  tampered('lets a message overtake the peer-updated of its sender', 'rooms.updated-in-order', () => ({
    toClient: holding(
      (frame) => frame['type'] === 'peer-updated',
      (_held, next) => (isRelayed(next) ? 'swap' : 'keep'),
    ),
  })),
]

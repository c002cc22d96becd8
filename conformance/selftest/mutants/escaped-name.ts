import type { ServerRequirementId } from '@parley/conformance'
import { tampered, type Mutant, type Mutants } from '../mutant.ts'

/** Looks for a forbidden name in the text instead of in the message: one written with an escape slips through. */
function searchesText(requirement: ServerRequirementId, escaped: string, name: string): Mutant {
  return tampered(`does not see ${name} written with an escape`, requirement, () => ({
    toServer: (frame, _passage, text) => {
      if (!text.includes(escaped)) return true
      return Object.fromEntries(Object.entries(frame).filter(([member]) => member !== name))
    },
  }))
}

/** Faults of servers that search a frame's text. */
export const escapedNameMutants: Mutants = [
  searchesText('frames.forged-from', '"\\u0066rom"', 'from'),
  searchesText('frames.forged-ref', '"r\\u0065f"', 'ref'),
  searchesText('frames.hop-members', '"s\\u0065q"', 'seq'),
  searchesText('frames.dollar-name', '"\\u0024critical"', '$critical'),
]

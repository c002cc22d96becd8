import { tampered, type Mutants } from '../mutant.ts'

/** Faults of spec/frames.md. */
export const frameMutants: Mutants = [
  tampered('ignores frames that are not JSON', 'frames.not-object', () => ({
    toServer: (frame) => 'type' in frame,
  })),
]

import type { Mutants } from '../mutant.ts'
import { frameMutants } from './frames.ts'

/** Every fault of the self-test. */
export const mutants: Mutants = [...frameMutants]

import { tampered, type Mutants } from '../mutant.ts'
import { refusal, textOf, valid } from '../rule.ts'

/** What real servers do that no other chapter's faults showed the kit to miss. */
export const examinedMutants: Mutants = [
  tampered('takes no token of more than 4096 characters', 'auth.failed', () => ({
    toServer: valid('auth', (frame, passage) => {
      if (textOf(frame, 'token').length <= 4096) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    }),
  })),
]

import type { Frame, Passage, Rule } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'
import { counted, refusal } from '../rule.ts'

/** After an error of a code the user who has grants may join nothing more. */
function losesGrantsAfter(code: string): { toServer: Rule; toClient: Rule } {
  return {
    toClient: (frame, { notes }) => {
      if (frame['type'] === 'authenticated') notes.set('granted', 'grants' in frame)
      if (frame['code'] === code && notes.get('granted') === true) notes.set('lost', true)
      return true
    },
    toServer: (frame: Frame, passage: Passage) => {
      if (frame['type'] !== 'join' || passage.notes.get('lost') !== true) return true
      passage.toClient(refusal(frame, 'forbidden'))
      return false
    },
  }
}

/** Faults of what an `auth` that is refused leaves behind. */
export const refusedAuthMutants: Mutants = [
  tampered('takes the grants away after a failed auth', 'auth.failure-keeps', () =>
    losesGrantsAfter('auth-failed'),
  ),
  tampered('takes the grants away after user-mismatch', 'auth.user-mismatch', () =>
    losesGrantsAfter('user-mismatch'),
  ),
  tampered(
    'counts user-mismatch as a failure',
    'auth.third-failure',
    () => ({
      toClient: (frame, passage) => {
        if (frame['code'] !== 'user-mismatch' && frame['code'] !== 'auth-failed') return true
        const mismatched = passage.notes.get('mismatched') === true
        if (frame['code'] === 'user-mismatch') passage.notes.set('mismatched', true)
        const failures = counted(passage, 'failures')
        return mismatched && failures >= 3 ? { ...frame, fatal: true } : true
      },
    }),
    {
      consequences: {
        'errors.fatal-flag': 'such an error is fatal',
        'errors.fatal-ends': 'and ends nothing',
      },
    },
  ),
]

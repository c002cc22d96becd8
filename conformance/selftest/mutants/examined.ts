import { tampered, type Mutants } from '../mutant.ts'
import { isRelayed, refusal, textOf, valid } from '../rule.ts'

/** What some WebSocket libraries keep for a connection before they drop what is sent to it, in bytes. */
const mostUnsent = 65_536

/** What real servers do that no other chapter's faults showed the kit to miss. */
export const examinedMutants: Mutants = [
  tampered('takes no token of more than 4096 characters', 'auth.failed', () => ({
    toServer: valid('auth', (frame, passage) => {
      if (textOf(frame, 'token').length <= 4096) return true
      passage.toClient(refusal(frame, 'bad-message'))
      return false
    }),
  })),
  tampered(
    'drops what does not fit into 64 KiB of back-pressure',
    'delivery.slow-receiver',
    () => ({
      toClient: (frame, { unsentBytes }) => !isRelayed(frame) || unsentBytes <= mostUnsent,
    }),
    { consequences: { 'delivery.no-gap': 'accepted messages are missing' } },
  ),
]

import { closeCodeOf, type KnownErrorCode } from '@parley/schemas'
import type { MiddlemanRules } from '../middleman.ts'
import { tampered, type Mutants } from '../mutant.ts'

/**
 * A time-out that is not called off: it fires when what it waited for has long come.
 *
 * @param since - Type of the message from the server from which on the time counts.
 * @param how.afterMs - The time, in milliseconds.
 * @param how.silent - Says no error: only the close code tells why.
 * @param how.refused - Fires only where a first attempt was refused.
 */
export function firing(
  since: string,
  code: KnownErrorCode,
  {
    afterMs,
    silent = false,
    refused = false,
  }: { readonly afterMs: number; readonly silent?: boolean; readonly refused?: boolean },
): () => MiddlemanRules {
  return () => ({
    toClient: (frame, passage) => {
      if (frame['type'] === 'error') passage.notes.set('refused', true)
      else if (frame['type'] === 'welcome' && since !== 'welcome') passage.notes.delete('refused')
      if (frame['type'] !== since || passage.notes.has(code)) return true
      if (refused && !passage.notes.has('refused')) return true
      passage.notes.set(code, true)
      setTimeout(() => {
        if (!silent) passage.toClient({ type: 'error', code, message: 'The time is over', fatal: true })
        passage.end(closeCodeOf(code))
      }, afterMs).unref()
      return true
    },
  })
}

/** A connection of this check lasts for a second; those of most others are over before the time-out fires. */
const lasting = 'connection.idle-minimum'

/** Faults of time-outs. */
export const timerMutants: Mutants = [
  tampered(
    'does not call the timer for hello off',
    'connection.hello-wait',
    firing('welcome', 'hello-timeout', { afterMs: 300 }),
    { only: `connection.hello-wait:over,${lasting}` },
  ),
  tampered(
    'ends the connection of who has said hello with 4408',
    'connection.hello-wait',
    firing('welcome', 'hello-timeout', { afterMs: 300, silent: true }),
    {
      only: `connection.hello-wait:over,${lasting}`,
      consequences: { 'connection.idle-minimum': 'no error says that it was not for silence' },
    },
  ),
  tampered(
    'does not call the timer for auth off',
    'auth.wait',
    firing('authenticated', 'auth-timeout', { afterMs: 300 }),
    { only: `auth.wait:over,${lasting}` },
  ),
]

import type { ErrorMessage, KnownErrorCode } from '@parley/schemas'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { unexpected } from '../../engine/context.ts'

/**
 * Waits for the outcome of a message that has to be refused.
 *
 * @param codes - Every code that the specification permits here.
 * @param what - The refused message in words: `a join beyond the limit`.
 */
export async function expectRefusal(
  endpoint: Endpoint,
  id: string,
  codes: readonly KnownErrorCode[],
  what: string,
): Promise<ErrorMessage> {
  const expected = `${codes.join(' or ')} for ${what}`
  const outcome = await endpoint.outcome(id, { what: expected })
  if (outcome.code === undefined || !(codes as readonly string[]).includes(outcome.code))
    throw unexpected(outcome, expected)
  return outcome.message as unknown as ErrorMessage
}

/** Waits for the outcome of a message that has to be accepted with a given type. */
export async function expectAccepted(
  pending: { outcome: (what?: string) => Promise<Outcome> },
  type: string,
  what: string,
): Promise<Outcome> {
  const expected = `${type} for ${what}`
  const outcome = await pending.outcome(expected)
  if (outcome.type !== type) throw unexpected(outcome, expected)
  return outcome
}

import type { ErrorMessage, KnownErrorCode } from '@parley/schemas'
import type { Endpoint, Outcome } from '../endpoint/endpoint.ts'
import { unexpected } from '../engine/context.ts'

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
  const outcome = await endpoint.outcome(id)
  if (outcome.code === undefined || !(codes as readonly string[]).includes(outcome.code)) {
    throw unexpected(outcome, `${codes.join(' or ')} for ${what}`)
  }
  return outcome.message as unknown as ErrorMessage
}

/** Waits for the outcome of a message that has to be accepted with a given type. */
export async function expectAccepted(
  pending: { outcome: () => Promise<Outcome> },
  type: string,
  what: string,
): Promise<Outcome> {
  const outcome = await pending.outcome()
  if (outcome.type !== type) throw unexpected(outcome, `${type} for ${what}`)
  return outcome
}

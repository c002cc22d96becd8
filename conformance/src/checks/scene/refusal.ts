import type { ErrorMessage, KnownErrorCode } from '@parley/schemas'
import type { Endpoint, Outcome } from '../../endpoint/endpoint.ts'
import { unexpected } from '../../engine/context.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { CheckFailure, ConnectionLost } from '../../engine/failure.ts'

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

/** Waits for the outcome of a message that has to be accepted with a given type: that an `ok` comes at all is what [outcomes.ok] is about. */
export async function expectAccepted(
  pending: { outcome: (what?: string) => Promise<Outcome> },
  type: string,
  what: string,
): Promise<Outcome> {
  const expected = `${type} for ${what}`
  const outcome = await pending.outcome(expected).catch((error: unknown) => {
    if (type === 'ok' && error instanceof CheckFailure && error.unanswered)
      error.presupposes ??= 'outcomes.ok'
    throw error
  })
  if (outcome.type !== type) throw unexpected(outcome, expected)
  return outcome
}

/** The same for a message that is valid by the schema of its type: a `bad-message` is what [frames.good-shape] is about. */
export async function expectOk(
  pending: { outcome: (what?: string) => Promise<Outcome> },
  what: string,
): Promise<void> {
  try {
    await expectAccepted(pending, 'ok', what)
  } catch (error) {
    const answered = error instanceof CheckFailure && !error.unanswered && !(error instanceof ConnectionLost)
    if (answered && (await pending.outcome()).code === 'bad-message') error.presupposes = 'frames.good-shape'
    throw error
  }
}

/**
 * Waits for the `ok` to a message, where that is what a check is about.
 *
 * @param refused - What is broken where it is refused.
 */
export async function saysOk(
  pending: { outcome: (what?: string) => Promise<Outcome> },
  what: string,
  refused: ServerRequirementId,
): Promise<void> {
  const expected = `ok for ${what}`
  const outcome = await pending.outcome(expected)
  if (outcome.type !== 'ok') throw Object.assign(unexpected(outcome, expected), { presupposes: refused })
}

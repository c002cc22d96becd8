import type { Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import { acknowledgingChecks } from './acknowledging.ts'
import { afterwardsChecks } from './afterwards.ts'
import { sessionBufferChecks } from './buffer.ts'
import { searchMeanwhileChecks } from './search-meanwhile.ts'
import { callsAfterwardsChecks } from './calls-afterwards.ts'
import { callsMeanwhileChecks } from './calls-meanwhile.ts'
import { sessionEndChecks } from './ending.ts'
import { meanwhileChecks } from './meanwhile.ts'
import { sessionAuthenticationChecks, sessionExpiryChecks } from './authentication.ts'
import { hopChecks } from './hop.ts'
import { inForceChecks } from './in-force.ts'
import { numberingChecks } from './numbering.ts'
import { placesAfterwardsChecks } from './places.ts'
import { resumeRefusalChecks } from './refusal.ts'
import { resumingChecks } from './resuming.ts'
import { takingOverChecks } from './taking-over.ts'

/** A session that waits is over with its authentication: what a check sees of that while its token runs out says nothing. */
async function whileTokensLast(t: CheckContext, run: Check['run']): Promise<void> {
  const startedAt = performance.now()
  try {
    await run(t)
  } catch (error) {
    const took = performance.now() - startedAt
    const isOver = t.endpoints.some((endpoint) =>
      endpoint.all('authenticated').some(({ expiresInMs = Infinity }) => expiresInMs < took),
    )
    if (!(error instanceof CheckFailure) || !isOver) throw error
    throw new Undecided(
      'could-not-run',
      'The token of a session ran out before this check was done: give a token that lasts longer',
    )
  }
}

/** Checks whose sessions last longer than they take. */
const lastingChecks: readonly Check[] = [
  ...numberingChecks,
  ...hopChecks,
  ...acknowledgingChecks,
  ...resumingChecks,
  ...takingOverChecks,
  ...inForceChecks,
  ...afterwardsChecks,
  ...placesAfterwardsChecks,
  ...meanwhileChecks,
  ...searchMeanwhileChecks,
  ...callsMeanwhileChecks,
  ...callsAfterwardsChecks,
  ...resumeRefusalChecks,
  ...sessionEndChecks,
  ...sessionBufferChecks,
  ...sessionAuthenticationChecks,
]

/** Checks of spec/resume.md. */
export const resumeChecks: readonly Check[] = [
  ...lastingChecks.map((each) => ({ ...each, run: (t: CheckContext) => whileTokensLast(t, each.run) })),
  ...sessionExpiryChecks,
]

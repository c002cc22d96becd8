import type { ServerRequirementId } from '../generated/requirement.ts'
import type { Check } from './check.ts'
import type { Attempt } from './judge-check.ts'

/** The requirement that the frames of one client end no connection of another. */
const unharmed: ServerRequirementId = 'frames.others-unharmed'

/** Which checks a first attempt has told too little of. */
export interface AskedAgain {
  /** Those that run when nothing else does. */
  readonly alone: readonly Check[]
  /** Those that may run beside each other where each takes long. */
  readonly others: readonly Check[]
  /** Attempts that could be doubted, and are not: there is no reason to. */
  readonly undoubted: readonly Attempt[]
}

/** Whether a second attempt can say more than the first. */
export function deservesAnother({ trouble }: Attempt): boolean {
  return trouble !== undefined && trouble !== 'hostile'
}

/**
 * A check whose connection was cut without a word may be the victim of another one, or of the network; one whose WebRTC library broke
 * has said nothing of the server; one that heard too late may have met a network that lost a packet; one that could not connect in time, a crowd; one to
 * which a capability was not given that the server has offered came when it had no place left. All are asked once more. A check that had sent
 * something hostile is no victim, unless the server ends connections for what others send: then nothing may run beside anything.
 */
export function askedAgain(attempts: ReadonlyMap<Check, Attempt>): AskedAgain {
  const isHarmful = [...attempts.values()].some(
    ({ result }) => result.requirement === unharmed && result.verdict === 'fail',
  )
  const asked = [...attempts].filter(
    ([, attempt]) => deservesAnother(attempt) || (isHarmful && attempt.trouble === 'hostile'),
  )
  const isAlone = ([{ solitary }, { trouble }]: (typeof asked)[number]) =>
    isHarmful || solitary === true || trouble === 'withheld'
  return {
    alone: asked.filter(isAlone).map(([check]) => check),
    others: asked.filter((each) => !isAlone(each)).map(([check]) => check),
    undoubted: isHarmful ? [] : [...attempts.values()].filter(({ trouble }) => trouble === 'hostile'),
  }
}

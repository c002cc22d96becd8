import type { ServerRequirementId } from '../generated/requirement.ts'

/** Server requirements that no check can judge from outside, each with the reason. */
export const notTested: Readonly<Partial<Record<ServerRequirementId, string>>> = {}

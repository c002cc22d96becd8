import type { ServerRequirementId } from '../generated/requirement.ts'

/** Server requirements that no check can judge from outside, each with the reason. */
export const notTested: Readonly<Partial<Record<ServerRequirementId, string>>> = {
  'rooms.unasked-left':
    'A freedom, and nothing outside makes a server take it: what it says to the others can be seen only when it does.',
}

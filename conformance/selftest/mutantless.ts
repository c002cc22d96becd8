import type { ServerRequirementId } from '@parley/conformance'

/** Requirements for which the self-test has no mutant, each with the reason. */
export const mutantless: Readonly<Partial<Record<ServerRequirementId, string>>> = {}

import type { ServerRequirementId } from '@parley/conformance'

/** Requirements for which the self-test has no mutant, each with the reason. */
export const mutantless: Readonly<Partial<Record<ServerRequirementId, string>>> = {
  'connection.hello-timeout':
    'It takes more than a minute to see: mutants/slow.ts has one, which hunt-one --slow runs.',
}

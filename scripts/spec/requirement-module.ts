import { levels, parties, type Party, type Requirement } from './requirement.ts'

/** The TypeScript module by which the conformance kit knows the requirements; not yet formatted. */
export function requirementModule(requirements: readonly Requirement[]): string {
  const ids = (party: Party) =>
    requirements.flatMap((requirement) => (requirement.party === party ? [`  | '${requirement.id}'`] : []))
  const words = (list: readonly string[]) => list.map((word) => `'${word}'`).join(' | ')
  return `// Generated from the pages in spec/ by scripts/generate-spec.ts: change those, not this file.

/** Id of a requirement that binds servers: one that a check may cite. */
export type ServerRequirementId =
${ids('server').join('\n')}

/** Id of a requirement that binds clients. */
export type ClientRequirementId =
${ids('client').join('\n')}

/** Id of a requirement. */
export type RequirementId = ServerRequirementId | ClientRequirementId

/** One sentence of the specification that binds. */
export interface Requirement {
  readonly id: RequirementId
  /** Its first key word, as in BCP 14. */
  readonly level: ${words(levels)}
  /** Who is bound by it. */
  readonly party: ${words(parties)}
  /** The sentence, in Markdown. */
  readonly text: string
  /** Path of its page below \`spec/\`. */
  readonly file: string
  /** The nearest heading. */
  readonly section: string
  /** Anchor of that heading. */
  readonly anchor: string
}

/** Every requirement, in the order of the specification. */
export const requirements: readonly Requirement[] = ${JSON.stringify(requirements, undefined, 2)}
`
}

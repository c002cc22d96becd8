import { keyOf, type CodeMutant } from './instrument.ts'

/** Why mutants that survive are none that a check could catch. */
export interface Explanation {
  /** `equivalent`: behaves the same. `unobservable`: a peer may not rely on the difference, or cannot see it. */
  readonly kind: 'equivalent' | 'unobservable'
  readonly reason: string
  readonly mutants: readonly ExplainedMutant[]
}

/** A mutant as it stands in the file of explanations. */
export type ExplainedMutant = Omit<CodeMutant, 'id' | 'line' | 'aside' | 'nth'> & { readonly nth?: number }

/** Finds the explanation of a mutant. */
export function explanationsByKey(explanations: readonly Explanation[]): ReadonlyMap<string, Explanation> {
  return new Map(
    explanations.flatMap((explanation) =>
      explanation.mutants.map((mutant) => [keyOf({ nth: 0, ...mutant }), explanation]),
    ),
  )
}

/** Explained mutants that the code no longer has. */
export function staleKeys(
  explanations: readonly Explanation[],
  mutants: readonly CodeMutant[],
): readonly string[] {
  const there = new Set(mutants.map(keyOf))
  return [...explanationsByKey(explanations).keys()].filter((key) => !there.has(key))
}

/** A survivor as it is written into the file of explanations. */
export function explainedMutant({
  file,
  source,
  mutator,
  original,
  replacement,
  nth,
}: CodeMutant): ExplainedMutant {
  return { file, source, mutator, original, replacement, ...(nth === 0 ? {} : { nth }) }
}

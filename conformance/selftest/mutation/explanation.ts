import type { CodeMutant } from './instrument.ts'
import type { Judgement } from './judge.ts'

/** Why a survivor is none that a check could catch. */
export interface Explanation {
  readonly file: string
  readonly mutator: string
  readonly original: string
  readonly replacement: string
  /** `equivalent`: behaves the same. `unobservable`: a peer may not rely on the difference, or cannot see it. */
  readonly kind: 'equivalent' | 'unobservable'
  readonly reason: string
}

type Key = Pick<CodeMutant, 'file' | 'mutator' | 'original' | 'replacement'>

/** Tells a mutant apart from build to build; line numbers and ids move. */
export function keyOf({ file, mutator, original, replacement }: Key): string {
  return JSON.stringify([file, mutator, original, replacement].map((text) => text.replace(/\s+/g, ' ')))
}

/** Explanations that name no mutant there is, or one that was killed. */
export function staleExplanations(
  explanations: readonly Explanation[],
  mutants: readonly CodeMutant[],
  judgements: readonly Judgement[],
): readonly Explanation[] {
  const there = new Set(mutants.map(keyOf))
  const caught = judgements.filter(({ fate }) => fate === 'killed' || fate === 'died')
  const open = new Set(
    judgements.filter(({ fate }) => fate !== 'killed' && fate !== 'died').map(({ mutant }) => keyOf(mutant)),
  )
  const gone = new Set(caught.map(({ mutant }) => keyOf(mutant)).filter((key) => !open.has(key)))
  return explanations.filter((explanation) => {
    const key = keyOf(explanation)
    return !there.has(key) || gone.has(key)
  })
}

import type { Step } from './step.ts'

/** Looks for fewer steps that lead to the same finding. */
export interface Shrinking {
  /** Whether these steps do. */
  readonly reproduces: (steps: readonly Step[]) => Promise<boolean>
  /** Plays at most. */
  readonly tries: number
  /** When to stop, in milliseconds of `performance.now()`. */
  readonly until: number
}

/**
 * Leaves out steps, half of them at first and in the end single ones, as long as what was found is found again (Zeller's `ddmin`, simplified).
 *
 * @returns The fewest steps that were seen to lead there; `undefined` where not even all of them did again.
 */
export async function shrink(
  steps: readonly Step[],
  { reproduces, tries, until }: Shrinking,
): Promise<readonly Step[] | undefined> {
  let left = tries
  const isSame = async (some: readonly Step[]): Promise<boolean> => {
    left -= 1
    return await reproduces(some)
  }
  if (!(await isSame(steps))) return undefined
  let kept = steps
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length && left > 0 && performance.now() < until;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)]
      if (await isSame(fewer)) kept = fewer
      else at += size
    }
  }
  return kept
}

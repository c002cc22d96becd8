import type { Problem } from './problem.ts'

/**
 * Ids that were published and are gone without a word in the changelog.
 *
 * @param before - Ids of the committed `requirements.json`.
 * @param now - Ids that the pages hold.
 * @param changelog - Text of `CHANGELOG.md`.
 */
export function unexplainedRemovals(
  before: readonly string[],
  now: ReadonlySet<string>,
  changelog: string,
): Problem[] {
  const named = new Set(changelog.match(/[a-z0-9-]+\.[a-z0-9-]+/g))
  return before.flatMap((id) =>
    now.has(id) || named.has(id)
      ? []
      : [{ file: 'CHANGELOG.md', line: 1, message: `Requirement "${id}" is gone: name it here, and why` }],
  )
}

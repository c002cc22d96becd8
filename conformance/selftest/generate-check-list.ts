import { checks } from '@parley/conformance'
import { generateFile, readGenerated } from './generated-file.ts'

/**
 * Writes the list of the kit's checks, or with `--check` compares it. A check that was in the list stays there, as removed, and may go only
 * with a line in the changelog; its id is never used again.
 * Usage: node conformance/selftest/dist/generate-check-list.js [--check]
 */
const path = 'conformance/json/checks.json'

interface CheckList {
  readonly checks: readonly { readonly id: string; readonly requirement: string; readonly title: string }[]
  /** Ids of checks that there were. */
  readonly removed: readonly string[]
}

const before = JSON.parse(readGenerated(path) ?? '{"checks":[],"removed":[]}') as CheckList
const current = checks.map(({ id, requirement, title }) => ({ id, requirement: requirement.id, title }))
const ids = new Set(current.map(({ id }) => id))
const gone = before.checks.map(({ id }) => id).filter((id) => !ids.has(id))
const changelog = readGenerated('CHANGELOG.md') ?? ''
const faults = [
  ...gone
    .filter((id) => !changelog.includes(`removed: \`${id}\``))
    .map(
      (id) => `The check ${id} is gone: give CHANGELOG.md a line with "removed: \`${id}\`" and the reason.`,
    ),
  ...before.removed
    .filter((id) => ids.has(id))
    .map((id) => `The id ${id} belonged to a check that was removed: give the new one another.`),
]
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`)
  process.exitCode = 1
} else {
  const removed = [...before.removed, ...gone].toSorted()
  await generateFile(path, JSON.stringify({ checks: current, removed } satisfies CheckList))
  process.stdout.write(`checks: ${String(ids.size)}, removed: ${String(removed.length)}\n`)
}

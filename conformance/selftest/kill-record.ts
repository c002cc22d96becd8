import { readGenerated } from './generated-file.ts'
import type { Hunt } from './hunt.ts'
import type { Mutant } from './mutant.ts'

/** What came of the hunt for one mutant, as it is published. */
export interface KillRecord {
  readonly breaks: string
  readonly mutant: string
  /** Ids of the checks of the broken requirement that failed. */
  readonly killers: readonly string[]
  /** What the first of them said; what is drawn at random or measured stands as `…`. */
  readonly message: string
}

/** Characters of a message that are kept. */
const messageLength = 240

/** Where the records are, from the top of the repository. */
export const killRecordsPath = 'docs/reference/kill-table.json'

/** The published records. */
export function killRecords(): readonly KillRecord[] {
  return JSON.parse(readGenerated(killRecordsPath) ?? '[]') as readonly KillRecord[]
}

/** What tells the records of mutants apart. */
export function keyOf({ breaks, mutant }: Pick<KillRecord, 'breaks' | 'mutant'>): string {
  return `${breaks}: ${mutant}`
}

/** The record of a hunt. */
export function recordOf({ mutant, killers }: Hunt): KillRecord {
  return {
    breaks: mutant.breaks,
    mutant: mutant.name,
    killers: steady(
      mutant,
      killers.map(({ id }) => id),
    ),
    message: settled(killers[0]?.reason ?? ''),
  }
}

function steady({ sometimes = [] }: Mutant, ids: readonly string[]): readonly string[] {
  return ids.filter((id) => !sometimes.includes(id)).toSorted()
}

/** A message without what differs from run to run. */
function settled(message: string): string {
  const text = message
    .replace(/[\w-]{16,}/g, (word) => (/[A-Z0-9]/.test(word) ? '…' : word))
    .replace(/\d+\.\d+ s\b/g, '… s')
    .replace(/\d{3,} ms\b/g, '… ms')
    .replace(/\s+/g, ' ')
  return text.length > messageLength ? `${text.slice(0, messageLength)}…` : text
}

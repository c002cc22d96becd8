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
    message: settled((killers.find(({ id }) => isSteady(mutant, id)) ?? killers[0])?.reason ?? ''),
  }
}

function steady(mutant: Mutant, ids: readonly string[]): readonly string[] {
  return ids.filter((id) => isSteady(mutant, id)).toSorted()
}

function isSteady({ sometimes = [] }: Mutant, id: string): boolean {
  return !sometimes.includes(id)
}

/**
 * Why a hunt is not what is published of its mutant: it has to be found by the same checks, and the first of them has to say the same, where
 * the mutant does not itself say what has to be said.
 *
 * @returns `undefined` when it is.
 */
export function differenceFrom(published: KillRecord | undefined, found: Hunt): string | undefined {
  const { killers, message } = recordOf(found)
  if (!published) return 'it is not in the kill table'
  if (String(killers) !== String(published.killers))
    return `found by ${String(killers)}, not by ${String(published.killers)}`
  if (found.mutant.says || likeness(message) === likeness(published.message)) return undefined
  return `the message is ${JSON.stringify(message)}, not ${JSON.stringify(published.message)}`
}

/**
 * The same for a machine that is at its limits, where a check can come to no judgement, or the frames of a run fall in another order, so that
 * one in so many is another one: the fault has been found by checks that are published for it or are about the sentence that it breaks, and its
 * message names it.
 */
export function contradictionOf(published: KillRecord | undefined, found: Hunt): string | undefined {
  const record = recordOf(found)
  const isOfBroken = (id: string) => id === record.breaks || id.startsWith(`${record.breaks}:`)
  const others = record.killers.filter((id) => !published?.killers.includes(id) && !isOfBroken(id))
  if (published && record.killers.length > 0 && others.length === 0) return vagueness(record)
  return differenceFrom(published, found)
}

/** What two messages about the same fault have in common: no numbers, nothing drawn, and not where a watch over all frames saw it first. */
export function likeness(message: string): string {
  return message
    .replace(/ at endpoint \S+ of .*$/, '')
    .replace(/"(peer|session)":"[^"]*"?/g, '"$1":…')
    .replace(/"[\w-]{8,}"/g, '…')
    .replace(/arrived "[^"]*"/g, 'arrived …')
    .replace(/\(negotiation \d+, [\w+/]+\)/g, '(…)')
    .replace(/\b[A-Z](, [A-Z])+\b/g, '…')
    .replace(/[0-9a-f]{8,}|parley[\w-]*/g, '…')
    .replace(/\d+(\.\d+)?/g, '#')
    .replace(/#(, #)+/g, '#')
    .replace(/…+/g, '…')
}

/** What is wrong with a published message as a message of one fault; `undefined` when nothing is. */
export function vagueness({ message }: KillRecord): string | undefined {
  if (!/^Expected .+, (but|and) .+/.test(message)) return 'it does not say what was expected and what came'
  if (/, or for .*, or for /.test(message)) return 'it names several frames, of which one is meant'
  if (/^Expected (an outcome of the message|a pong for the ping with id|an? \w+,)/.test(message))
    return 'it tells a step of the check, not what the requirement asks for'
  return undefined
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

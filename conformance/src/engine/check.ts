import type { CapabilityName } from '@parley/schemas'
import { requirements, type Requirement, type ServerRequirementId } from '../generated/requirement.ts'
import type { CheckContext } from './context.ts'

/** How and when a check runs. */
export interface CheckOptions {
  /** Tells the checks of one requirement apart; lower-case words joined by hyphens. */
  readonly name?: string
  /** Sends frames that a bad server could die of: runs after the others, so that it takes none of them along. */
  readonly hostile?: boolean
  /** Takes many round trips: begins before the others, which fill the time. */
  readonly lengthy?: boolean
  /** Does little but wait for a time that passes: begins before all others, and takes none of their lanes where the user has not said how many may run. */
  readonly waits?: boolean
  /** Needs to be the only one that is connected: runs before the others, and one at a time. */
  readonly solitary?: boolean
  /** Drives real WebRTC peers. */
  readonly peers?: boolean
  /** Applies to servers that offer this capability alone; its clients ask for it, and nothing else. */
  readonly capability?: CapabilityName
  /** Needs a server that begins to drain: runs where the user gives a command for that, when nothing else is left to run. */
  readonly drains?: boolean
  /**
   * Walks through what other checks look at one by one: its failure counts only where none of these shows what is wrong, so it never stands
   * beside the cause.
   */
  readonly net?: boolean
  /** Judges what all other checks have seen: runs after them. */
  readonly last?: boolean
}

/** One check: the only thing that judges a server. */
export interface Check extends CheckOptions {
  /** The requirement's id, followed by `:name` where a requirement has several checks. Never renumbered or reused. */
  readonly id: string
  /** The requirement that it judges. */
  readonly requirement: Requirement
  /** What is looked at, as a short sentence. */
  readonly title: string
  /** Returns when the server did right; throws `CheckFailure` or `Undecided` otherwise. */
  readonly run: (t: CheckContext) => Promise<void>
}

/** Chapter that a check belongs to: the specification's page, or end-to-end for a check with real peers. */
export function chapterOf({ peers, requirement }: Check): string {
  return peers ? 'end-to-end' : requirement.file.replace(/^.*\//, '').replace(/\.md$/, '')
}

const byId = new Map<string, Requirement>(requirements.map((requirement) => [requirement.id, requirement]))

/** Looks up a requirement by its id. */
export function requirementOf(id: ServerRequirementId): Requirement {
  const requirement = byId.get(id)
  if (!requirement) throw new Error(`No requirement has the id "${id}"`)
  return requirement
}

/**
 * Declares a check.
 *
 * @param requirement - Id of the sentence that it judges; one that does not exist does not compile.
 */
export function check(
  requirement: ServerRequirementId,
  title: string,
  run: (t: CheckContext) => Promise<void>,
  options: CheckOptions = {},
): Check {
  const id = options.name ? `${requirement}:${options.name}` : requirement
  return { ...options, id, requirement: requirementOf(requirement), title, run }
}

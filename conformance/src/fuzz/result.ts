import type { ServerRequirementId } from '../generated/requirement.ts'
import type { MemoryTrend } from './memory.ts'
import type { Line } from './world.ts'

/** Something that a server did against the specification. */
export interface FuzzFinding {
  /** The sentence that it breaks; of growing memory there is none. */
  readonly requirement: ServerRequirementId | undefined
  readonly expected: string
  readonly actual: string
  /** The episode in which it was found first, from 1. */
  readonly episode: number
  /** Episodes in which it was found. */
  readonly times: number
  /** What was said last, without secrets. */
  readonly lines: readonly Line[]
  /**
   * The fewest steps that were seen to lead there, in words; marks such as `@p2@` stand for what the moment gives. Empty where it did not
   * come again.
   */
  readonly steps: readonly string[]
  /** Steps of that episode until then. */
  readonly stepsOfEpisode: number
  /** The command that plays the episode again. */
  readonly replay: string
}

/** What came of a run: `clean` nothing, `found` something, `interrupted` nothing until the user ended it, `blocked` nothing until it could not go on. */
export type FuzzVerdict = 'clean' | 'found' | 'interrupted' | 'blocked'

/** Everything that is known after a run of the fuzzer. */
export interface FuzzResult {
  readonly name: 'parley-fuzz'
  readonly format: 1
  readonly kit: string
  readonly url: string
  readonly seed: string
  readonly verdict: FuzzVerdict
  readonly clients: number
  /** Frames that were sent. */
  readonly frames: number
  readonly episodes: number
  readonly connections: number
  readonly durationMs: number
  readonly findings: readonly FuzzFinding[]
  /** How the server's memory grew, where it could be seen. */
  readonly memory?: MemoryTrend
  /** Why the run ended before its time. */
  readonly ended?: string
}

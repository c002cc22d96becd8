import type { TranscriptEntry } from '../endpoint/transcript.ts'
import type { CheckVerdict, RunVerdict, Tally } from './verdict.ts'

/** Version of the result's format: grows when a reader of the older one could misread it. */
export const resultFormat = 1

/** Result of one check. */
export interface CheckResult {
  /** Id of the check. */
  readonly id: string
  /** Id of the requirement that it judges. */
  readonly requirement: string
  /** Chapter of the specification that holds the requirement, or `end-to-end` for a check with real peers. */
  readonly chapter: string
  /** BCP 14 key word of the requirement. */
  readonly level: string
  /** What was looked at. */
  readonly title: string
  readonly verdict: CheckVerdict
  /** Milliseconds that the check took. */
  readonly durationMs: number
  /** Times that it was run; more than 1 only after the WebRTC library or the connection broke in the first one. */
  readonly attempts: number
  /** Why the verdict is what it is; absent for a plain pass. */
  readonly reason?: string
  /** Of a failure: what the requirement asks for. */
  readonly expected?: string
  /** Of a failure: what was seen. */
  readonly actual?: string
  /** The requirement's sentence; where there is something to read about it. */
  readonly statement?: string
  /** Where the sentence stands: file and anchor within `spec/`. */
  readonly location?: string
  /** The last frames of each endpoint. */
  readonly transcript?: readonly TranscriptEntry[]
  /** Facts of the connection between real peers. */
  readonly evidence?: readonly string[]
  /** Command that runs this check alone. */
  readonly replay?: string
}

/** What was chosen to run. */
export interface Selection {
  /** Whether every check of the profile was selected. */
  readonly complete: boolean
  /** Ids and patterns that the user gave. */
  readonly checks: readonly string[]
  readonly filter?: string
  readonly exhaustive: boolean
  /** Peer implementation: `none` or `wrtc`. */
  readonly peers: string
}

/** Result of a whole run: the one source of every report. */
export interface RunResult {
  /** {@link resultFormat}. */
  readonly format: number
  readonly target: { readonly url: string; readonly agent?: { readonly name: string; readonly version: string } }
  readonly kit: { readonly name: string; readonly version: string }
  readonly spec: { readonly version: number; readonly requirements: number }
  /** Capabilities that the server put in force when all known ones were asked for; Core needs none. */
  readonly capabilities: readonly string[]
  /** What `welcome` announced. */
  readonly limits: Readonly<Record<string, unknown>>
  readonly auth: readonly string[]
  /** Median round trip in milliseconds. */
  readonly roundTripMs: number
  /** Repeats names and payloads. */
  readonly seed: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  readonly selection: Selection
  readonly verdict: RunVerdict
  /** Why the verdict is no better, in a sentence; absent when conformant. */
  readonly reason?: string
  readonly summary: Tally & { readonly total: number }
  readonly checks: readonly CheckResult[]
}

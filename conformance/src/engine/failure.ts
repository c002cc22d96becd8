import type { ServerRequirementId } from '../generated/requirement.ts'
import type { Leg } from './result.ts'
import type { CheckVerdict } from './verdict.ts'

/** Thrown by a check when the server did not do what the requirement says. */
export class CheckFailure extends Error {
  override name = 'CheckFailure'
  /** What the requirement asks for, in protocol words. */
  readonly expected: string
  /** What was seen instead, in protocol words. */
  readonly actual: string
  /** Where a step failed that only leads to what the check looks at: the requirement that this step rests on. */
  presupposes: ServerRequirementId | undefined
  /** Whether a message had no answer at all. */
  unanswered = false
  /** Texts of the frames that show it: what was sent, and what came. */
  frames: readonly string[] = []
  /** How much of the transcript had been written, where a scene went on after it: what came later shows nothing of it. */
  seen: number | undefined

  constructor(expected: string, actual: string) {
    super(`Expected ${expected}, but ${actual}`)
    this.expected = expected
    this.actual = actual
  }

  /** The same failure as one of what a check itself is about: it presupposes nothing else. */
  inWords(expected: string, actual = this.actual): CheckFailure {
    const Kind = this instanceof ConnectionLost ? ConnectionLost : this instanceof Late ? Late : CheckFailure
    return Object.assign(new Kind(expected, actual), { unanswered: this.unanswered }).shownBy(...this.frames)
  }

  /** Names the frames that show it. */
  shownBy(...frames: readonly string[]): this {
    this.frames = frames
    return this
  }
}

/** Does a step that only leads to what a check looks at: its failure is marked as being about another requirement. */
export async function presupposing<T>(requirement: ServerRequirementId, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    if (error instanceof CheckFailure) error.presupposes ??= requirement
    throw error
  }
}

/** Waits for the answer to a message: a failure is marked as one for want of it. */
export async function answering<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CheckFailure && !(error instanceof ConnectionLost)) error.unanswered = true
    throw error
  }
}

/**
 * A {@link CheckFailure} because the connection ended without a word while something was awaited. Whether the check's own
 * frames are to blame is decided by the engine: see `run.ts`.
 */
export class ConnectionLost extends CheckFailure {
  override name = 'ConnectionLost'
}

/**
 * A {@link CheckFailure} because what came, came late. A network can do that once: the engine asks again, and the second time counts.
 */
export class Late extends CheckFailure {
  override name = 'Late'
}

/** Does a step that only shows what a check expects: its failure is told in the words of the check. */
export async function expecting<T>(expected: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    throw error instanceof CheckFailure ? error.inWords(expected) : error
  }
}

/** Thrown by a check that comes to no judgement. */
export class Undecided extends Error {
  override name = 'Undecided'
  /** Why not, as a verdict. */
  readonly verdict: Extract<
    CheckVerdict,
    'not-applicable' | 'not-observed' | 'could-not-run' | 'inconclusive'
  >

  /** Of a check with real peers: which part of the call is in the way. */
  readonly leg: Leg | undefined

  constructor(verdict: Undecided['verdict'], reason: string, leg?: Leg, cause?: Error) {
    super(reason, { cause })
    this.verdict = verdict
    this.leg = leg
  }
}

/**
 * Thrown where the server gives a client less than it has offered: it may have no place left for the moment, as for a session that could wait.
 * The engine asks again, when nothing is left of the other checks.
 */
export class Withheld extends Undecided {
  override name = 'Withheld'

  constructor(reason: string) {
    super('could-not-run', reason)
  }
}

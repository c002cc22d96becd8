import type { CheckVerdict } from './verdict.ts'

/** Thrown by a check when the server did not do what the requirement says. */
export class CheckFailure extends Error {
  override name = 'CheckFailure'
  /** What the requirement asks for, in protocol words. */
  readonly expected: string
  /** What was seen instead, in protocol words. */
  readonly actual: string

  constructor(expected: string, actual: string) {
    super(`Expected ${expected}, but ${actual}`)
    this.expected = expected
    this.actual = actual
  }
}

/**
 * A {@link CheckFailure} because the connection ended without a word while something was awaited. Whether the check's own
 * frames are to blame is decided by the engine: see `run.ts`.
 */
export class ConnectionLost extends CheckFailure {
  override name = 'ConnectionLost'
}

/** Thrown by a check that comes to no judgement. */
export class Undecided extends Error {
  override name = 'Undecided'
  /** Why not, as a verdict. */
  readonly verdict: Extract<
    CheckVerdict,
    'not-applicable' | 'not-observed' | 'could-not-run' | 'inconclusive'
  >

  constructor(verdict: Undecided['verdict'], reason: string) {
    super(reason)
    this.verdict = verdict
  }
}

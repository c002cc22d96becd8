import type { ServerRequirementId } from '../generated/requirement.ts'

/** A sentence that the server broke in a frame which no check was asking about. */
export interface Violation {
  readonly requirement: ServerRequirementId
  /** Id of the check during which it was seen. */
  readonly check: string
  /** The endpoint that saw it. */
  readonly endpoint: string
  /** What the requirement asks for. */
  readonly expected: string
  /** What was seen. */
  readonly actual: string
  /** Length of the check's transcript when it was seen. */
  readonly transcriptLength: number
  /** Whether it still holds when the run is over: what was missing may have come late. By default it does. */
  readonly stands?: () => boolean
}

/** Reports a broken sentence: what the requirement asks for, and what was seen. */
export type Report = (
  requirement: ServerRequirementId,
  expected: string,
  actual: string,
  stands?: Violation['stands'],
) => void

/** Collects, for a whole run, how often each watched requirement could be looked at and how it was broken. */
export class Watch {
  readonly violations: Violation[] = []
  readonly #looks = new Map<ServerRequirementId, number>()

  /** Counts a frame at which a requirement could have been broken. */
  look(requirement: ServerRequirementId): void {
    this.#looks.set(requirement, this.looks(requirement) + 1)
  }

  /** How many frames were looked at for a requirement. */
  looks(requirement: ServerRequirementId): number {
    return this.#looks.get(requirement) ?? 0
  }
}

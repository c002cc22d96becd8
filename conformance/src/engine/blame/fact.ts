import type { ServerRequirementId } from '../../generated/requirement.ts'
import type { CheckResult } from '../result.ts'

/** What a run knows of a check besides its result, by which causes are told from consequences. */
export interface CheckFact {
  /** Requirements that the watch over all frames saw broken at this check's endpoints. */
  readonly saw: ReadonlySet<string>
  /** Whether a connection of it ended without a word. */
  readonly lost: boolean
  /** Requirement of the step that failed, where that only led to what the check looks at. */
  readonly presupposes: ServerRequirementId | undefined
  /** Whether a message of it had no answer at all. */
  readonly unanswered: boolean
  /** Judges what all other checks have seen. */
  readonly watches: boolean
  /** Walks through what other checks look at one by one. */
  readonly net: boolean
}

/** Facts of a check that nothing is known of. */
const nothing: CheckFact = {
  saw: new Set(),
  lost: false,
  presupposes: undefined,
  unanswered: false,
  watches: false,
  net: false,
}

/** Requirements that an answer is put down to only where a check of them fails: it is what a check looks at otherwise. */
const onlyWhereShown: ReadonlySet<string> = new Set<ServerRequirementId>(['frames.good-shape', 'outcomes.ok'])

/** The failures of a run, by check and by requirement, with what is known of each. */
export class Failures {
  readonly #facts: ReadonlyMap<string, CheckFact>
  readonly #byRequirement = new Map<string, CheckResult[]>()
  readonly checks: readonly CheckResult[]

  constructor(checks: readonly CheckResult[], facts: ReadonlyMap<string, CheckFact>) {
    this.#facts = facts
    this.checks = checks
    for (const check of checks)
      this.#byRequirement.set(check.requirement, [...this.of(check.requirement), check])
  }

  /** Requirements that failed, in the order of the checks. */
  get requirements(): readonly string[] {
    return [...this.#byRequirement.keys()]
  }

  /** Failed checks of a requirement. */
  of(requirement: string): readonly CheckResult[] {
    return this.#byRequirement.get(requirement) ?? []
  }

  /** What is known of a check. */
  factOf({ id }: CheckResult): CheckFact {
    return this.#facts.get(id) ?? nothing
  }

  /** Whether a check failed at what it looks at, not on the way there. */
  isOwn(check: CheckResult): boolean {
    const { presupposes } = this.factOf(check)
    if (presupposes === undefined || presupposes === check.requirement) return true
    return onlyWhereShown.has(presupposes) && this.of(presupposes).length === 0
  }

  /** Whether two checks came to an end at the same step on the way to what they look at, or are one. */
  stumbledAlike(one: CheckResult, other: CheckResult): boolean {
    const { presupposes } = this.factOf(one)
    return one === other || (presupposes !== undefined && presupposes === this.factOf(other).presupposes)
  }

  /** Whether messages of so many kinds of checks had no answer that no one of their requirements can be why. */
  get leavesUnanswered(): boolean {
    const silent = this.checks.filter((check) => this.factOf(check).unanswered)
    return new Set(silent.map(({ requirement }) => requirement)).size >= leastUnanswered
  }

  /**
   * Whether what the watch saw of a requirement goes together with failures: checks that saw it fail clearly more often than others do.
   */
  goesWithSeeing(requirement: string): boolean {
    const failed = new Set(this.checks.map(({ id }) => id))
    const saw = [...this.#facts].filter(([, fact]) => fact.saw.has(requirement)).map(([id]) => id)
    const others = this.#facts.size - saw.length
    // What nearly every check has seen explains no failure of a few.
    if (saw.length === 0 || others < this.#facts.size / 10) return false
    const failedHere = saw.filter((id) => failed.has(id)).length
    const failedElsewhere = failed.size - failedHere
    const rate = failedHere / saw.length
    return rate >= leastRate && rate >= leastLift * ((failedElsewhere + 0.5) / (others + 1))
  }
}

/** Requirements whose checks had no answer from which on it is answers as such that are missing. */
const leastUnanswered = 5

/** Share of the checks that saw a violation which has to fail before it counts as the reason of any. */
const leastRate = 0.1

/** How many times more often checks that saw a violation have to fail than others. */
const leastLift = 3

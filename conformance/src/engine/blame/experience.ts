import { faults } from '../../generated/consequence.ts'

/** A fault of which it is known what else fails with it. */
export interface KnownFault {
  /** The requirement that it breaks. */
  readonly breaks: string
  /** Further requirements whose checks may fail. */
  readonly brings: readonly string[]
  /** How many faults are like that. */
  readonly times: number
}

/** Share of a known fault's consequences that must have failed before it is thought of. */
const leastResemblance = 0.25

/** What the faults of the kit's self-test teach: which broken requirement makes which others fail. */
export class Experience {
  readonly #faults: readonly KnownFault[]
  readonly #broken = new Map<string, number>()
  readonly #failed = new Map<string, number>()
  readonly #brought = new Map<string, number>()
  readonly #total: number

  constructor(known: readonly KnownFault[] = faults) {
    this.#faults = known
    this.#total = known.reduce((sum, { times }) => sum + times, 0)
    for (const { breaks, brings, times } of known) {
      add(this.#broken, breaks, times)
      add(this.#failed, breaks, times)
      for (const each of brings) {
        add(this.#failed, each, times)
        add(this.#brought, `${breaks}\n${each}`, times)
      }
    }
  }

  /** How much a requirement that fails is the broken one itself rather than a consequence: from 0 to 1. */
  independence(requirement: string): number {
    return (amount(this.#broken, requirement) + 0.5) / (amount(this.#failed, requirement) + 1)
  }

  /**
   * How likely failures are where a requirement is broken, as a logarithm: by the known fault of it that resembles them most.
   *
   * @param failures - Requirements that failed, each with how likely that is for other reasons.
   * @param failed - All requirements that failed.
   */
  resemblance(cause: string, failures: ReadonlyMap<string, number>, failed: ReadonlySet<string>): number {
    const alike = this.#faults.filter(({ breaks }) => breaks === cause).map(({ brings }) => new Set(brings))
    const scores = [new Set<string>(), ...alike].map((brings) => {
      let score = 0
      for (const [requirement, otherwise] of failures) {
        const general = Math.max(otherwise, this.likelihood(cause, requirement))
        score += Math.log(brings.has(requirement) ? Math.max(whereAlike, general) : general)
      }
      const missing = [...brings].filter((each) => !failed.has(each)).length
      return score + missing * Math.log(whereMissing)
    })
    return Math.max(...scores)
  }

  /** How likely a requirement fails where another one is broken: from 0 to 1. */
  likelihood(cause: string, consequence: string): number {
    const often = amount(this.#brought, `${cause}\n${consequence}`) * whereDeclared
    const base = (amount(this.#failed, consequence) / Math.max(1, this.#total)) * weightOfBase
    return (often + base) / (amount(this.#broken, cause) + weightOfBase)
  }

  /** Requirements of those that failed which a broken one is known to bring along. */
  consequencesOf(cause: string, failed: ReadonlySet<string>): ReadonlySet<string> {
    const alike = this.#faults.filter(({ breaks, brings }) => {
      const met = brings.filter((each) => failed.has(each)).length
      return breaks === cause && met > 0 && met >= brings.length * leastResemblance
    })
    return new Set(alike.flatMap(({ brings }) => brings).filter((each) => failed.has(each)))
  }
}

/** A fault that may bring a requirement along does so this often. */
const whereDeclared = 0.9

/** How likely what a fault brings along fails with a fault that is just like it. */
const whereAlike = 0.5

/** How likely what it brings along does not fail this time. */
const whereMissing = 0.9

/** How much what is generally so counts beside what is known of one requirement. */
const weightOfBase = 0.3

function amount(counts: ReadonlyMap<string, number>, key: string): number {
  return counts.get(key) ?? 0
}

function add(counts: Map<string, number>, key: string, times: number): void {
  counts.set(key, amount(counts, key) + times)
}

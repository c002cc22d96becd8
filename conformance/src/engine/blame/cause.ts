import type { ServerRequirementId } from '../../generated/requirement.ts'
import type { CheckResult } from '../result.ts'
import { deathOf } from './death.ts'
import { Experience } from './experience.ts'
import { Failures, type CheckFact } from './fact.ts'
import { symptomOf } from './symptom.ts'

/** How likely a link between a cause and a failure counts when causes are weighed. */
const likelihoods = { presupposed: 0.9, unanswered: 0.2, seen: 0.1, sameSymptom: 0.05, none: 0.002 } as const

/** Requirements that every message has an answer, whatever it is about. */
const aboutAnswers: ReadonlySet<string> = new Set<ServerRequirementId>([
  'outcomes.exactly-one',
  'outcomes.failure-told',
])

/** The requirement that a frame can be read at all. */
const readable: ServerRequirementId = 'frames.object'

/**
 * What counts for a cause besides: that most checks of its requirement failed, and its plain one, which looks at the sentence alone; against it: that
 * only the watch saw it, or only checks of a capability, which build on all of Core.
 */
const weights = { independence: 2, share: 0.5, plain: 1, watchedOnly: -1, capabilityOnly: -1 } as const

/**
 * Tells causes from consequences: every failure that another one most likely explains names it in `causedBy`. Verdicts stay as they are.
 *
 * The smallest set of broken requirements is looked for that explains all failures: one after another, the requirement that makes the
 * failures most likely takes those that it explains. A failure is explained by a requirement when it is one of its own checks, when
 * it is known to fail with it, when the step that failed rests on it, when it is about answers and many checks had none, when the watch saw
 * it broken at that check, or when both look the same.
 */
export function nameCauses(
  results: readonly CheckResult[],
  facts: ReadonlyMap<string, CheckFact>,
  experience = new Experience(),
): readonly CheckResult[] {
  const failed = results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  if (failed.length < 2) return results
  const death = deathOf(failed, facts)
  const standing = failed.filter((check) => !death?.victims.includes(check))
  const wire = standing.filter(({ chapter }) => chapter !== 'end-to-end')
  const judged = wire.some(({ verdict }) => verdict === 'fail') ? wire : standing
  const causes = new Map(findCauses(judged, results, facts, experience))
  const [first] = causes.values()
  // What real peers stumble over is nearly always what a wire check has named already, more exactly.
  for (const { id } of standing) if (first !== undefined && !causes.has(id)) causes.set(id, first)
  for (const { id } of death?.victims ?? []) causes.set(id, causes.get(death?.check.id ?? '') ?? id)
  return results.map((check) => {
    const cause = causes.get(check.id)
    return cause === undefined || cause === check.id ? check : { ...check, causedBy: cause }
  })
}

/** Id of the cause by that of the failed check, in the order in which causes were found. */
function findCauses(
  failed: readonly CheckResult[],
  results: readonly CheckResult[],
  facts: ReadonlyMap<string, CheckFact>,
  experience: Experience,
): ReadonlyMap<string, string> {
  const failures = new Failures(failed, facts)
  const found = new Map<string, string>()
  const links = failures.requirements.map((requirement) => new Link(requirement, failures, experience))
  let left = failed
  while (left.length > 0) {
    const [best] = links
      .filter((link) => link.own.some((check) => left.includes(check)))
      .map((link) => ({ link, score: link.score(left, results) }))
      .toSorted((a, b) => b.score - a.score)
    const cause = best ? representativeOf(best.link.own, left, failures) : left[0]
    if (!cause) break
    const taken = left.filter((check) =>
      best ? best.link.explains(check) : failures.stumbledAlike(check, cause),
    )
    for (const check of taken) found.set(check.id, cause.id)
    left = left.filter((check) => !taken.includes(check))
  }
  return found
}

/** The check that tells of a cause: one that looked itself rather than what the watch happened to see. */
function representativeOf(
  own: readonly CheckResult[],
  left: readonly CheckResult[],
  failures: Failures,
): CheckResult | undefined {
  const open = own.filter((check) => left.includes(check))
  const grave = open.filter(({ verdict }) => verdict === 'fail')
  const telling = grave.length > 0 ? grave : open
  return telling.find((check) => !failures.factOf(check).watches) ?? telling[0]
}

/** A requirement that failed, as the cause of other failures. */
class Link {
  /** Its checks that failed at what they look at. */
  readonly own: readonly CheckResult[]
  readonly #requirement: string
  readonly #failures: Failures
  readonly #experience: Experience
  readonly #known: ReadonlySet<string>
  readonly #symptoms: ReadonlySet<string>
  readonly #explainsBySight: boolean
  readonly #explainsSilence: boolean

  constructor(requirement: string, failures: Failures, experience: Experience) {
    this.#requirement = requirement
    this.#failures = failures
    this.#experience = experience
    this.own = failures.of(requirement).filter((check) => failures.isOwn(check))
    this.#known = experience.consequencesOf(requirement, new Set(failures.requirements))
    this.#symptoms = new Set(this.own.map(symptomOf))
    this.#explainsBySight = failures.goesWithSeeing(requirement)
    this.#explainsSilence = aboutAnswers.has(requirement) && failures.leavesUnanswered
  }

  explains(check: CheckResult): boolean {
    return (
      check.requirement === this.#requirement ||
      this.#known.has(check.requirement) ||
      this.#likelihoodBySigns(check) > likelihoods.none
    )
  }

  /** Logarithm of how likely the failures are, were this requirement the broken one. */
  score(left: readonly CheckResult[], results: readonly CheckResult[]): number {
    const others = new Set(left.map(({ requirement }) => requirement))
    others.delete(this.#requirement)
    let score = weights.independence * Math.log(this.#experience.independence(this.#requirement))
    const likely = new Map(
      [...others].map((requirement) => {
        const checks = left.filter((check) => check.requirement === requirement)
        return [requirement, Math.max(...checks.map((check) => this.#likelihoodBySigns(check)))] as const
      }),
    )
    score += this.#experience.resemblance(this.#requirement, likely, new Set(this.#failures.requirements))
    const mine = this.#failures.of(this.#requirement)
    const all = results.filter(
      (check) => check.requirement === this.#requirement && check.chapter !== 'end-to-end',
    )
    score += (weights.share * mine.length) / Math.max(1, all.length)
    if (this.own.some(({ id }) => id === this.#requirement)) score += weights.plain
    if (mine.every(({ capability }) => capability !== undefined)) score += weights.capabilityOnly
    if (mine.every((check) => this.#failures.factOf(check).watches)) score += weights.watchedOnly
    return score
  }

  #likelihoodBySigns(check: CheckResult): number {
    const { presupposes, saw, unanswered } = this.#failures.factOf(check)
    if (presupposes === this.#requirement) return likelihoods.presupposed
    // An answer that nobody can read is none.
    if (unanswered && this.#requirement === readable && saw.has(readable)) return likelihoods.presupposed
    if (unanswered && this.#explainsSilence) return likelihoods.unanswered
    if (this.#explainsBySight && saw.has(this.#requirement)) return likelihoods.seen
    return this.#symptoms.has(symptomOf(check)) ? likelihoods.sameSymptom : likelihoods.none
  }
}

import { runConformance, TargetProblem, type CheckResult, type RunResult } from '@parley/conformance'
import { aftermathOf, generalConsequences } from './general-consequence.ts'
import type { Mutant } from './mutant.ts'

/** How a mutant fared against the kit. */
export interface Hunt {
  readonly mutant: Mutant
  /** Checks that judged `fail` (or `warn`, for a SHOULD), cite the broken requirement and say what the mutant wants said. */
  readonly killers: readonly CheckResult[]
  /** Checks that judged against the server for another requirement than the broken one and its consequences. */
  readonly strays: readonly CheckResult[]
  /** Whether the whole kit was run, not only chosen checks. */
  readonly isWhole: boolean
  readonly result: RunResult
}

/** Factor on the kit's deadlines: server and kit are in one process. */
const huntingScale = 0.2

const against: ReadonlySet<string> = new Set(['fail', 'warn', 'kit-error'])

/**
 * Runs the checks of the broken requirement against a mutant, with the one that provokes the fault where they do not, and the whole kit when
 * that comes to nothing.
 */
export async function huntDown(mutant: Mutant): Promise<Hunt> {
  const { breaks, provokedBy } = mutant
  const narrow = await huntPatiently(mutant, provokedBy === undefined ? [breaks] : [breaks, provokedBy])
  return narrow.killers.length > 0 ? narrow : await huntPatiently(mutant)
}

/**
 * Runs the kit against a mutant. A run that comes to no check because this machine was too busy to answer the first hello is tried again with
 * longer deadlines.
 */
export async function huntPatiently(mutant: Mutant, checks: readonly string[] = []): Promise<Hunt> {
  try {
    return await hunt(mutant, checks)
  } catch (error) {
    if (!(error instanceof TargetProblem)) throw error
    return await hunt(mutant, checks, 4 * huntingScale)
  }
}

/**
 * Runs the kit against a mutant.
 *
 * @param timeoutScale - Factor on the kit's deadlines.
 */
export async function hunt(
  mutant: Mutant,
  checks: readonly string[] = [],
  timeoutScale = huntingScale,
): Promise<Hunt> {
  await using server = await mutant.start()
  const chosen = mutant.only !== undefined ? mutant.only.split(',') : mutant.slow ? [mutant.breaks] : checks
  const result = await runConformance({
    url: server.url,
    tokens: server.tokens,
    peers: mutant.peers ? 'wrtc' : 'none',
    timeoutScale,
    checks: chosen,
    exhaustive: mutant.slow ?? false,
    ...(mutant.drains && server.drain ? { drainCommand: server.drain } : {}),
    seed: mutant.name,
  })
  const judged = result.checks.filter(({ verdict }) => against.has(verdict))
  const { breaks, says = /./ } = mutant
  const listed = { ...generalConsequences(breaks), ...mutant.consequences }
  const aftermath = aftermathOf(breaks)
  const allowed = new Set<string>([breaks, ...Object.keys(listed)])
  return {
    mutant,
    killers: judged.filter(
      ({ requirement, verdict, reason = '' }) =>
        requirement === breaks && verdict !== 'kit-error' && says.test(reason),
    ),
    strays: judged.filter(
      (check) =>
        check.verdict === 'kit-error' || (!allowed.has(check.requirement) && !aftermath?.fits(check)),
    ),
    isWhole: chosen.length === 0,
    result,
  }
}

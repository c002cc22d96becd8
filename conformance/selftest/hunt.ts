import { runConformance, type CheckResult, type RunResult } from '@parley/conformance'
import type { Mutant } from './mutant.ts'

/** How a mutant fared against the kit. */
export interface Hunt {
  readonly mutant: Mutant
  /** Checks that judged `fail` (or `warn`, for a SHOULD), cite the broken requirement and say what the mutant wants said. */
  readonly killers: readonly CheckResult[]
  /** Checks that judged against the server for another requirement than the broken one and its consequences. */
  readonly strays: readonly CheckResult[]
  readonly result: RunResult
}

const against: ReadonlySet<string> = new Set(['fail', 'warn', 'kit-error'])

/**
 * Runs the checks of the broken requirement against a mutant, and the whole kit when they come to nothing: what they do not provoke by
 * themselves, the frames of all others do.
 */
export async function huntDown(mutant: Mutant): Promise<Hunt> {
  const narrow = await hunt(mutant, [mutant.breaks])
  return narrow.killers.length > 0 ? narrow : await hunt(mutant)
}

/**
 * Runs the kit against a mutant.
 *
 * @param timeoutScale - Deadlines are short here: server and kit are in one process.
 */
export async function hunt(
  mutant: Mutant,
  checks: readonly string[] = [],
  timeoutScale = 0.2,
): Promise<Hunt> {
  await using server = await mutant.start()
  const result = await runConformance({
    url: server.url,
    tokens: server.tokens,
    peers: mutant.peers ? 'wrtc' : 'none',
    timeoutScale,
    checks: mutant.only !== undefined ? mutant.only.split(',') : mutant.slow ? [mutant.breaks] : checks,
    exhaustive: mutant.slow ?? false,
    seed: mutant.name,
  })
  const judged = result.checks.filter(({ verdict }) => against.has(verdict))
  const { breaks, says = /./ } = mutant
  const allowed = new Set<string>([breaks, ...Object.keys(mutant.consequences ?? {})])
  return {
    mutant,
    killers: judged.filter(
      ({ requirement, verdict, reason = '' }) =>
        requirement === breaks && verdict !== 'kit-error' && says.test(reason),
    ),
    strays: judged.filter(({ requirement, verdict }) => !allowed.has(requirement) || verdict === 'kit-error'),
    result,
  }
}

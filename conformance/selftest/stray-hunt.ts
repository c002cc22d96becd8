import { TargetProblem, type CheckResult } from '@parley/conformance'
import { hunt, huntDown, type Hunt } from './hunt.ts'
import type { Mutant } from './mutant.ts'

/** Factors on the deadlines, one for each try: what a busy machine was too slow for the first time is given more time. */
const timeoutScales = [0.3, 0.6, 1.5]

/** What the whole kit says of one mutant. */
export interface StrayHunt {
  readonly mutant: Mutant
  /** Checks of the broken requirement that failed. */
  readonly killers: readonly CheckResult[]
  /** Checks that failed, each time, for something that the mutant neither breaks nor names as a consequence. */
  readonly strays: readonly CheckResult[]
  /** Requirements for which some check failed. */
  readonly failed: readonly string[]
  /** Whether any run came to its checks: not where this machine was too busy to answer the first hello. */
  readonly hasRun: boolean
}

/** Mutants that the whole kit is run against; the others name the checks that hunt them. */
export function isForStrays({ slow, only }: Mutant): boolean {
  return !slow && only === undefined
}

/** Mutants that name the checks which hunt them, for the whole kit: those that it can do without real peers. */
export function forTheWholeKit(mutants: readonly Mutant[]): readonly Mutant[] {
  return mutants
    .filter(({ only, slow, peers }) => only !== undefined && !slow && !peers)
    .map(({ only: _only, ...mutant }) => mutant)
}

/** Runs the whole kit against a mutant. A stray counts when it is there in every further run, with longer deadlines. */
export async function huntStrays(mutant: Mutant): Promise<StrayHunt> {
  const failed = new Set<string>()
  let killers: readonly CheckResult[] = []
  let strays: readonly CheckResult[] = []
  let isFirst = true
  for (const timeoutScale of timeoutScales) {
    const found = await patiently(mutant, timeoutScale)
    if (!found) continue
    for (const { requirement, verdict } of found.result.checks)
      if (verdict === 'fail' || verdict === 'warn') failed.add(requirement)
    // A fault of time shows with short deadlines only.
    if (killers.length === 0) killers = found.killers
    strays = isFirst ? found.strays : found.strays.filter(({ id }) => strays.some((each) => each.id === id))
    isFirst = false
    if (killers.length > 0 && strays.length === 0) break
  }
  // What is late by a few seconds is in time for a run that has to be patient with a busy machine.
  if (killers.length === 0) killers = (await huntDown(mutant)).killers
  return { mutant, killers, strays, failed: [...failed], hasRun: !isFirst }
}

async function patiently(mutant: Mutant, timeoutScale: number): Promise<Hunt | undefined> {
  try {
    return await hunt(mutant, [], timeoutScale)
  } catch (error) {
    // The run did not come to its checks: this machine was too slow to answer the first hello.
    if (error instanceof TargetProblem) return undefined
    throw error
  }
}

/** The stray as a line of a report. */
export function strayLine({ mutant }: StrayHunt, { id, verdict, reason }: CheckResult): string {
  return `STRAY ${id} ${verdict} for "${mutant.name}" (${mutant.breaks}): ${reason ?? ''}`
}

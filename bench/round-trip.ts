import { runConformance, type RunResult } from '@parley/conformance'
import { usualConcurrency } from '../conformance/src/engine/concurrency.ts'
import { impairedPath } from '../conformance/selftest/impaired-path.ts'
import type { RunningServer } from '../conformance/selftest/running-server.ts'

/** How a run's time divides into waiting for the network and all else. */
export interface RoundTripShare {
  /** Milliseconds of a round trip over the path. */
  readonly roundTripMs: number
  readonly durationMs: number
  /** Milliseconds that the run would take if its lanes did nothing but wait for the round trips that the checks need. */
  readonly neededMs: number
  /** The rest: work of kit and server, waits that a requirement asks for, lanes without a check at the end of a phase. */
  readonly ownMs: number
}

/** What {@link measureRoundTrips} finds. */
export interface RoundTrips {
  /** Round trips that the checks need: of each check those that follow each other, added up over all checks. */
  readonly needed: number
  readonly shares: readonly RoundTripShare[]
}

/**
 * Runs the wire checks over paths with known round trips. A check that needs n round trips one after the other takes n times longer what the
 * round trip is longer, whatever else it does: the slope tells n, and what is left is no waiting for the network. It takes a machine that is
 * idle: where checks wait for a processor, the slope drowns.
 *
 * @param runs - Runs over each path; of each check and of the run the shortest time counts, as other work on the machine only adds.
 */
export async function measureRoundTrips({ url, tokens }: RunningServer, runs: number): Promise<RoundTrips> {
  const paths: { readonly roundTripMs: number; readonly results: readonly RunResult[] }[] = []
  for (const roundTripMs of [100, 300]) {
    const results: RunResult[] = []
    for (let run = 0; run < runs; run += 1) {
      await using path = await impairedPath(url, { roundTripMs })
      results.push(await runConformance({ url: path.url, tokens, peers: 'none' }))
    }
    paths.push({ roundTripMs, results })
  }
  const [near, far] = paths.map(({ roundTripMs, results }) => ({ roundTripMs, sum: shortestSum(results) }))
  if (!near || !far) throw new Error('Cannot tell a slope from fewer than two paths')
  const needed = (far.sum - near.sum) / (far.roundTripMs - near.roundTripMs)
  return {
    needed,
    shares: paths.map(({ roundTripMs, results }) => {
      const durationMs = Math.min(...results.map((result) => result.durationMs))
      const neededMs = (needed * roundTripMs) / usualConcurrency(roundTripMs)
      return { roundTripMs, durationMs, neededMs, ownMs: durationMs - neededMs }
    }),
  }
}

/** The shortest time of each check, added up over all checks. */
function shortestSum(results: readonly RunResult[]): number {
  const shortest = new Map<string, number>()
  for (const { id, durationMs } of results.flatMap(({ checks }) => checks))
    shortest.set(id, Math.min(durationMs, shortest.get(id) ?? Infinity))
  return [...shortest.values()].reduce((sum, ms) => sum + ms, 0)
}

/**
 * How long a whole run of the kit takes against the reference server with every capability, against the same with none (Core), and against the minimal server: `npx tsx
 * bench/kit.ts [runs]`. Beside each the same run without peers, and what takes the time, by phase and by check. Then whole runs over slower paths. Last, how much of a run
 * over a slower path is the kit's own, beside the round trips that its checks need.
 */
import { runConformance, type RunResult } from '@parley/conformance'
import { serve, type Served } from '../conformance/selftest/soak/served.ts'
import { impairedPath } from '../conformance/selftest/impaired-path.ts'
import { usualConcurrency } from '../conformance/src/engine/concurrency.ts'
import { measureRoundTrips } from './round-trip.ts'

const runs = Number(process.argv[2] ?? 5)
for (const [name, what] of [
  ['reference', 'every capability'],
  ['core', 'Core alone'],
  ['minimal', 'the minimal server'],
] as const) {
  // In a process of its own, as users have it.
  await using server = await serve(name)
  await measureRuns(what, server)
}
for (const [name, what] of [
  ['core', 'Core alone'],
  ['reference', 'every capability'],
] as const) {
  await using server = await serve(name)
  for (const roundTripMs of [30, 100, 300]) {
    await using path = await impairedPath(server.url, { roundTripMs })
    const { durationMs, verdict } = await runConformance({ url: path.url, tokens: server.tokens })
    const seconds = (durationMs / 1000).toFixed(0)
    process.stdout.write(
      `${what} at ${String(roundTripMs)} ms of round trip: whole run ${seconds} s, verdict ${verdict}\n`,
    )
  }
}
// Core alone: with calls, checks wait for their turn to ring the second user, and that is no round trip.
await using slow = await serve('core')
const { needed, shares } = await measureRoundTrips(slow, Math.min(runs, 2))
process.stdout.write(`the wire checks of Core need ${needed.toFixed(0)} round trips\n`)
for (const { roundTripMs, durationMs, neededMs, ownMs } of shares) {
  const own = `own ${ownMs.toFixed(0)} ms (${((100 * ownMs) / durationMs).toFixed(0)} %)`
  process.stdout.write(
    `  at ${String(roundTripMs)} ms of round trip: ${String(durationMs)} ms, needed by ${String(usualConcurrency(roundTripMs))} at a time ${neededMs.toFixed(0)} ms, ${own}\n`,
  )
}

async function measureRuns(what: string, { url, tokens }: Served): Promise<void> {
  const whole: number[] = []
  const wire: number[] = []
  /** The kit's processor time for the wire checks alone: other work on the machine hardly touches it. */
  const processor: number[] = []
  let last: RunResult | undefined
  for (let run = 0; run < runs; run += 1) {
    const before = process.cpuUsage()
    wire.push((await runConformance({ url, tokens, peers: 'none' })).durationMs)
    const { user, system } = process.cpuUsage(before)
    processor.push((user + system) / 1000)
    last = await runConformance({ url, tokens })
    whole.push(last.durationMs)
  }
  process.stdout.write(
    `${what}: whole run ${words(whole)}, wire checks alone ${words(wire)} of which the kit computes ${words(processor)}, verdict ${last?.verdict ?? ''}\n`,
  )
  for (const { name, checks, durationMs } of last?.phases ?? [])
    process.stdout.write(
      `  ${String(durationMs).padStart(5)} ms  phase "${name}", ${String(checks)} checks\n`,
    )
  const slowest = (last?.checks ?? []).toSorted((a, b) => b.durationMs - a.durationMs).slice(0, 8)
  for (const { id, durationMs } of slowest)
    process.stdout.write(`  ${String(durationMs).padStart(5)} ms  ${id}\n`)
}

function words(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const seconds = (ms: number | undefined) => ((ms ?? 0) / 1000).toFixed(2)
  return `${seconds(sorted[Math.floor(sorted.length / 2)])} s (${seconds(sorted[0])} to ${seconds(sorted.at(-1))})`
}

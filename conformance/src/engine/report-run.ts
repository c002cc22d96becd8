import { capabilityNames, protocolVersion, type CapabilityName } from '@parley/schemas'
import type { Redactor } from '../endpoint/redact.ts'
import { requirements } from '../generated/requirement.ts'
import { kit } from '../kit.ts'
import type { Target } from '../target/target.ts'
import type { Check } from './check.ts'
import { causesOf } from './fault-group.ts'
import type { ConformanceOptions } from './options.ts'
import { KitFault } from './kit-fault.ts'
import {
  resultFormat,
  type CapabilityResult,
  type CheckResult,
  type Phase,
  type RunResult,
} from './result.ts'
import { runVerdict, tally } from './verdict.ts'
import { shownUrl } from '../target/shown-url.ts'

/** What a run's result is built from. */
export interface RunParts {
  readonly redactor: Redactor
  readonly options: ConformanceOptions
  readonly target: Target
  /** The proxy that connections went through. */
  readonly proxy?: string
  readonly seed: string
  readonly results: readonly CheckResult[]
  readonly phases: readonly Phase[]
  readonly selected: readonly Check[]
  readonly allChecks: readonly Check[]
  readonly startedDate: Date
  readonly startedAt: number
}

/** Builds the result of a run; nobody else builds one. */
export function buildResult(parts: RunParts): RunResult {
  const { redactor, options, target, seed, results, selected, allChecks } = parts
  const complete = selected.length === allChecks.length && options.peers !== 'none'
  const counts = tally(results.map(({ verdict }) => verdict))
  const fault: unknown = options.signal?.reason
  const verdict = fault instanceof KitFault ? 'kit-error' : runVerdict(counts, complete)
  // All of it comes from the server.
  const { agent, limits, auth } = redactor.redactValue({
    agent: target.welcome.agent,
    limits: target.welcome.limits,
    auth: target.welcome.auth,
  })
  const reason = reasonOf(verdict, parts, complete)
  return {
    format: resultFormat,
    target: {
      url: shownUrl(target.url),
      ...(parts.proxy === undefined ? {} : { proxy: parts.proxy }),
      ...(agent ? { agent: { name: agent.name, version: agent.version } } : {}),
    },
    kit,
    spec: { version: protocolVersion, requirements: requirements.length },
    capabilities: [...target.offered.names],
    capabilityResults: capabilityResultsOf(parts),
    limits,
    auth,
    roundTripMs: Math.round(target.roundTripMs * 1000) / 1000,
    seed,
    startedAt: parts.startedDate.toISOString(),
    durationMs: Math.round(performance.now() - parts.startedAt),
    phases: [...parts.phases],
    selection: {
      complete,
      checks: [...(options.checks ?? [])],
      ...(options.capabilities === undefined || options.capabilities.length === 0
        ? {}
        : { capabilities: [...options.capabilities] }),
      ...(options.filter === undefined ? {} : { filter: options.filter }),
      exhaustive: options.exhaustive ?? false,
      ...(options.drainCommand === undefined ? {} : { drains: true }),
      peers: options.peers ?? 'wrtc',
    },
    verdict,
    ...(reason === undefined ? {} : { reason }),
    summary: { ...counts, total: results.length },
    checks: [...results],
  }
}

function capabilityResultsOf({ target, results, redactor }: RunParts): CapabilityResult[] {
  const { names, problem } = target.offered
  return capabilityNames.map((name) => {
    const own = results.filter(({ capability }) => capability === name)
    return {
      name,
      offered: names.has(name),
      ...(problem === undefined ? {} : { problem: redactor.redact(problem) }),
      summary: { ...tally(own.map(({ verdict }) => verdict)), total: own.length },
    }
  })
}

function reasonOf(verdict: RunResult['verdict'], parts: RunParts, complete: boolean): string | undefined {
  const { results, selected, allChecks, options, redactor } = parts
  if (verdict === 'conformant') return undefined
  const fault: unknown = options.signal?.reason
  if (fault instanceof KitFault)
    return `The kit itself failed during the run, which ended there; please report it: ${redactor.redact(fault.message)}`
  if (verdict === 'kit-error') return 'The kit itself failed; please report it with the result of --json'
  if (verdict === 'non-conformant') return faultsOf(results)
  if (selected.length < allChecks.length) {
    const { names } = parts.target.offered
    const missing = (options.capabilities ?? []).filter((name) => !names.has(name as CapabilityName))
    const offer = missing.length === 0 ? '' : `; the server does not offer ${missing.join(', ')}`
    return `Only ${String(selected.length)} of ${String(allChecks.length)} checks were selected, which cannot show conformance${offer}`
  }
  if (!complete && options.peers === 'none') return 'The end-to-end checks were left out (--peers none)'
  const undecided = results.filter(
    (result) => result.verdict === 'could-not-run' || result.verdict === 'inconclusive',
  )
  const [first] = undecided
  return first
    ? `${String(undecided.length)} checks could not judge; the first: ${first.reason ?? ''}`
    : 'No check was executed'
}

/** Faults that a reason names before the rest is only counted. */
const namedFaults = 5

/** The faults behind the failures, as far as they can be told apart, in the order in which reports show them. */
function faultsOf(results: readonly CheckResult[]): string {
  const failed = results.filter(({ verdict }) => verdict === 'fail')
  const causes = [...new Set(causesOf({ checks: results }).map(({ check }) => check.requirement))]
  const [only] = causes
  const fail = failed.length === 1 ? '1 check fails' : `${String(failed.length)} checks fail`
  if (only && causes.length === 1) return `1 fault, most likely: ${only} (${fail})`
  const names = causes.slice(0, namedFaults)
  const more = causes.length > namedFaults ? ` and ${String(causes.length - namedFaults)} more` : ''
  return `${String(causes.length)} faults, most likely: ${names.join(', ')}${more} (${fail})`
}

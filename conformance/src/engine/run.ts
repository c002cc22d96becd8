import { randomBytes } from 'node:crypto'
import { checks as allChecks } from '../checks/index.ts'
import { Patience } from '../endpoint/patience.ts'
import { Redactor } from '../endpoint/redact.ts'
import { schemaJudge } from '../endpoint/schema-judge.ts'
import type { RunObservation } from '../observer/run-observation.ts'
import { RelayLedger } from '../observer/relay-ledger.ts'
import { RoomLedger } from '../observer/room-ledger.ts'
import { SecretIndex } from '../observer/secret-index.ts'
import { Watch } from '../observer/violation.ts'
import { createPeers, type Peers } from '../peer/create-peers.ts'
import { readToken } from '../target/credential.ts'
import { preflight, TargetProblem } from '../target/preflight.ts'
import type { ConnectOptions } from '../transport/transport.ts'
import type { Check } from './check.ts'
import type { ConformanceOptions } from './options.ts'
import { buildResult } from './report-run.ts'
import type { CheckResult, RunResult } from './result.ts'
import { Scheduler } from './scheduler.ts'
import { selectChecks } from './select.ts'
import { secretsOf, shownUrl } from '../target/shown-url.ts'

/** Milliseconds until an attempt to connect counts as unanswered, before scaling. */
const connectTimeoutMs = 10_000

/** Parts of a run that can be replaced. */
export interface RunSeams {
  /** Real peers other than those of `options.peers`; they are closed with the run. */
  readonly peers?: Peers
}

/**
 * Runs the conformance checks against a server.
 *
 * @returns The result, whatever the verdict.
 * @throws `SelectionError` for checks that do not exist, `CredentialError` for a token that cannot be read, {@link TargetProblem} when
 * no Parley server answers at the URL or it refuses the tokens.
 */
export async function runConformance(options: ConformanceOptions, seams: RunSeams = {}): Promise<RunResult> {
  const startedAt = performance.now()
  const startedDate = new Date()
  const selected = selectChecks(allChecks, options.checks ?? [], options.filter)
  const scale = options.timeoutScale ?? 1
  const url = parseTarget(options.url)
  const redactor = new Redactor()
  const tokens = await Promise.all((options.tokens ?? []).map(readToken))
  for (const [index, token] of tokens.entries()) redactor.add(token, `token ${String(index + 1)}`)
  for (const secret of secretsOf(url)) redactor.add(secret, 'part of the URL')
  const connect = connectOptionsOf(options)
  const patience = new Patience(scale)
  const target = await preflight(url, tokens, connect, patience)
  const met = { name: 'preflight', checks: 0, durationMs: Math.round(performance.now() - startedAt) }
  const observation: RunObservation = {
    watch: new Watch(),
    judge: schemaJudge,
    secrets: new SecretIndex(),
    peers: new Set(),
    tokens: new Set(tokens),
    roomLedger: new RoomLedger(),
    relayLedger: new RelayLedger(),
    connections: 0,
  }
  const seed = options.seed ?? randomBytes(8).toString('hex')
  await using peers = seams.peers ?? createPeers(options.peers ?? 'wrtc')
  const scheduler = new Scheduler({
    target,
    observation,
    patience,
    connect,
    seed,
    startedAt,
    peers,
    exhaustive: options.exhaustive ?? false,
    concurrency: options.concurrency ?? usualConcurrency(target.roundTripMs),
    mayWiden: options.concurrency === undefined,
    signal: options.signal,
    redact: (text) => {
      for (const secret of observation.secrets.secretsIn(text)) redactor.add(secret, 'session')
      return redactor.redact(text)
    },
    replay: (check) => replayCommand(url, check, options, seed),
    onResult: (result) => options.onEvent?.({ type: 'check', result }),
  })
  options.onEvent?.({ type: 'start', checks: selected, roundTripMs: target.roundTripMs })
  const results: readonly CheckResult[] = await scheduler.run(selected)
  const phases = [met, ...scheduler.phases]
  const parts = { options, target, seed, results, phases, selected, allChecks, startedDate, startedAt }
  const result = buildResult(parts)
  options.onEvent?.({ type: 'end', result })
  return result
}

/** How a run with these options reaches its target. */
export function connectOptionsOf({ insecure = false, timeoutScale = 1 }: ConformanceOptions): ConnectOptions {
  return { insecure, timeoutMs: connectTimeoutMs * timeoutScale }
}

/**
 * Checks at the same time, where the user does not say: they wait for the network most of the time when it is slow, and for a processor when
 * it is fast.
 */
function usualConcurrency(roundTripMs: number): number {
  return Math.min(64, 8 + Math.round(roundTripMs / 4))
}

/**
 * Reads the URL of a target.
 *
 * @throws {@link TargetProblem} when it is none.
 */
export function parseTarget(url: string | URL): URL {
  try {
    return new URL(url)
  } catch (cause) {
    throw new TargetProblem(
      'unreachable',
      `Cannot test "${String(url)
        .replace(/\/\/[^/]*@/, '//…@')
        .replace(/\?.*/s, '?…')}": it is no URL such as wss://host/path`,
      {
        cause,
      },
    )
  }
}

function replayCommand(url: URL, check: Check, options: ConformanceOptions, seed: string): string {
  const words = [
    'npx',
    '@parley/conformance',
    shownUrl(url),
    '--check',
    check.id,
    '--seed',
    seed,
    '--verbose',
  ]
  // A token given as itself is not repeated: the place it came from is.
  for (const token of options.tokens ?? [])
    words.push('--token', /^(env|file|command):/.test(token) ? token : '…')
  if (options.insecure) words.push('--insecure')
  if (options.exhaustive) words.push('--exhaustive')
  if (options.timeoutScale !== undefined && options.timeoutScale !== 1) {
    words.push('--timeout-scale', String(options.timeoutScale))
  }
  return words
    .map((word) => (/^[\w@%+=:,./…-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ')
}

import { randomBytes } from 'node:crypto'
import type { LookupFunction } from 'node:net'
import { checks as allChecks } from '../checks/index.ts'
import { Patience } from '../endpoint/patience.ts'
import { Redactor } from '../endpoint/redact.ts'
import { redactUncaught } from '../endpoint/uncaught.ts'
import { schemaJudge } from '../endpoint/schema-judge.ts'
import type { RunObservation } from '../observer/run-observation.ts'
import { CallLedger } from '../observer/call-ledger.ts'
import { RelayLedger } from '../observer/relay-ledger.ts'
import { RoomLedger } from '../observer/room-ledger.ts'
import { SecretIndex } from '../observer/secret-index.ts'
import { TokenIndex } from '../observer/token-index.ts'
import { Watch } from '../observer/violation.ts'
import { createPeers, type Peers } from '../peer/create-peers.ts'
import { preflight } from '../target/preflight.ts'
import { reachFlags, readReach, readTokens } from '../target/reach.ts'
import { Endings } from '../transport/ending.ts'
import { survival } from './blame/death.ts'
import type { Check } from './check.ts'
import { usualConcurrency } from './concurrency.ts'
import type { ConformanceOptions } from './options.ts'
import { buildResult } from './report-run.ts'
import type { CheckResult, RunResult } from './result.ts'
import { Scheduler } from './scheduler.ts'
import { selectChecks } from './select.ts'
import { Turns } from '../transport/turns.ts'
import { shellLine } from '../target/shell-line.ts'
import { shownUrl } from '../target/shown-url.ts'
import { parseTarget } from '../target/target-url.ts'

/** Parts of a run that can be replaced. */
export interface RunSeams {
  /** Real peers other than those of `options.peers`; they are closed with the run. */
  readonly peers?: Peers
  /** Finds the addresses of host names otherwise than the system does. */
  readonly lookup?: LookupFunction
}

/**
 * Runs the conformance checks against a server.
 *
 * @returns The result, whatever the verdict.
 * @throws `SelectionError` for checks or capabilities that do not exist, `CredentialError` for a token or header that cannot be read,
 * `TargetOptionError` for a header, authority or proxy that cannot be used, `TargetProblem` when no Parley server answers at the URL
 * or it refuses the tokens.
 */
export async function runConformance(options: ConformanceOptions, seams: RunSeams = {}): Promise<RunResult> {
  const startedAt = performance.now()
  const startedDate = new Date()
  const selected = selectChecks(allChecks, options.checks ?? [], options.filter, options.capabilities)
  const scale = options.timeoutScale ?? 1
  const url = parseTarget(options.url)
  const secrets = new SecretIndex()
  const tokens = new TokenIndex()
  // A run may have a thousand of each.
  const redactor = new Redactor([
    { finder: secrets, labelOf: () => 'session' },
    { finder: tokens, labelOf: (token) => tokenLabel(tokens.userOf(token ?? '') ?? 0) },
  ])
  using _uncaught = redactUncaught(redactor)
  const hide = (secret: string, label: string) => {
    redactor.add(secret, label)
  }
  const sources = await readTokens(options, (token, user) => {
    tokens.add(token, user)
    const isOneOfMany = (options.tokenCommands ?? []).length > 0
    if (!isOneOfMany) hide(token, tokenLabel(user))
  })
  const reach = await readReach(url, options, scale, hide, seams.lookup)
  const connect = { ...reach, signal: options.signal }
  const patience = new Patience(scale)
  const endings = new Endings()
  await using _connections = { [Symbol.asyncDispose]: () => endings.all() }
  const opening = new Turns(options.concurrency ?? usualConcurrency(0))
  const target = await preflight(url, sources, connect, patience, endings, opening).catch(
    (error: unknown) => {
      // It may hold what the server said: where to go instead, why not, or the names in its certificate.
      redactor.redactError(error)
      throw error
    },
  )
  for (const session of target.sessions) if (session !== '') secrets.add(session, 0)
  const met = { name: 'preflight', checks: 0, durationMs: Math.round(performance.now() - startedAt) }
  const observation: RunObservation = {
    watch: new Watch(),
    judge: schemaJudge,
    secrets,
    peers: new Set(),
    tokens,
    roomLedger: new RoomLedger(),
    relayLedger: new RelayLedger(),
    callLedger: new CallLedger(),
    sessions: new Map(),
    hide,
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
    survival: allChecks.find(({ id }) => id === survival),
    peers,
    exhaustive: options.exhaustive ?? false,
    drainCommand: options.drainCommand,
    concurrency: options.concurrency ?? usualConcurrency(target.roundTripMs),
    mayWiden: options.concurrency === undefined,
    signal: options.signal,
    redact: redactor.redact,
    replay: (check) => replayCommand(url, check, options, seed),
    onResult: (result) => options.onEvent?.({ type: 'check', result }),
  })
  const { roundTripMs } = target
  const proxy = connect.proxy ? { proxy: connect.proxy.shown } : {}
  options.onEvent?.({ type: 'start', checks: selected, roundTripMs, ...proxy })
  const results: readonly CheckResult[] = await scheduler.run(selected)
  const phases = [met, ...scheduler.phases]
  const parts = {
    redactor,
    options,
    target,
    seed,
    results,
    phases,
    selected,
    allChecks,
    startedDate,
    startedAt,
  }
  const result = buildResult({ ...parts, ...proxy })
  options.onEvent?.({ type: 'end', result })
  return result
}

/** What stands in the place of a token. */
function tokenLabel(user: number): string {
  return `token ${String(user + 1)}`
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
    // A secret given as itself is not repeated: the place it came from is.
    ...reachFlags(options),
  ]
  if (options.exhaustive) words.push('--exhaustive')
  const { drainCommand } = options
  if (check.drains && drainCommand !== undefined)
    words.push('--drain-command', typeof drainCommand === 'string' ? drainCommand : '…')
  if (options.timeoutScale !== undefined && options.timeoutScale !== 1) {
    words.push('--timeout-scale', String(options.timeoutScale))
  }
  return shellLine(words)
}

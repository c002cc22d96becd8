import type { EndpointEnvironment } from '../endpoint/endpoint.ts'
import type { Patience } from '../endpoint/patience.ts'
import type { TranscriptEntry } from '../endpoint/transcript.ts'
import type { RunObservation } from '../observer/run-observation.ts'
import type { Peers } from '../peer/create-peers.ts'
import { answersHello } from '../target/preflight.ts'
import type { Target } from '../target/target.ts'
import type { ConnectOptions } from '../transport/transport.ts'
import type { Check } from './check.ts'
import { nameCauses } from './blame/cause.ts'
import type { CheckFact } from './blame/fact.ts'
import { CheckContext } from './context.ts'
import { judgeCheck, type Attempt } from './judge-check.ts'
import { createRandom } from './random.ts'
import type { CheckResult } from './result.ts'

/** What a run is made of. */
export interface SchedulerOptions {
  readonly target: Target
  readonly observation: RunObservation
  readonly patience: Patience
  readonly connect: ConnectOptions
  readonly seed: string
  readonly startedAt: number
  readonly peers: Peers
  readonly exhaustive: boolean
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
  readonly redact: (text: string) => string
  readonly replay: (check: Check) => string
  readonly onResult: (result: CheckResult) => void
}

/** Runs checks in phases: what could take others along comes later, what judges all others last. */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #transcripts = new Map<string, readonly TranscriptEntry[]>()
  #probe: Promise<boolean> | undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** Runs the checks; results come in the order of the checks. */
  async run(checks: readonly Check[]): Promise<readonly CheckResult[]> {
    const { concurrency } = this.#options
    const attempts = new Map<Check, Attempt>()
    const phase = (selected: readonly Check[], width: number) =>
      this.#inParallel(selected, width, async (check) => {
        attempts.set(check, await this.#attempt(check, 1))
      })
    const ordinary = checks.filter(({ hostile, alone, last }) => !hostile && !alone && !last)
    // Peers take longest: they begin first, so that the wire checks fill the time that they wait.
    await phase(
      ordinary.toSorted((a, b) => Number(b.peers ?? false) - Number(a.peers ?? false)),
      concurrency,
    )
    await phase(
      checks.filter(({ alone, hostile }) => alone && !hostile),
      1,
    )
    await phase(
      checks.filter(({ hostile, alone }) => hostile && !alone),
      concurrency,
    )
    await phase(
      checks.filter(({ hostile, alone }) => hostile && alone),
      1,
    )
    await this.#askAgain(attempts)
    await phase(
      checks.filter(({ last }) => last),
      concurrency,
    )
    const results = checks
      .map((check) => attempts.get(check)?.result)
      .filter((result) => result !== undefined)
    return nameCauses(results, this.#factsOf(attempts))
  }

  async #inParallel(
    checks: readonly Check[],
    width: number,
    work: (check: Check) => Promise<void>,
  ): Promise<void> {
    const queue = [...checks]
    const lanes = Array.from({ length: Math.min(width, queue.length) }, async () => {
      for (let check = queue.shift(); check; check = queue.shift()) await work(check)
    })
    await Promise.all(lanes)
  }

  async #attempt(check: Check, attempts: number): Promise<Attempt> {
    const { signal, peers } = this.#options
    const skip = signal?.aborted
      ? 'The run was ended before this check'
      : check.peers && peers.unavailable
        ? `No real peers: ${peers.unavailable}`
        : undefined
    const context = this.#context(check)
    const judged = skip === undefined ? check : { ...check, run: () => context.couldNotRun(skip) }
    const { redact, replay, onResult } = this.#options
    const attempt = await judgeCheck(judged, context, attempts, redact, replay(check))
    this.#transcripts.set(check.id, context.transcript)
    const again = attempt.trouble === 'peer-library' || attempt.trouble === 'connection-lost'
    if (attempts > 1 || !again) onResult(attempt.result)
    return attempt
  }

  /**
   * A check whose connection was cut without a word may be the victim of another one, or of the network; one whose WebRTC library broke
   * has said nothing of the server. Both are asked once more, one at a time. A check that had sent something hostile is no victim.
   */
  async #askAgain(attempts: Map<Check, Attempt>): Promise<void> {
    for (const [check, first] of attempts) {
      if (first.trouble !== 'peer-library' && first.trouble !== 'connection-lost') continue
      attempts.set(check, await this.#attempt(check, 2))
    }
  }

  /** What the run knows of its checks besides their results, by their ids. */
  #factsOf(attempts: ReadonlyMap<Check, Attempt>): ReadonlyMap<string, CheckFact> {
    const facts = new Map<string, CheckFact & { readonly saw: Set<string> }>()
    for (const [{ id, last }, { trouble, presupposes }] of attempts) {
      const lost = trouble === 'connection-lost' || trouble === 'hostile'
      facts.set(id, { saw: new Set(), lost, presupposes, watches: last ?? false })
    }
    for (const { check, requirement, stands } of this.#options.observation.watch.violations)
      if (stands?.() ?? true) facts.get(check)?.saw.add(requirement)
    return facts
  }

  #context(check: Check): CheckContext {
    const { target, observation, patience, connect, seed, startedAt, exhaustive, peers } = this.#options
    const environment: Omit<EndpointEnvironment, 'record' | 'observer'> = {
      patience,
      judge: observation.judge,
      stillThere: () => this.#stillThere(),
    }
    return new CheckContext({
      checkId: check.id,
      target,
      environment,
      observation,
      connect,
      random: createRandom(seed, check.id),
      exhaustive,
      startedAt,
      peers,
      transcriptOf: ({ check: id, transcriptLength }) =>
        (this.#transcripts.get(id) ?? []).slice(0, transcriptLength),
    })
  }

  /** Whether the server welcomes a new connection at this moment; asked once for all who want to know at the same time. */
  #stillThere(): Promise<boolean> {
    const { target, connect, patience } = this.#options
    this.#probe ??= answersHello(target.url, connect, patience).finally(() => {
      this.#probe = undefined
    })
    return this.#probe
  }
}

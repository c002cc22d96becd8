import { randomBytes } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import type { CapabilityName } from '@parley/schemas'
import type { EndpointEnvironment } from '../endpoint/environment.ts'
import { heldUpMs } from '../endpoint/holdup.ts'
import type { Patience } from '../endpoint/patience.ts'
import type { TranscriptEntry } from '../endpoint/transcript.ts'
import type { RunObservation } from '../observer/run-observation.ts'
import type { Peers } from '../peer/create-peers.ts'
import { sayHello, type HelloFate } from '../target/preflight.ts'
import type { DrainMaker } from '../target/drain-command.ts'
import type { Target } from '../target/target.ts'
import { Endings } from '../transport/ending.ts'
import type { ConnectError, ConnectOptions } from '../transport/transport.ts'
import { askedAgain, deservesAnother } from './asked-again.ts'
import type { Check } from './check.ts'
import { nameCauses } from './blame/cause.ts'
import { survival } from './blame/death.ts'
import type { CheckFact } from './blame/fact.ts'
import { HangSuspicion } from './blame/hang.ts'
import { withoutStumbles } from './blame/prerequisite.ts'
import {
  momentOfSilence,
  momentOfStop,
  suspectsOf,
  type Moment,
  type Suspect,
  type View,
} from './blame/suspect.ts'
import { CompanySign } from './company.ts'
import { CheckContext } from './context.ts'
import { Silence, silenceOf, stopOf, type Downfall, type LastingSilence } from './downfall.ts'
import { inLanes } from './lane.ts'
import { judgeCheck, type Attempt } from './judge-check.ts'
import { createRandom } from './random.ts'
import type { CheckResult, Phase } from './result.ts'
import { Scenarios } from './scenario.ts'
import { skipOf } from './skip.ts'
import { Turns } from '../transport/turns.ts'
import { Vigil } from './vigil.ts'

/** What a run is made of. */
export interface SchedulerOptions {
  readonly target: Target
  readonly observation: RunObservation
  readonly patience: Patience
  readonly connect: ConnectOptions
  readonly seed: string
  readonly startedAt: number
  /** The check that says whether the server is still there: it judges also where it is not selected, when there is reason to doubt it. */
  readonly survival: Check | undefined
  readonly peers: Peers
  readonly exhaustive: boolean
  /** Makes the server begin to drain, where the user has said how. */
  readonly drainCommand: DrainMaker | undefined
  /** Most checks at the same time, and most connections that are being opened at the same time. */
  readonly concurrency: number
  /** Whether more checks may run at a time where all of them wait for a slow server. */
  readonly mayWiden: boolean
  readonly signal: AbortSignal | undefined
  readonly redact: (text: string) => string
  readonly replay: (check: Check) => string
  readonly onResult: (result: CheckResult) => void
}

/** Most checks at a time that a slow server leads to. */
const mostLanes = 64

/** Milliseconds without any check coming to its end that show a slow server. */
const stalledMs = 1000

/** Milliseconds for asking again those that could not connect in time: where everything takes seconds, all of them would take an hour. */
const longestCrowdMs = 300_000

/** How many times longer than an answer may take the last word of a server is waited for that has fallen silent. */
const lastPatience = 4

/** How often it is asked for where the kit itself could not run meanwhile. */
const lastWords = 3

/** Verdicts that a server which has fallen silent leads to. */
const undecided: ReadonlySet<string> = new Set(['could-not-run', 'inconclusive'])

/** Who begins first. */
function precedence({ waits, lengthy }: Check): number {
  return waits ? 2 : lengthy ? 1 : 0
}

/** Runs checks in phases: what could take others along comes later, what judges all others last. */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #transcripts = new Map<string, readonly TranscriptEntry[]>()
  readonly #scenarios: Scenarios
  readonly #phases: Phase[] = []
  /** Connections that are about to end. */
  readonly #gone = new Endings()
  /** Connections that are being opened. */
  readonly #opening: Turns
  readonly #company: CompanySign
  readonly #callMark = randomBytes(6).toString('hex')
  #probe: Promise<boolean> | undefined
  readonly #vigil: Vigil
  /** All that was seen, also by attempts of which no result is left. */
  readonly #contexts: CheckContext[] = []
  readonly #running = new Map<Promise<unknown>, string>()
  /** Aborted when the server has fallen silent; another one follows when it is back. */
  #epoch = new AbortController()
  #connect: ConnectOptions
  #settling: Promise<void> | undefined
  readonly #suspicion = new HangSuspicion()
  #silence: LastingSilence | undefined
  /** Whether any connection ended without a word. */
  #lost = false

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#opening = new Turns(options.concurrency)
    this.#scenarios = new Scenarios((name, { attempts, capability }) => {
      const context = this.#context(name, attempts, capability)
      this.#transcripts.set(name, context.transcript)
      return context
    }, this.#gone)
    this.#company = new CompanySign({ ...options, opening: this.#opening })
    this.#connect = this.#connectIn(this.#epoch)
    const { dueMs } = options.patience
    this.#vigil = new Vigil({
      quietMs: dueMs / 2,
      toleratedMs: dueMs / 5,
      ask: () => this.#sayHello(),
      onSilence: () => {
        this.#settling = this.#settle().finally(() => {
          this.#settling = undefined
        })
      },
    })
  }

  /** Runs the checks; results come in the order of the checks. */
  async run(checks: readonly Check[]): Promise<readonly CheckResult[]> {
    const { concurrency } = this.#options
    const attempts = new Map<Check, Attempt>()
    const once = async (check: Check) => {
      attempts.set(check, await this.#attempt(check, 1))
    }
    const solitary = checks.filter((check) => check.solitary)
    await this.#phase('alone', solitary.length, () => [this.#inParallel(solitary, 1, once)])
    const ordinary = checks.filter(
      (check) => !check.solitary && !check.hostile && !check.last && !check.drains,
    )
    const [withPeers, onWire] = [
      ordinary.filter(({ peers }) => peers),
      ordinary.filter(({ peers }) => !peers),
    ]
    // Peers have lanes of their own: they wait for each other, and the wire checks fill that time.
    const peerLanes = Math.min(withPeers.length, Math.max(1, Math.floor(concurrency / 3)))
    const both = concurrency > 1 && withPeers.length > 0 && onWire.length > 0
    await this.#phase('ordinary', ordinary.length, () =>
      both
        ? [
            this.#inParallel(withPeers, peerLanes, once),
            ...this.#sideBySide(onWire, concurrency - peerLanes, once),
          ]
        : this.#sideBySide(ordinary, concurrency, once),
    )
    const hostile = checks.filter((check) => check.hostile)
    await this.#phase('hostile', hostile.length, () => [this.#inParallel(hostile, concurrency, once)])
    await this.#askAgain(attempts)
    const { survival: survives } = this.#options
    const judged = [...checks]
    if (survives && !judged.includes(survives) && (this.#silence !== undefined || this.#lost))
      judged.push(survives)
    const drains = checks.filter((check) => check.drains)
    // Whether the server is still there can be asked only before it is told to end.
    const there = judged.filter((check) => check === survives)
    if (drains.length > 0 && this.#options.drainCommand !== undefined)
      await this.#phase('still there', there.length, () => [this.#inParallel(there, 1, once)])
    await this.#drain(drains, attempts)
    const last = judged.filter((check) => check.last && !attempts.has(check))
    await this.#phase('in hindsight', last.length, () => [this.#inParallel(last, concurrency, once)])
    this.#vigil[Symbol.dispose]()
    await this.#leaveNothing()
    const results = judged
      .map((check) => attempts.get(check)?.result)
      .filter((result) => result !== undefined)
      .filter(
        ({ id, verdict }) => id !== survival || verdict === 'fail' || checks.some((check) => check.id === id),
      )
    const facts = this.#factsOf(attempts)
    return nameCauses(withoutStumbles(results, facts), facts)
  }

  /** Asks once more where the first attempt told too little: one check at a time, unless each takes longer than any answer may and none has to be alone. */
  async #askAgain(attempts: Map<Check, Attempt>): Promise<void> {
    const { alone, others, undoubted } = askedAgain(attempts)
    const until = performance.now() + longestCrowdMs
    const once = async (check: Check) => {
      const before = attempts.get(check)
      if (before?.trouble === 'unreached' && performance.now() > until) {
        this.#options.onResult(before.result)
        return
      }
      const second = await this.#attempt(check, 2)
      await this.#settling
      const isSuspect = this.#suspicion.suspects(check.id) && this.#silence === undefined
      // A server that was stopped twice by chance is not to be blamed, nor this check.
      const attempt = isSuspect ? await this.#attempt(check, 3) : second
      // How a server stopped is told by what was sent then, not by what finds it gone.
      const isSame = before?.trouble === 'hostile' && attempt.result.verdict !== 'pass'
      attempts.set(check, isSame ? before : attempt)
      this.#options.onResult(isSame ? before.result : attempt.result)
    }
    await this.#phase('asked again alone', alone.length, () => [this.#inParallel(alone, 1, once)])
    // A server that has fallen silent is found out before a second one begins, and who has silenced it.
    const lanes = {
      width: 1,
      most: this.#options.mayWiden ? mostLanes : 1,
      stalledMs: 2 * this.#options.patience.dueMs,
      mayOpen: () => !this.#vigil.doubting && this.#settling === undefined,
    }
    await this.#phase('asked again', others.length, () => [inLanes(others, lanes, once)])
    for (const { result } of undoubted) this.#options.onResult(result)
  }

  /** Has the server drain, which ends it. What is seen then cannot be asked again. */
  async #drain(checks: readonly Check[], attempts: Map<Check, Attempt>): Promise<void> {
    if (this.#options.drainCommand !== undefined) {
      this.#vigil[Symbol.dispose]()
      await this.#company.end()
    }
    await this.#phase('draining', checks.length, () => [
      this.#inParallel(checks, this.#options.concurrency, async (check) => {
        const attempt = await this.#attempt(check, 1)
        attempts.set(check, attempt)
        if (deservesAnother(attempt) || attempt.trouble === 'hostile') this.#options.onResult(attempt.result)
      }),
    ])
  }

  /** What several checks shared may go on when they were given up. */
  async #leaveNothing(): Promise<void> {
    this.#gone.add(this.#company.end())
    this.#scenarios.leave()
    await this.#gone.all()
  }

  /** Time that each phase has taken. */
  get phases(): readonly Phase[] {
    return this.#phases
  }

  async #phase(name: string, checks: number, begin: () => Promise<void>[]): Promise<void> {
    if (checks === 0) return
    const began = performance.now()
    await Promise.all(begin())
    // A silence that somebody has begun to look into is looked into to the end.
    await this.#vigil.settled()
    await this.#settling
    // What the connections of one phase still do at the server is not to meet those of the next.
    await this.#gone.all()
    this.#phases.push({ name, checks, durationMs: Math.round(performance.now() - began) })
  }

  /** Unless the user has said how many may run, checks that do little but wait have lanes of their own. */
  #sideBySide(
    checks: readonly Check[],
    width: number,
    work: (check: Check) => Promise<void>,
  ): Promise<void>[] {
    if (!this.#options.mayWiden || width === 1) return [this.#inParallel(checks, width, work)]
    const waiting = checks.filter(({ waits }) => waits)
    const others = checks.filter(({ waits }) => !waits)
    return [this.#inParallel(waiting, mostLanes, work), this.#inParallel(others, width, work)]
  }

  async #inParallel(
    checks: readonly Check[],
    width: number,
    work: (check: Check) => Promise<void>,
  ): Promise<void> {
    const queue = checks.toSorted((a, b) => precedence(b) - precedence(a))
    const most = this.#options.mayWiden && width > 1 ? Math.max(width, mostLanes) : width
    await inLanes(queue, { width, most, stalledMs }, work)
  }

  async #attempt(check: Check, attempts: number): Promise<Attempt> {
    await this.#settling
    const epoch = this.#epoch
    const context = this.#context(check.id, attempts, check.capability)
    const skip = skipOf(check, { ...this.#options, silent: this.#silence !== undefined })
    const judged = skip === undefined ? check : { ...check, run: () => Promise.reject(skip) }
    const { redact, replay, onResult } = this.#options
    const judging = judgeCheck(judged, context, attempts, redact, () => replay(check))
    this.#running.set(judging, check.id)
    const attempt = await judging
    this.#running.delete(judging)
    this.#transcripts.set(check.id, context.transcript)
    this.#gone.add(attempt.gone)
    const { result, trouble } = attempt
    if (trouble === 'connection-lost' || trouble === 'hostile') this.#lost = true
    const silent = epoch.signal.aborted || this.#vigil.doubting
    const wasSilent = skip === undefined && silent && trouble === undefined && undecided.has(result.verdict)
    const told: Attempt = wasSilent ? { ...attempt, trouble: 'silence' } : attempt
    if (attempts === 1 && !deservesAnother(told) && trouble !== 'hostile') onResult(result)
    return told
  }

  /**
   * The server answers nobody: whoever waits for it is sent away, and it is asked once more. One that had only been stopped for a while, or had
   * too much to do, answers then, and the run goes on; the checks that were interrupted are run again one at a time.
   */
  async #settle(): Promise<void> {
    const { heardAt } = this.#vigil
    const blamed = this.#suspicion.note([...this.#running.values()])
    this.#epoch.abort(new Silence())
    await Promise.all(this.#running.keys())
    await this.#gone.all()
    const fate = await this.#lastWord()
    const lasting = fate === 'unanswered'
    if (lasting || (blamed !== undefined && (await this.#isWellAgain(fate))))
      this.#silence = { lastedMs: performance.now() - heardAt, heardAt, again: lasting ? undefined : blamed }
    this.#epoch = new AbortController()
    this.#connect = this.#connectIn(this.#epoch)
    if (!lasting) this.#vigil.resume()
  }

  /** What the run knows of its checks besides their results, by their ids. */
  #factsOf(attempts: ReadonlyMap<Check, Attempt>): ReadonlyMap<string, CheckFact> {
    const facts = new Map<string, CheckFact & { readonly saw: Set<string> }>()
    for (const [{ id, last, net }, { trouble, presupposes, unanswered }] of attempts) {
      const lost = trouble === 'connection-lost' || trouble === 'hostile'
      facts.set(id, {
        saw: new Set(),
        lost,
        presupposes,
        unanswered,
        watches: last ?? false,
        net: net ?? false,
      })
    }
    for (const { check, requirement, stands } of this.#options.observation.watch.violations) {
      if (!(stands?.() ?? true)) continue
      // What a scenario has seen, each check has seen that judges it.
      for (const id of this.#scenarios.seenBy(check)) facts.get(id)?.saw.add(requirement)
    }
    return facts
  }

  /**
   * @param checkId - Id of the check, or name of the scenario: its draws repeat with the seed.
   * @param capability - The one that its clients ask for.
   */
  #context(checkId: string, attempts: number, capability: CapabilityName | undefined): CheckContext {
    const { target, observation, patience, seed, startedAt, exhaustive, peers, drainCommand } = this.#options
    const connect = this.#connect
    const environment: Omit<EndpointEnvironment, 'record' | 'observer' | 'pace' | 'held'> = {
      patience,
      judge: observation.judge,
      stillThere: () => this.#stillThere(),
    }
    const context = new CheckContext({
      checkId,
      capability,
      target,
      environment,
      observation,
      connect,
      // Rooms of its own for each attempt: a slow server may not have noticed yet that those of the one before have gone.
      random: createRandom(seed, attempts === 1 ? checkId : `${checkId} ${String(attempts)}`, this.#callMark),
      exhaustive,
      startedAt,
      drainCommand,
      peers,
      opening: this.#opening,
      company: this.#company,
      scenario: (name, play) => this.#scenarios.play({ checkId, attempts, capability }, name, play),
      transcriptOf: ({ check: id, transcriptLength }) =>
        (this.#transcripts.get(id) ?? []).slice(0, transcriptLength),
      heard: () => {
        this.#vigil.heard()
      },
      downfall: (problem) => this.#downfall(problem),
    })
    this.#contexts.push(context)
    return context
  }

  /** How to connect until the server is found silent. */
  #connectIn({ signal: silence }: AbortController): ConnectOptions {
    const { connect, signal } = this.#options
    const either = signal ? AbortSignal.any([signal, silence]) : silence
    // Every check that runs listens to it.
    setMaxListeners(0, either)
    return { ...connect, signal: either }
  }

  /** Whether the server welcomes a new connection at this moment; asked once for all who want to know at the same time. */
  #stillThere(): Promise<boolean> {
    const { target, patience } = this.#options
    const ask = () => sayHello(target.url, this.#connect, patience, this.#gone)
    this.#probe ??= this.#opening
      .do(ask, true)
      .then((fate) => fate === 'welcomed')
      .finally(() => {
        this.#probe = undefined
      })
    return this.#probe
  }

  /**
   * How somebody new fares when all others have left, and who waits longer than an answer may take: one that had too much to do, or to whom the
   * way is long all at once, comes `late`. Nobody who is silent for ever does.
   */
  async #lastWord(): Promise<HelloFate | 'late'> {
    const { dueMs } = this.#options.patience
    for (let left = lastWords; ; left -= 1) {
      const [began, held] = [performance.now(), heldUpMs()]
      const fate = await this.#sayHello(lastPatience)
      // What came while the kit itself could not run, no server is to blame for.
      if (fate === 'unanswered' && heldUpMs() - held > dueMs && left > 1) continue
      return fate === 'welcomed' && performance.now() - began > dueMs ? 'late' : fate
    }
  }

  /** Whether a server that has answered the last word has nothing else in the way: one that is slow as it is falls silent for any check. */
  async #isWellAgain(lastWord: HelloFate | 'late'): Promise<boolean> {
    if (lastWord !== 'late') return lastWord === 'welcomed'
    const began = performance.now()
    const fate = await this.#sayHello()
    return fate === 'welcomed' && performance.now() - began < this.#options.patience.dueMs / 2
  }

  /** How somebody new fares who waits for no turn, and for nothing longer than an answer may take, or so many times as long. */
  #sayHello(times = 1): Promise<HelloFate> {
    const { target, connect, signal } = this.#options
    const patience = this.#options.patience.times(times)
    const inTime = {
      ...connect,
      signal,
      timeoutMs: times > 1 ? patience.dueMs : Math.min(connect.timeoutMs, patience.dueMs),
    }
    return sayHello(target.url, inTime, patience, this.#gone)
  }

  /**
   * Whether the server is gone, or answers nobody any more, and since when.
   *
   * @param problem - Why it cannot be connected to.
   */
  async #downfall(problem: ConnectError | undefined): Promise<Downfall | undefined> {
    const transcriptOf = (check: string) =>
      this.#contexts.filter((context) => context.checkId === check).flatMap(({ transcript }) => transcript)
    if (problem?.problem === 'refused')
      return stopOf(this.#suspects(this.#contexts, momentOfStop(this.#contexts)), transcriptOf)
    if (problem) return undefined
    const { heardAt } = this.#vigil
    if (!this.#silence && (await this.#vigil.silent()) && (await this.#lastWord()) === 'unanswered')
      this.#silence = { lastedMs: performance.now() - heardAt, heardAt, again: undefined }
    if (!this.#silence) return undefined
    const { heardAt: since } = this.#silence
    const waited = this.#contexts.filter(({ endedAt }) => endedAt > since)
    return silenceOf(this.#silence, this.#suspects(waited, momentOfSilence(waited)), transcriptOf)
  }

  #suspects(views: readonly View[], moment: Moment | undefined): readonly Suspect[] {
    return moment ? suspectsOf(views, moment, this.#options.observation.judge) : []
  }
}

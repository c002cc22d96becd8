import type { CapabilityName, Grant, ServerMessageOf } from '@parley/schemas'
import { Endpoint, type Outcome } from '../endpoint/endpoint.ts'
import type { EndpointEnvironment } from '../endpoint/environment.ts'
import type { SchemaJudge } from '../endpoint/schema-judge.ts'
import { endWords, refusalWords } from '../endpoint/mishap.ts'
import { announcedRate } from '../endpoint/announced-rate.ts'
import { requestInTime } from '../endpoint/retry.ts'
import { nothingHeld } from '../endpoint/outbox.ts'
import { Pace } from '../endpoint/pace.ts'
import type { TranscriptEntry } from '../endpoint/transcript.ts'
import { createFrameObserver } from '../observer/frame-observer.ts'
import type { RunObservation } from '../observer/run-observation.ts'
import type { ServerRequirementId } from '../generated/requirement.ts'
import type { PeerSource } from '../peer/peer-connection.ts'
import type { Violation } from '../observer/violation.ts'
import { beginDraining, type DrainCommand, type DrainMaker } from '../target/drain-command.ts'
import { CredentialError } from '../target/credential.ts'
import type { Target } from '../target/target.ts'
import { ConnectError, type ConnectOptions, type LinkEvents } from '../transport/transport.ts'
import { endPatienceMs } from '../transport/ending.ts'
import { transportFor } from '../transport/registry.ts'
import { arrive, type ClientOptions } from './arrival.ts'
import type { CompanySign } from './company.ts'
import { ordinaryBudget, type Cost } from './cost.ts'
import { CheckFailure, ConnectionLost, presupposing, Undecided } from './failure.ts'
import { Silence, type Downfall } from './downfall.ts'
import { endpointName, namingPeers } from './peer-name.ts'
import type { Random } from './random.ts'
import { endSession, leave, waitingSessions } from './session-end.ts'
import { userWords } from './user-words.ts'
import type { Turns } from '../transport/turns.ts'
import { WaitingTime } from './waiting-time.ts'

/** Milliseconds after which an ordinary check is given up, beside the waits for what is due. */
const ordinaryDeadlineMs = 60_000

/** Waits for what is due that a check may need one after another. */
const mostWaits = 40

/** The same where cost does not matter. */
const exhaustiveDeadlineMs = 30 * 60_000

/** Runs a scenario in a context of its own, or hands out what came of it when it has run before. */
export type ScenarioRunner = <T>(
  name: string,
  play: (t: CheckContext) => Promise<T>,
) => { readonly context: CheckContext; readonly outcome: Promise<T> }

/** What the engine gives a context. */
export interface ContextOptions {
  readonly checkId: string
  /** The capability that the check's clients ask for. */
  readonly capability: CapabilityName | undefined
  readonly target: Target
  readonly environment: Omit<EndpointEnvironment, 'record' | 'observer' | 'pace' | 'held'>
  readonly observation: RunObservation
  readonly connect: ConnectOptions
  readonly random: Random
  readonly exhaustive: boolean
  readonly startedAt: number
  /** Makes the server begin to drain, where the user has said how. */
  readonly drainCommand: DrainMaker | undefined
  readonly peers: PeerSource
  /** Connections of the run that are being opened. */
  readonly opening: Turns
  /** Shows other runs that this one connects the second user. */
  readonly company: CompanySign
  /** Runs a scenario that several checks judge, once in a run. */
  readonly scenario: ScenarioRunner
  /** Told when the server has said something to a client. */
  readonly heard: () => void
  /** How the server came to its end, or fell silent, in this run; `undefined` where it has not. */
  readonly downfall: (problem: ConnectError | undefined) => Promise<Downfall | undefined>
  /** What the endpoints of a violation's check had seen up to it. */
  readonly transcriptOf: (violation: Violation) => readonly TranscriptEntry[]
}

/** What a check works with: clients, names, and the words for having no judgement. Made anew for each run of a check. */
export class CheckContext {
  /** Everything that the check's endpoints saw. */
  readonly transcript: TranscriptEntry[] = []
  readonly endpoints: Endpoint[] = []
  /** Facts that belong to the verdict, such as the selected candidate pair. */
  readonly evidence: string[] = []
  /** Names that repeat with the run's seed. */
  readonly random: Random
  readonly target: Target
  /** Whether cost does not matter. */
  readonly exhaustive: boolean
  /** Id of the check, or name of the scenario. */
  readonly checkId: string
  /** When it was over, in milliseconds of `performance.now()`. */
  endedAt = Infinity
  readonly #options: ContextOptions
  readonly #deferred: (() => Promise<void>)[] = []
  readonly #asideTime = new WaitingTime()
  /** Under which names the run knows what this check has seen: its own, and those of the scenarios that it judges. */
  readonly #views: Set<string>
  readonly #held = nothingHeld()
  readonly #openings = new Set<Promise<unknown>>()
  #over = false

  constructor(options: ContextOptions) {
    this.#options = options
    this.checkId = options.checkId
    this.#views = new Set([options.checkId])
    this.random = options.random
    this.target = options.target
    this.exhaustive = options.exhaustive
  }

  /** Makes real WebRTC peers. */
  get peers(): PeerSource {
    return this.#options.peers
  }

  /** Whom the user of the kit trusts for TLS; the usual authorities where this is `undefined`. */
  get secureContext(): ConnectOptions['secureContext'] {
    return this.#options.connect.secureContext
  }

  /** Judges frames by the published schemas. */
  get judge(): SchemaJudge {
    return this.#options.environment.judge
  }

  /** How long what is due may take, in milliseconds. */
  get dueMs(): number {
    return this.#options.environment.patience.dueMs
  }

  /**
   * Lets several checks judge what came of one scenario, each by another sentence: it is played once in a run. What the scenario saw counts
   * as seen by each of them.
   *
   * @param name - Tells it from other scenarios, and repeats its draws.
   */
  async shared<T>(name: string, play: (t: CheckContext) => Promise<T>): Promise<T> {
    const { context, outcome } = this.#options.scenario(name, play)
    this.#views.add(name)
    try {
      // It has a time of its own.
      return await this.aside(outcome)
    } finally {
      this.transcript.push(...context.transcript)
      this.endpoints.push(...context.endpoints)
    }
  }

  /** Waits for what takes no time of the check: a token, its turn, a scenario. */
  aside<T>(work: Promise<T>): Promise<T> {
    return this.#asideTime.during(work)
  }

  /** Opens a connection and says nothing yet. */
  async open(connect: Partial<ConnectOptions> = {}): Promise<Endpoint> {
    const name = endpointName(this.endpoints.length)
    const { observation, checkId, environment, startedAt, heard, opening } = this.#options
    const record = (entry: Omit<TranscriptEntry, 'at'>) => {
      if (entry.direction === 'received' && !entry.text.includes('"fatal":true')) heard()
      this.transcript.push({ at: Math.round((performance.now() - startedAt) * 1000) / 1000, ...entry })
    }
    const observer = createFrameObserver(observation, (requirement, expected, actual, stands) => {
      observation.watch.violations.push({
        requirement,
        expected: namingPeers(expected, this.endpoints),
        actual: namingPeers(actual, this.endpoints),
        check: checkId,
        endpoint: name,
        transcriptLength: this.transcript.length,
        ...(stands ? { stands } : {}),
      })
    })
    const endpoint = new Endpoint(name, {
      ...environment,
      record,
      observer,
      pace: () => this.#pace(),
      held: this.#held,
    })
    this.endpoints.push(endpoint)
    const { url } = this.target
    this.#unlessOver()
    try {
      const options = { ...this.#options.connect, ...connect }
      // A server may end a connection that has to wait for another one: what a check has begun goes before what others begin.
      const begun = this.endpoints.some((other) => other !== endpoint && other.end === undefined)
      const connectNow = () => {
        this.#unlessOver()
        return transportFor(url).connect(url, options, endpoint.events)
      }
      const opened = opening.do(connectNow, begun)
      const attached = opened.then((link) => {
        endpoint.attach(link)
      })
      this.#openings.add(attached.catch(() => undefined))
      await attached
      this.#unlessOver()
    } catch (error) {
      if (error instanceof ConnectError)
        throw new Undecided('could-not-run', error.message, 'signaling', error)
      throw error
    }
    return endpoint
  }

  /** What goes on after its check was given up opens nothing more. */
  #unlessOver(): void {
    if (this.#over) throw new Undecided('could-not-run', 'The check was over before it had connected')
  }

  #pace(): Pace | undefined {
    const rate = announcedRate(this.target.welcome.limits)
    return rate && new Pace(rate, this.target.roundTripMs, performance.now())
  }

  /** Why the server cannot be connected to at this moment; `undefined` when it can. */
  async unreachable(): Promise<ConnectError | undefined> {
    const { url } = this.target
    const ignore = () => undefined
    let onEnd: () => void = ignore
    const ended = new Promise<void>((resolve) => {
      onEnd = resolve
    })
    try {
      const events = { onText: ignore, onForeign: ignore, onEnd }
      const { connect, opening } = this.#options
      const link = await opening.do(() => transportFor(url).connect(url, connect, events), true)
      link.close()
      const timer = setTimeout(() => {
        link.abort()
      }, endPatienceMs(this.target.roundTripMs))
      this.#openings.add(
        ended.then(() => {
          clearTimeout(timer)
        }),
      )
      return undefined
    } catch (error) {
      if (error instanceof ConnectError) return error
      throw error
    }
  }

  /**
   * Whether the server has stopped during the run, or answers nobody any more, and what it most likely died of.
   *
   * @throws Undecided when it cannot be told.
   */
  async downfall(): Promise<Downfall | undefined> {
    const { downfall } = this.#options
    const silence = await downfall(undefined)
    if (silence) return silence
    const problem = await this.unreachable()
    if (!problem) return undefined
    const stop = await downfall(problem)
    if (stop) return stop
    throw new Undecided('inconclusive', problem.message)
  }

  /**
   * A client that has said `hello`, has been welcomed, and is authenticated where that is needed. That of a check of a capability asks for it
   * unless told otherwise.
   */
  client(options: ClientOptions = {}): Promise<Endpoint> {
    return arrive(this, this.#options.capability, options)
  }

  /**
   * A token of a user, to authenticate one connection with; `undefined` where the kit has none. Ask for it before the connection is opened:
   * it may take a command's time to come. Where tokens are fresh none may be sent twice.
   *
   * @param user - 0 is the first, 1 the second.
   */
  async token(user = 0): Promise<string | undefined> {
    if (user === 1) this.#options.company.show()
    try {
      return await this.aside(Promise.resolve(this.target.users[user]?.tokens.next()))
    } catch (error) {
      if (error instanceof CredentialError) throw new Undecided('could-not-run', error.message)
      throw error
    }
  }

  /** Several clients at once. */
  clients(count: number, options: ClientOptions = {}): Promise<Endpoint[]> {
    return Promise.all(Array.from({ length: count }, () => this.client(options)))
  }

  /** Two clients, the first of which has joined before the second, in a room of their own. */
  async pair(): Promise<{ readonly room: string; readonly a: Endpoint; readonly b: Endpoint }> {
    const room = this.room()
    const [a, b] = (await this.clients(2)) as [Endpoint, Endpoint]
    await this.join(room, a, b)
    return { room, a, b }
  }

  /** Lets clients join a room one after another; returns the replies. */
  async join(room: string, ...members: readonly Endpoint[]): Promise<ServerMessageOf<'joined'>[]> {
    const replies: ServerMessageOf<'joined'>[] = []
    for (const [place, member] of members.entries()) {
      const outcome = await presupposing('rooms.joined', requestInTime(member, { type: 'join', room }))
      if (outcome.type !== 'joined') {
        const refused = unexpected(outcome, `joined for the join of room "${room}"`)
        const presupposes = outcome.code === 'room-full' ? 'rooms.full' : 'rooms.joined'
        throw Object.assign(refused, { presupposes } as const)
      }
      replies.push(outcome.message as unknown as ServerMessageOf<'joined'>)
      // Whoever was there before has to know the newcomer before it can hear from it.
      const told = members
        .slice(0, place)
        .map((other) =>
          other.expect('peer-joined', (m) => m.room === room && m.member.peer === member.peer, 'peer-joined'),
        )
      await presupposing('rooms.peer-joined', Promise.all(told))
    }
    return replies
  }

  /** A room that nobody else uses, and that the kit's first user may join and send in. */
  room(user = 0): string {
    const name = `parley-${this.random.hex(24)}`
    const grants = this.target.users[user]?.authenticated?.grants
    if (grants === undefined) return name
    const usable = grants.find(
      (grant): grant is Grant & { prefix: string } => 'prefix' in grant && grant.join && grant.send,
    )
    if (usable && usable.prefix.length <= 96) return `${usable.prefix}${name}`
    throw new Undecided(
      'could-not-run',
      `The grants of ${userWords(user, this.target.users[user])} name no prefix under which the kit may make rooms to join and send in: give a token whose grants cover one`,
    )
  }

  /** A call id that no other check uses, nor another run. */
  callId(): string {
    return this.random.callId()
  }

  /** A peer id of the right form that nobody has. */
  strangerId(): string {
    return `none_${this.random.hex(27)}`
  }

  /** Makes the server begin to drain, which ends it: only for a check that says so (`drains`). */
  beginDraining(): DrainCommand {
    const { drainCommand } = this.#options
    if (drainCommand === undefined) throw new Error('Nobody has said how to make the server drain')
    const command = beginDraining(drainCommand)
    this.defer(() => {
      command.stop()
      return Promise.resolve()
    })
    return command
  }

  /**
   * Proves what did not arrive: sends a marker on the suspect's own path (same sender, receiver and room) and waits until it
   * has arrived there.
   */
  async barrier(sender: Endpoint, receiver: Endpoint, room: string): Promise<void> {
    const call = this.callId()
    sender.send({ type: 'hangup', to: receiver.peer, room, call, reason: 'normal' })
    const what = `the delivery of a hangup that ${sender.name} sends ${receiver.name} after all else (call ${call})`
    try {
      await presupposing(
        'relay.delivered',
        receiver.expect('hangup', (m) => m.call === call, what),
      )
    } catch (error) {
      const mishap = refusalWords(sender, ({ message }) => message['call'] === call, 'it') ?? endWords(sender)
      if (mishap === undefined || !(error instanceof CheckFailure) || error instanceof ConnectionLost)
        throw error
      const failure = new CheckFailure(what, mishap)
      const isForbidden =
        sender.all('error', (each) => each.call === call && each.code === 'forbidden').length > 0
      throw Object.assign(failure, { presupposes: isForbidden ? 'auth.grants' : 'relay.delivered' } as const)
    }
  }

  /** Ends the check without judgement where looking would cost more than an ordinary run may spend. */
  cost(cost: Cost, what: string): void {
    if (this.exhaustive) return
    for (const [measure, budget] of Object.entries(ordinaryBudget) as [keyof Cost, number][]) {
      const needed = cost[measure]
      if (needed === undefined || needed <= budget) continue
      const unit = { ms: 'ms', bytes: 'bytes', members: 'members', messages: 'messages' }[measure]
      throw new Undecided(
        'not-observed',
        `${what} takes ${String(needed)} ${unit}: run with --exhaustive to look`,
      )
    }
  }

  /** Ends the check: the server does not announce what it is about. */
  notApplicable(reason: string): never {
    throw new Undecided('not-applicable', reason)
  }

  /** Ends the check: a prerequisite failed. */
  couldNotRun(reason: string): never {
    throw new Undecided('could-not-run', reason)
  }

  /** Whether the server has sent this check a frame that its schema refuses. */
  get sawInvalidFrame(): boolean {
    const { watch } = this.#options.observation
    return watch.violations.some(
      ({ check, requirement }) =>
        this.#views.has(check) && (requirement.startsWith('frames.') || requirement === 'relay.from'),
    )
  }

  /** Ends the check: there was nothing to look at. */
  notObserved(reason: string): never {
    throw new Undecided('not-observed', reason)
  }

  /** Whether any frame of the run gave an opportunity to look at a watched requirement. */
  hasLooked(requirement: ServerRequirementId): boolean {
    return this.#options.observation.watch.looks(requirement) > 0
  }

  /**
   * Judges what the watch over all frames of the run has seen of a requirement.
   *
   * @param unseen - Why there is no judgement where nothing could be seen.
   * @param judgesItself - Tells of a check, by its id, that it judges what was seen there: it stands in the result already.
   */
  judgeWatched(
    requirement: ServerRequirementId,
    unseen = 'No frame of the run gave an opportunity to look',
    judgesItself: (check: string) => boolean = () => false,
  ): void {
    const { watch } = this.#options.observation
    const broken = watch.violations.filter(
      (violation) =>
        violation.requirement === requirement &&
        (violation.stands?.() ?? true) &&
        !judgesItself(violation.check),
    )
    const [first] = broken
    if (first) {
      const times = broken.length === 1 ? '' : ` (${String(broken.length)} times in the run)`
      this.transcript.push(...this.#options.transcriptOf(first))
      throw new CheckFailure(
        first.expected,
        `${first.actual} at endpoint ${first.endpoint} of ${first.check}${times}`,
      )
    }
    if (!this.hasLooked(requirement)) this.notObserved(unseen)
    this.evidence.push(`${String(watch.looks(requirement))} frames looked at`)
  }

  /**
   * Rejects when the check has taken longer than all of its waits together may: nothing that the server does or does not do leads there, so
   * it never counts against it. What it waits for {@link aside} is on top of that.
   */
  overdue(): Promise<never> {
    const ms = this.exhaustive ? exhaustiveDeadlineMs : ordinaryDeadlineMs + mostWaits * this.dueMs
    const { over, stop } = this.#asideTime.deadline(ms)
    this.defer(() => {
      stop()
      return Promise.resolve()
    })
    const seconds = String(Math.round(ms / 1000))
    return over.then(() => {
      throw new Undecided('could-not-run', `The check did not end within ${seconds} s`)
    })
  }

  /** Rejects when the user ends the run, or the server has fallen silent for everybody. */
  interrupted(): Promise<never> {
    const { signal } = this.#options.connect
    return new Promise((_resolve, reject) => {
      const interrupt = () => {
        const silence: unknown = signal?.reason
        const why = silence instanceof Silence ? silence.message : 'The run was ended during this check'
        reject(new Undecided('could-not-run', why))
      }
      signal?.addEventListener('abort', interrupt)
      this.defer(() => {
        signal?.removeEventListener('abort', interrupt)
        return Promise.resolve()
      })
    })
  }

  /** Has something done when the check is over, whatever its verdict, before its connections end. */
  defer(work: () => Promise<void>): void {
    this.#deferred.push(work)
  }

  /**
   * Leaves nothing behind: what was deferred is done, every connection begins to end.
   *
   * @returns What resolves when the connections have ended, for which nobody has to wait before the run is over.
   */
  async dispose(): Promise<{ readonly gone: Promise<unknown> }> {
    this.#over = true
    this.endedAt = performance.now()
    await Promise.allSettled(this.#deferred.splice(0).map((work) => work()))
    const end = async () => {
      for (const endpoint of this.endpoints) {
        endpoint.discard()
        leave(endpoint)
      }
      const patience = endPatienceMs(this.target.roundTripMs)
      await Promise.all(this.endpoints.map((endpoint) => endpoint.gone(patience)))
    }
    const waiting = [...waitingSessions(this.endpoints)]
    const { connect, opening } = this.#options
    const { url, welcome, roundTripMs } = this.target
    const open = (events: LinkEvents) =>
      opening.do(() => transportFor(url).connect(url, connect, events), true)
    const over = waiting.map((secret) =>
      endSession(secret, welcome.version, open, endPatienceMs(roundTripMs)),
    )
    // What was still being opened ends, too.
    const late = Promise.all(this.#openings).then(end)
    return { gone: Promise.all([end(), late, ...over]) }
  }
}

/** The failure of a check that got another outcome than it should. */
export function unexpected(outcome: Outcome, expected: string): CheckFailure {
  const what = outcome.code === undefined ? outcome.type : `the error ${outcome.code}`
  return new CheckFailure(expected, `the outcome was ${what}`).shownBy(outcome.text)
}

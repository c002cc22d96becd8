import { randomBytes } from 'node:crypto'
import { announcedRate } from '../endpoint/announced-rate.ts'
import { Patience } from '../endpoint/patience.ts'
import { Redactor } from '../endpoint/redact.ts'
import { redactUncaught } from '../endpoint/uncaught.ts'
import { kit } from '../kit.ts'
import { TokenIndex } from '../observer/token-index.ts'
import { preflight } from '../target/preflight.ts'
import { reachFlags, readReach, readTokens, type ReachOptions } from '../target/reach.ts'
import { shellLine } from '../target/shell-line.ts'
import { shownUrl } from '../target/shown-url.ts'
import { parseTarget } from '../target/target-url.ts'
import type { Target } from '../target/target.ts'
import { Endings } from '../transport/ending.ts'
import { Turns } from '../transport/turns.ts'
import { memoryTrend, type MemorySample } from './memory.ts'
import { planEpisode } from './plan.ts'
import type { FuzzFinding, FuzzResult } from './result.ts'
import { knownLimits, roomCount, type Setting } from './setting.ts'
import { shrink } from './shrink.ts'
import { FuzzProblem, play, type Played } from './stage.ts'
import { stepWords, type Step } from './step.ts'

/** What a run of the fuzzer is to do. */
export interface FuzzOptions extends ReachOptions {
  readonly url: string | URL
  /** Frames to send; a run ends with the episode in which it has sent them. */
  readonly frames: number
  readonly seed?: string | undefined
  /** Connections at the same time. */
  readonly clients: number
  /** Plays this episode alone. */
  readonly episode?: number | undefined
  /** Sends without regard to the announced rate. */
  readonly ignoreRate?: boolean
  readonly timeoutScale?: number
  readonly signal?: AbortSignal | undefined
  /** Bytes of memory that the server has in use. */
  readonly memory?: (() => Promise<number>) | undefined
  /** Milliseconds in which fewer steps are looked for that lead to a finding; 0 for not at all. */
  readonly shrinkMs?: number
  readonly onStart?: (about: { readonly seed: string; readonly proxy: string | undefined }) => void
  readonly onEpisode?: (sofar: FuzzProgress) => void
}

/** How far a run is. */
export interface FuzzProgress {
  readonly frames: number
  readonly episodes: number
  readonly findings: number
}

/** Different findings after which a run ends: the server has to be mended first. */
const mostFindings = 5

/** Episodes with a finding after which it ends. */
const mostTimes = 20

/** Milliseconds for which fewer steps are looked for, and how often they are played. */
const usualShrinkMs = 30_000
const shrinkTries = 80

/**
 * Sends a server frames of every kind from several clients, and holds what comes of them against the specification.
 *
 * @throws As `runConformance` where the target cannot be tested at all.
 */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const startedAt = performance.now()
  const scale = options.timeoutScale ?? 1
  const url = parseTarget(options.url)
  const tokens = new TokenIndex()
  const redactor = new Redactor([{ finder: tokens, labelOf: () => 'token' }])
  using _uncaught = redactUncaught(redactor)
  const sources = await readTokens(options, (token, user) => {
    tokens.add(token, user)
  })
  const reach = await readReach(url, options, scale, (secret, label) => {
    redactor.add(secret, label)
  })
  const connect = { ...reach, signal: options.signal }
  const patience = new Patience(scale)
  const endings = new Endings()
  await using _connections = { [Symbol.asyncDispose]: () => endings.all() }
  const opening = new Turns(options.clients)
  const target = await preflight(url, sources, connect, patience, endings, opening).catch(
    (error: unknown) => {
      redactor.redactError(error)
      throw error
    },
  )
  const seed = options.seed ?? randomBytes(8).toString('hex')
  options.onStart?.({ seed, proxy: connect.proxy?.shown })
  const setting = settingOf(options, target, { connect: reach, patience, tokens })
  const run = new Run(options, setting, seed, redactor)
  await run.episodes()
  return run.result(shownUrl(url), Math.round(performance.now() - startedAt))
}

function settingOf(
  { clients, ignoreRate = false }: FuzzOptions,
  target: Target,
  means: Pick<Setting, 'connect' | 'patience' | 'tokens'>,
): Setting {
  return {
    ...means,
    target,
    clients,
    limits: knownLimits(target),
    rate: ignoreRate ? undefined : announcedRate(target.welcome.limits),
    ignoresRate: ignoreRate,
    users: target.users.map(({ authenticated }) => authenticated),
  }
}

class Run {
  readonly #options: FuzzOptions
  readonly #setting: Setting
  readonly #seed: string
  readonly #redactor: Redactor
  readonly #findings = new Map<string, FuzzFinding>()
  readonly #memory: MemorySample[] = []
  #frames = 0
  #episodes = 0
  #connections = 0
  #times = 0
  #ended: string | undefined

  constructor(options: FuzzOptions, setting: Setting, seed: string, redactor: Redactor) {
    this.#options = options
    this.#setting = setting
    this.#seed = seed
    this.#redactor = redactor
  }

  /** Plays one episode after the other. */
  async episodes(): Promise<void> {
    const { frames, episode, signal, onEpisode } = this.#options
    const { clients, target } = this.#setting
    const cast = { clients, rooms: roomCount, needsAuth: target.needsAuth }
    for (let number = episode ?? 1; this.#ended === undefined; number += 1) {
      if (signal?.aborted) break
      try {
        await this.#episode(number, planEpisode(this.#seed, number, cast))
      } catch (error) {
        if (!(error instanceof FuzzProblem)) throw error
        this.#ended = this.#redactor.redact(error.message)
      }
      onEpisode?.({ frames: this.#frames, episodes: this.#episodes, findings: this.#findings.size })
      if (episode !== undefined || this.#frames >= frames) break
    }
  }

  async #episode(number: number, steps: readonly Step[]): Promise<void> {
    const { signal, memory } = this.#options
    const played = await play(this.#setting, steps, signal)
    this.#frames += played.frames
    this.#connections += played.connections
    this.#episodes += 1
    if (played.blame) {
      await this.#found(number, steps.slice(0, played.steps), played)
      if (played.isGone) this.#ended = 'the server takes no more connections'
      else if (this.#findings.size >= mostFindings || this.#times >= mostTimes)
        this.#ended = 'enough was found: mend it, and run again'
    }
    if (memory && this.#ended === undefined && !signal?.aborted)
      this.#memory.push({ frames: this.#frames, bytes: await memory() })
  }

  async #found(episode: number, steps: readonly Step[], played: Played): Promise<void> {
    const { blame, lines, secrets, isGone } = played
    if (!blame) return
    this.#times += 1
    const key = keyOf(blame)
    const known = this.#findings.get(key)
    if (known) {
      this.#findings.set(key, { ...known, times: known.times + 1 })
      return
    }
    const { redact } = new Redactor([{ finder: secrets, labelOf: () => 'session' }])
    const clean = (text: string) => this.#redactor.redact(redact(text))
    const fewer = isGone ? undefined : await this.#shrunk(key, steps)
    this.#findings.set(key, {
      requirement: blame.requirement,
      expected: clean(blame.expected),
      actual: clean(blame.actual),
      episode,
      times: 1,
      lines: lines.map((line) => ({ ...line, text: clean(line.text) })),
      steps: (fewer ?? []).map(stepWords),
      stepsOfEpisode: steps.length,
      replay: this.#replay(episode),
    })
  }

  async #shrunk(key: string, steps: readonly Step[]): Promise<readonly Step[] | undefined> {
    const { signal, shrinkMs = usualShrinkMs } = this.#options
    if (shrinkMs === 0) return undefined
    return await shrink(steps, {
      tries: shrinkTries,
      until: performance.now() + shrinkMs,
      reproduces: async (some) => {
        if (signal?.aborted) return false
        const { blame, frames, connections } = await play(this.#setting, some, signal)
        this.#frames += frames
        this.#connections += connections
        return blame !== undefined && keyOf(blame) === key
      },
    })
  }

  #replay(episode: number): string {
    const { timeoutScale, ignoreRate, clients } = this.#options
    const words = [
      'npx',
      '@parley/conformance',
      'fuzz',
      shownUrl(this.#setting.target.url),
      ...['--seed', this.#seed, '--episode', String(episode), '--clients', String(clients)],
      ...reachFlags(this.#options),
      ...(ignoreRate ? ['--ignore-rate'] : []),
      ...(timeoutScale === undefined || timeoutScale === 1 ? [] : ['--timeout-scale', String(timeoutScale)]),
    ]
    return shellLine(words)
  }

  result(url: string, durationMs: number): FuzzResult {
    const memory = memoryTrend(this.#memory)
    const findings = [...this.#findings.values()]
    if (memory?.grows)
      findings.push({
        requirement: undefined,
        expected: 'memory that does not grow with the frames that were sent',
        actual: `every frame added ${memory.bytesPerFrame.toFixed(1)} bytes (± ${memory.uncertainty.toFixed(1)})`,
        episode: 1,
        times: 1,
        lines: [],
        steps: [],
        stepsOfEpisode: 0,
        replay: `${this.#replay(1).replace(/ --episode 1\b/, '')} --frames ${String(this.#options.frames)}`,
      })
    const isInterrupted = this.#options.signal?.aborted === true
    const ended = this.#ended ?? (isInterrupted ? 'it was interrupted' : undefined)
    return {
      name: 'parley-fuzz',
      format: 1,
      kit: kit.version,
      url,
      seed: this.#seed,
      verdict:
        findings.length > 0
          ? 'found'
          : isInterrupted
            ? 'interrupted'
            : ended === undefined
              ? 'clean'
              : 'blocked',
      clients: this.#setting.clients,
      frames: this.#frames,
      episodes: this.#episodes,
      connections: this.#connections,
      durationMs,
      findings,
      ...(memory ? { memory } : {}),
      ...(ended === undefined ? {} : { ended }),
    }
  }
}

/** Findings of one requirement are one where they differ only in the numbers and frames that are named. */
function keyOf({ requirement, expected }: NonNullable<Played['blame']>): string {
  return `${requirement} ${expected.replace(/["{].*|\d+/gs, '')}`
}

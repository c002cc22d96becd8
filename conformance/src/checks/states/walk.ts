import {
  eventsIn,
  statesOf,
  transitionsOf,
  type CaseOf,
  type EventOf,
  type MachineName,
  type StateOf,
  type Transition,
} from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint, Sendable } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'

/** What came of an event: the type of the outcome, `error:` with its code where it failed, or nothing. */
export type Answer = string | undefined

/** How one case of an event is brought about. */
export interface Play<Stage> {
  /** Whether it can be brought about now. */
  readonly when?: (stage: Stage) => boolean
  readonly play: (stage: Stage) => Promise<Answer>
}

/** For each event of a machine, and each of its cases, how it is brought about, or why a walk does not come by it. */
export type Plays<M extends MachineName, Stage> = {
  readonly [E in EventOf<M>]: { readonly [C in CaseOf<M, E>]: Play<Stage> | string }
}

/** Begins what is said of a transition that no step of a walk has taken. */
export const notTaken = 'Not taken this time:'

/** Every transition of a machine that a walk can take, in words. */
export function playedIn<M extends MachineName, Stage>(
  machine: M,
  plays: Plays<M, Stage>,
): readonly string[] {
  return transitionsIn(machine, plays)
    .filter(({ play }) => typeof play === 'object')
    .map(({ way }) => way)
}

/** Every transition of a machine with how it is played. */
export function transitionsIn<M extends MachineName, Stage>(machine: M, plays: Plays<M, Stage>) {
  return statesOf(machine).flatMap((state) =>
    eventsIn(machine, state).flatMap((event) => {
      const cases: Readonly<Record<string, Play<Stage> | string>> = plays[event]
      return transitionsOf(machine, state, event as string).map((transition) => ({
        way: keyOf(state, event, transition),
        transition,
        play: cases[transition.guard ?? 'always'],
      }))
    }),
  )
}

/** One machine that a walk leads through: a connection, a membership, a call. */
export interface Walked<M extends MachineName, Stage> {
  state: StateOf<M>
  /** Whether no step has been taken in that state. */
  isNew?: boolean
  readonly stage: Stage
}

/** What a walk can do next. */
interface Way<M extends MachineName, Stage> {
  readonly event: EventOf<M>
  readonly transition: Transition<M>
  readonly play: Play<Stage>
}

/** A walk through the states of a machine: draws what comes next, and judges each outcome by the machine. */
export class Walk<M extends MachineName, Stage> {
  /** What has been done with each machine, in words, for whoever reads a failure. */
  readonly #paths = new Map<Walked<M, Stage>, string[]>()
  readonly #taken = new Map<string, number>()
  readonly #t: CheckContext
  readonly #machine: M
  readonly #plays: Plays<M, Stage>

  readonly #endsSeldom: boolean

  /** @param endsSeldom - Whether what matters comes late: most of the moves that could end it lead on. */
  constructor(t: CheckContext, machine: M, plays: Plays<M, Stage>, endsSeldom = false) {
    this.#endsSeldom = endsSeldom
    this.#t = t
    this.#machine = machine
    this.#plays = plays
  }

  /** Takes one step, drawn by chance, a way not taken yet before others; whether there was one. */
  async step(walked: Walked<M, Stage>): Promise<boolean> {
    const ways = this.#waysOf(walked)
    const open = this.#kindOf(walked, ways)
    const count = (way: Way<M, Stage>) => this.#countOf(walked.state, way)
    const fewest = Math.min(...open.map(count))
    const fresh = open.filter((way) => count(way) === fewest)
    // Some steps go wherever: what matters may be a way that is taken again.
    const choice = this.#t.random.integer(4) === 0 ? open : fresh
    const way = choice[this.#t.random.integer(Math.max(1, choice.length))]
    if (way === undefined) return false
    await this.#take(walked, way)
    return true
  }

  /** Those of the ways that stay, those that lead on, or those that end it, by chance. */
  #kindOf(
    { state, isNew = true }: Walked<M, Stage>,
    ways: readonly Way<M, Stage>[],
  ): readonly Way<M, Stage>[] {
    const stays = ways.filter(({ transition: { target } }) => target === state)
    const moves = ways.filter(({ transition: { target } }) => target !== state)
    const ends = moves.filter(({ transition: { target } }) => isEnd(this.#machine, target))
    const goes = moves.filter((way) => !ends.includes(way))
    // Most moves are made after something else was done there, as long as there is something that has not been seen twice.
    const isSeen = stays.every((way) => this.#countOf(state, way) >= 2)
    const waits = isNew && !isSeen && this.#t.random.integer(4) > 0
    const endings = this.#endsSeldom && goes.length > 0 && this.#t.random.integer(3) > 0 ? [] : ends
    const kinds = (waits ? [stays] : [stays, goes, endings]).filter(({ length }) => length > 0)
    return kinds[this.#t.random.integer(Math.max(1, kinds.length))] ?? []
  }

  /** Takes the step that an event is which has come about already, or whose time has come; whether there was one. */
  async follow(walked: Walked<M, Stage>, event: EventOf<M>): Promise<boolean> {
    const way = this.#waysOf(walked).find((each) => each.event === event)
    if (way) await this.#take(walked, way)
    return way !== undefined
  }

  /** How many steps were taken, on how many ways, and which of them were taken by no step. */
  get evidence(): readonly string[] {
    const steps = [...this.#taken.values()].reduce((sum, count) => sum + count, 0)
    const ways = playedIn(this.#machine, this.#plays)
    const missing = ways.filter((way) => !this.#taken.has(way))
    const count = `${String(this.#taken.size)} of ${String(ways.length)}`
    return [
      `${String(steps)} steps on ${count} transitions of the machine ${this.#machine} that a walk can take`,
      ...missing.map((way) => `${notTaken} ${way}`),
    ]
  }

  /** How often a way was taken. */
  #countOf(state: StateOf<M>, { event, transition }: Way<M, Stage>): number {
    return this.#taken.get(keyOf(state, event, transition)) ?? 0
  }

  #waysOf({ state, stage }: Walked<M, Stage>): readonly Way<M, Stage>[] {
    return eventsIn(this.#machine, state).flatMap((event) =>
      transitionsOf(this.#machine, state, event as string).flatMap((transition) => {
        const cases: Readonly<Record<string, Play<Stage> | string>> = this.#plays[event]
        const play = cases[transition.guard ?? 'always']
        if (play === undefined || typeof play === 'string' || play.when?.(stage) === false) return []
        return [{ event, transition, play }]
      }),
    )
  }

  async #take(walked: Walked<M, Stage>, { event, transition, play }: Way<M, Stage>): Promise<void> {
    const { state, stage } = walked
    const key = keyOf(state, event, transition)
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1)
    const path = this.#paths.get(walked) ?? []
    this.#paths.set(walked, path)
    const way = `the way there: ${path.join(' – ') || 'none'}`
    const answer = await play.play(stage).catch((error: unknown) => {
      if (!(error instanceof CheckFailure)) throw error
      throw error.inWords(
        `${error.expected}, for ${key} of the machine ${this.#machine}`,
        `${error.actual}; ${way}`,
      )
    })
    const expected = transition.answer?.split('|')
    if (expected !== undefined && !expected.includes(answer ?? ''))
      throw new CheckFailure(
        `${expected.map(wordsOf).join(' or ')} for ${key} of the machine ${this.#machine} (${transition.requirements.join(', ')})`,
        `the outcome was ${wordsOf(answer ?? 'nothing')}; ${way}`,
      )
    path.push(`${String(event)}${transition.guard === undefined ? '' : ` [${transition.guard}]`}`)
    walked.isNew = transition.target !== state
    walked.state = transition.target
  }
}

/** Whether nothing that a client does leads out of a state. */
function isEnd<M extends MachineName>(machine: M, state: StateOf<M>): boolean {
  return eventsIn(machine, state).every((event) =>
    transitionsOf(machine, state, event as string).every(
      ({ by, target }) => by === 'server' || target === state,
    ),
  )
}

function keyOf(state: PropertyKey, event: PropertyKey, { guard }: Pick<Transition, 'guard'>): string {
  return `"${String(event)}"${guard === undefined ? '' : ` [${guard}]`} in state "${String(state)}"`
}

function wordsOf(answer: string): string {
  return answer.startsWith('error:') ? `the error ${answer.slice('error:'.length)}` : answer
}

/** Sends a message and says what came of it. */
export async function answerTo(endpoint: Endpoint, message: Sendable): Promise<Answer> {
  const { type, code } = await requestInTime(endpoint, message)
  return type === 'error' ? `error:${code ?? 'without code'}` : type
}

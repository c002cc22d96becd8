import {
  eventsIn,
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

/** One machine that a walk leads through: a connection, a membership, a call. */
export interface Walked<M extends MachineName, Stage> {
  state: StateOf<M>
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

  constructor(t: CheckContext, machine: M, plays: Plays<M, Stage>) {
    this.#t = t
    this.#machine = machine
    this.#plays = plays
  }

  /** Takes one step, drawn by chance, a way not taken yet before others; whether there was one. */
  async step(walked: Walked<M, Stage>): Promise<boolean> {
    const ways = this.#waysOf(walked)
    // An end ends more than a way: it is taken seldom.
    const { state } = walked
    const going = ways.filter(
      ({ transition }) => state === transition.target || !isEnd(this.#machine, transition.target),
    )
    const open = going.length > 0 && this.#t.random.integer(6) > 0 ? going : ways
    const count = ({ event, transition }: Way<M, Stage>) =>
      this.#taken.get(keyOf(walked.state, event, transition)) ?? 0
    const fewest = Math.min(...open.map(count))
    const fresh = open.filter((way) => count(way) === fewest)
    // Half of the steps go wherever: what matters may be a way that is taken again.
    const choice = this.#t.random.integer(2) === 0 ? open : fresh
    const way = choice[this.#t.random.integer(Math.max(1, choice.length))]
    if (way === undefined) return false
    await this.#take(walked, way)
    return true
  }

  /** How many steps were taken, and on how many ways. */
  get words(): string {
    const steps = [...this.#taken.values()].reduce((sum, count) => sum + count, 0)
    return `${String(steps)} steps on ${String(this.#taken.size)} transitions of the machine ${this.#machine}`
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
    const answer = await play.play(stage)
    const expected = transition.answer?.split('|')
    if (expected !== undefined && !expected.includes(answer ?? ''))
      throw new CheckFailure(
        `${expected.map(wordsOf).join(' or ')} for ${key} of the machine ${this.#machine} (${transition.requirements.join(', ')})`,
        `the outcome was ${wordsOf(answer ?? 'nothing')}; the way there: ${path.join(' – ') || 'none'}`,
      )
    path.push(`${String(event)}${transition.guard === undefined ? '' : ` [${transition.guard}]`}`)
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

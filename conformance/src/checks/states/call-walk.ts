import { machines, type Callee } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { awaitEnd, shortRing } from '../calls/answering.ts'
import { twoIds } from '../calls/glare.ts'
import { inTurn } from '../calls/in-turn.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { placesFor } from '../scene/membership.ts'
import { requireTwoUsers, userOf } from '../scene/token.ts'
import { callPlays, type CallStage } from './call.ts'
import { answerTo, Walk, type Walked } from './walk.ts'

/** Steps of a walk through the states of calls. */
const steps = 120

/** Longest that a call is walked through, in milliseconds: every call rings for 10 s, and is remembered for 30 s after its end. */
const longestCallMs = 5000

/** How long one that rings for {@link shortRing} is walked through before nothing is left but to wait for its end, in milliseconds. */
const shortCallMs = 500

/** Who takes part in the calls of a walk: the first of each call rings the others. */
interface Cast {
  /** Those who are there; whoever was cut off is followed by another one. */
  readonly people: Endpoint[]
  readonly stranger: Endpoint
  readonly room: string
  /** Connects somebody in the place of one of the people. */
  readonly another: (place: number) => Promise<Endpoint>
  /** Draws who calls and who is rung. */
  readonly draw: (people: readonly Endpoint[]) => {
    readonly caller: Endpoint
    readonly endpoints: readonly Endpoint[]
    readonly callee: Callee
  }
}

type WalkedCall = Walked<'call', CallStage>

/** Two calls at a time, each from `invite` to the end and a little on; then the next. */
class CallWalk {
  readonly #walk: Walk<'call', CallStage>
  readonly #t: CheckContext
  readonly #cast: Cast
  readonly #gone = new Set<Endpoint>()
  #calls = 0
  /** Whether the time of a call is still to be waited for: once is enough, it takes a second. */
  #waits: boolean

  constructor(t: CheckContext, cast: Cast, waits: boolean) {
    this.#t = t
    this.#cast = cast
    this.#waits = waits
    this.#walk = new Walk<'call', CallStage>(t, 'call', callPlays)
  }

  async run(): Promise<void> {
    const walked = [await this.#begin(), await this.#begin()]
    for (let left: number = steps; left > 0; left -= 1) {
      const place = this.#t.random.integer(walked.length)
      const now = walked[place]
      if (now === undefined) continue
      const isOver = now.state === 'ended' && this.#t.random.integer(2) === 0
      if (isOld(now)) await giveUp(now)
      if (isOver || isOld(now) || !(await this.#step(now))) walked[place] = await this.#begin()
      for (const [other, call] of walked.entries())
        if (!(await this.#follow(call))) walked[other] = await this.#begin()
    }
    this.#t.evidence.push(...this.#walk.evidence)
  }

  /** Takes a step of a call; whether it can be walked on. */
  async #step(now: WalkedCall): Promise<boolean> {
    const { short } = now.stage
    const isShort = now.state === 'ringing' && short !== undefined
    const isDue = isShort && performance.now() > short.sentAt + shortCallMs
    const goesOn = await this.#unlessOver(now, async () => {
      if (isDue) await this.#walk.follow(now, 'timeout')
      else await this.#walk.step(now)
      return true
    })
    if (short?.isAwaited) this.#waits = false
    return goesOn
  }

  /** Plays what the loss of a party is for a call that was not the one in which it was lost; whether the call can be walked on. */
  async #follow(now: WalkedCall): Promise<boolean> {
    const { caller, ringing, taker } = now.stage
    const isGone = (one: Endpoint | undefined) => one !== undefined && this.#gone.has(one)
    if (now.state === 'none') return ![caller, ...ringing].some(isGone)
    if (now.state === 'ended') return true
    const event = isGone(caller)
      ? 'caller.lost'
      : isGone(taker)
        ? 'callee.lost'
        : ringing.some(isGone)
          ? 'endpoint.lost'
          : undefined
    if (event === undefined) return true
    return await this.#unlessOver(now, () => this.#walk.follow(now, event))
  }

  /** Plays what a call has; gives it up where, on a long way, its time was over before that was done, and its end was not what was waited for. */
  async #unlessOver(now: WalkedCall, play: () => Promise<boolean>): Promise<boolean> {
    const { short } = now.stage
    const isShort = now.state === 'ringing' && short !== undefined
    try {
      return await play()
    } catch (error) {
      const rang = short === undefined ? 0 : performance.now() - short.sentAt
      const isLate = isShort && !short.isAwaited && rang >= 1000 * shortRing
      if (!isLate || !(error instanceof CheckFailure)) throw error
      await giveUp(now)
      return false
    }
  }

  async #begin(): Promise<WalkedCall> {
    const { people, stranger, room, another, draw } = this.#cast
    for (const [place, person] of people.entries()) {
      if (!this.#gone.has(person)) continue
      const next = await another(place)
      await this.#t.join(room, next)
      people[place] = next
    }
    this.#calls += 1
    const { caller, endpoints, callee } = draw(people)
    const [crossing, call] = twoIds(this.#t)
    const isShort = this.#waits && this.#calls % 2 === 1
    const short = isShort
      ? {
          sentAt: performance.now(),
          caller: awaitEnd(caller, call),
          endpoints: endpoints.map((one) => awaitEnd(one, call)),
          isAwaited: false,
        }
      : undefined
    const stage: CallStage = {
      ...{
        t: this.#t,
        call,
        crossing,
        label: `walk-${String(this.#calls)}`,
        caller,
        callee,
        stranger,
        short,
      },
      ...{ ringing: endpoints, out: [], taker: undefined, isBegun: false },
      ...{ begunAt: performance.now(), gone: this.#gone },
    }
    return { state: machines.call.initial, stage }
  }
}

function isOld({ stage: { begunAt } }: WalkedCall): boolean {
  return performance.now() - begunAt > longestCallMs
}

/** Ends a call wherever it stands; waits for the outcome, since until then the other party has it, too, and may begin one less. */
async function giveUp({ state, stage }: WalkedCall): Promise<void> {
  const { call, caller, taker, gone } = stage
  if (gone.has(caller)) return
  if (state === 'ringing') await answerTo(caller, { type: 'cancel', call, reason: 'normal' })
  if (state === 'talking' && taker)
    await answerTo(caller, { type: 'hangup', call, to: taker.peer, reason: 'normal' })
}

/** ring.states: one peer rings another one, either of two. */
export async function walkCalls(t: CheckContext): Promise<void> {
  const [a, b, stranger] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  const room = t.room()
  // ring.members: whoever is in a room with somebody should be let ring there.
  await t.join(room, a, b)
  const draw: Cast['draw'] = (people) => {
    const [one = a, other = b] = people
    const [caller, endpoint] = t.random.integer(2) === 0 ? [one, other] : [other, one]
    return { caller, endpoints: [endpoint], callee: { peer: endpoint.peer } }
  }
  const cast = { people: [a, b], stranger, room, another: () => t.client(), draw }
  await new CallWalk(t, cast, true).run()
}

/** ring.states: a user is rung on two devices. */
export async function walkDevices(t: CheckContext): Promise<void> {
  requireTwoUsers(t)
  placesFor(t, 3, 3)
  const room = sharedRoom(t, 0, 1)
  const [a, stranger] = (await t.clients(2)) as [Endpoint, Endpoint]
  await inTurn(t, async ({ device }) => {
    const people = [a, await device(), await device()]
    await t.join(room, ...people)
    const draw: Cast['draw'] = ([caller = a, ...endpoints]) => ({
      ...{ caller, endpoints, callee: { user: userOf(t, 1) } },
    })
    const another = (place: number) => (place === 0 ? t.client() : device())
    await new CallWalk(t, { people, stranger, room, another, draw }, false).run()
  })
}

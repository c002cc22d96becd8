import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { overtimeTimes } from '../endpoint/patience.ts'
import { SecretIndex } from '../observer/secret-index.ts'
import { Pace } from '../endpoint/pace.ts'
import { retryAfterOf } from '../endpoint/retry.ts'
import { stringOf } from '../endpoint/wire.ts'
import { endPatienceMs } from '../transport/ending.ts'
import { ConnectError, type Link } from '../transport/transport.ts'
import { transportFor } from '../transport/registry.ts'
import { breakFraming, inFragments } from './framing.ts'
import { Participant, type World } from './participant.ts'
import { isUnclear, readFrame, type Reading } from './reading.ts'
import { Scribe } from './scribe.ts'
import { roomNames, type Setting } from './setting.ts'
import { judgeAll, settle } from './settlement.ts'
import { clientName, type Step } from './step.ts'
import { WorldOf, type Blame, type Line } from './world.ts'

/** What came of an episode. */
export interface Played {
  /** The first sentence that was broken. */
  readonly blame: Blame | undefined
  /** What was said before that. */
  readonly lines: readonly Line[]
  /** Steps until it was found. */
  readonly steps: number
  readonly frames: number
  readonly connections: number
  /** Whether the server takes no connections any more. */
  readonly isGone: boolean
  readonly secrets: SecretIndex
}

/** The server lets no more clients in, as it may; a run cannot go on. */
export class FuzzProblem extends Error {
  override name = 'FuzzProblem'
}

/** Attempts to connect before a server counts as gone. */
const attempts = 3

/** Milliseconds between them. */
const betweenAttemptsMs = 300

/** Largest message that is made to stand at the announced limit. */
const largestBytes = 1 << 20

/** Plays an episode against the server. */
export async function play(setting: Setting, steps: readonly Step[], signal?: AbortSignal): Promise<Played> {
  await using stage = new Stage(setting, signal)
  return await stage.play(steps)
}

class Stage {
  readonly #setting: Setting
  readonly #signal: AbortSignal | undefined
  readonly #world: World
  readonly #scribe: Scribe
  readonly #tag = randomBytes(6).toString('hex')
  /** The present or last participant of each client, and the one before. */
  readonly #present = new Map<number, Participant>()
  readonly #former = new Map<number, Participant>()
  readonly #paces = new Map<Participant, Pace>()
  #frames = 0
  #connections = 0
  #isGone = false

  constructor(setting: Setting, signal: AbortSignal | undefined) {
    const { limits, ignoresRate, tokens, users, target } = setting
    this.#setting = setting
    this.#signal = signal
    const isOpen = !target.needsAuth
    this.#world = new WorldOf<Participant>({
      limits,
      ignoresRate,
      tokens,
      users,
      isOpen,
      secrets: new SecretIndex(),
    })
    this.#scribe = new Scribe(limits, this.#tag, roomNames(setting, this.#tag), this.#present, this.#former)
  }

  async play(steps: readonly Step[]): Promise<Played> {
    const world = this.#world
    let done = 0
    for (const step of steps) {
      if (world.blamed || this.#signal?.aborted) break
      await this.#do(step)
      done += 1
    }
    return {
      blame: world.blamed,
      lines: world.lines,
      steps: done,
      frames: this.#frames,
      connections: this.#connections,
      isGone: this.#isGone,
      secrets: world.secrets,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = () => this.#world.participants.filter(({ link, end }) => link && !end)
    for (const { link } of open()) link?.close()
    const over = AbortSignal.timeout(Math.ceil(endPatienceMs(this.#setting.patience.roundTripMs)))
    while (open().length > 0 && !over.aborted)
      await new Promise<void>((resolve) => {
        const go = () => {
          over.removeEventListener('abort', go)
          resolve()
        }
        over.addEventListener('abort', go)
        this.#world.wake = go
      })
    for (const { link } of open()) link?.abort()
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case 'open':
        await this.#open(step)
        return
      case 'send':
        await this.#sendStep(step)
        return
      case 'visit':
        await this.#visit(step.text)
        return
      case 'bytes':
        this.#bytes(step)
        return
      case 'turn':
        await nextTurn()
        return
      case 'settle':
        await this.#settle()
        return
      case 'end':
      case 'break': {
        const participant = this.#active(step.client)
        if (!participant?.link) return
        if (step.do === 'break') {
          participant.leave('it broke the framing of its binding')
          this.#note(participant, `frames that RFC 6455 does not allow: ${step.how}`)
          breakFraming(participant.link, step.how)
          this.#count()
          // What the server does of it is its own matter: the cut follows, and the others must not notice.
          await nextTurn()
          participant.link.abort()
        } else this.#end(participant, participant.link, step.how)
      }
    }
  }

  #end(participant: Participant, link: Link, how: 'close' | 'cut'): void {
    participant.leave('its client ended it')
    if (how === 'cut') link.abort()
    else {
      participant.mustEnd = [
        'websocket.close',
        'the closing handshake to end the connection',
        'it was still open',
      ]
      link.close()
    }
  }

  #active(client: number): Participant | undefined {
    const participant = this.#present.get(client)
    return participant?.isActive ? participant : undefined
  }

  async #open({ client, hello, authenticate }: Extract<Step, { do: 'open' }>): Promise<void> {
    const old = this.#present.get(client)
    const text = this.#scribe.written(hello, old, client)
    const replaced = this.#world.participants.find(
      ({ session, end }) => session !== '' && !end && text.includes(JSON.stringify(session)),
    )
    if (old?.isActive && replaced !== old) return
    const { needsAuth, users } = this.#setting.target
    const user = needsAuth && authenticate ? client % users.length : undefined
    const participant = await this.#connected(clientName(client), user, false)
    if (!participant) return
    if (old) this.#former.set(client, old)
    this.#present.set(client, participant)
    if (replaced) {
      replaced.excuse('its owner has connected again', 'replaced')
      replaced.isLeaving = true
      replaced.mustEnd ??= ['replaces.old-ends', 'the replaced connection to end', 'it was still open']
    }
    await this.#greet(participant, hello === '{}' ? '' : `,${text.slice(1, -1)}`)
    // What is beyond I-JSON may be refused; what is plain may not.
    const again = replaced ? `,"replaces":${JSON.stringify(replaced.session)}` : ''
    if (participant.peer === '' && participant.isOpen) await this.#greet(participant, again)
    if (user !== undefined && participant.isActive) await this.#authenticate(participant, user)
  }

  async #greet(participant: Participant, members: string): Promise<void> {
    participant.greetings.add(
      this.#send(participant, `{"type":"hello","id":"${this.#scribe.nextId()}","versions":[1]${members}}`),
    )
    const before = participant.outcomes.length
    const isAnswered = () => participant.outcomes.length > before || !participant.isOpen
    if (!(await this.#due(isAnswered)))
      await this.#silent('connection.welcome', 'welcome for hello', isAnswered)
  }

  async #authenticate(participant: Participant, user: number): Promise<void> {
    const source = this.#setting.target.users[user]?.tokens
    if (!source) return
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const token = JSON.stringify(await source.next())
      if (!source.fresh) this.#scribe.tokens.set(participant, token.slice(1, -1))
      const id = this.#scribe.nextId()
      this.#send(participant, `{"type":"auth","id":"${id}","method":"token","token":${token}}`)
      const answer = () => participant.outcomes.find(({ ref }) => ref === id)
      const isAnswered = () => answer() !== undefined || !participant.isOpen
      if (!(await this.#due(isAnswered)))
        await this.#silent('outcomes.typed-reply', 'an answer to auth', isAnswered)
      const found = answer()
      const wait = found && retryAfterOf({ code: stringOf(found.message, 'code'), message: found.message })
      if (wait === undefined) return
      await this.#until(() => false, wait)
    }
  }

  async #visit(template: string): Promise<void> {
    const participant = await this.#connected('somebody new', undefined, true)
    if (participant) this.#send(participant, this.#scribe.written(template, participant))
  }

  async #connected(
    name: string,
    user: number | undefined,
    isVisitor: boolean,
  ): Promise<Participant | undefined> {
    const world = this.#world
    for (let attempt = 1; ; attempt += 1) {
      const participant = new Participant(world, name, user, isVisitor)
      try {
        const { target, connect } = this.#setting
        const options = this.#signal ? { ...connect, signal: this.#signal } : connect
        participant.link = await transportFor(target.url).connect(target.url, options, {
          onText: (text) => {
            participant.receive(text)
          },
          onForeign: (description) => {
            participant.foreign(description)
          },
          onEnd: (end) => {
            participant.ended(end)
          },
        })
        this.#connections += 1
        const { rate, patience } = this.#setting
        if (rate) this.#paces.set(participant, new Pace(rate, patience.roundTripMs, performance.now()))
        return participant
      } catch (error) {
        world.participants.splice(world.participants.indexOf(participant), 1)
        if (!(error instanceof ConnectError)) throw error
        if (this.#signal?.aborted) return undefined
        if (error.problem === 'http')
          throw new FuzzProblem(`The server lets no more clients in: ${error.message}`)
        if (attempt < attempts) {
          await this.#until(() => false, betweenAttemptsMs)
          continue
        }
        this.#isGone = true
        world.blame(
          'frames.others-unharmed',
          'the server to go on taking connections',
          `nobody gets in any more: ${error.message}`,
        )
        return undefined
      }
    }
  }

  async #sendStep({ client, text: template, cuts }: Extract<Step, { do: 'send' }>): Promise<void> {
    const participant = this.#active(client)
    if (!participant?.link) return
    if (/@f\d/.test(template) && this.#world.limits.messageBytes > largestBytes) return
    const text = this.#scribe.written(template, participant, client)
    const reading = readFrame(text, this.#world.limits.messageBytes)
    if (isUnclear(reading) || this.#isElsewhere(reading)) return
    await this.#paced(participant)
    if (!participant.isActive) return
    if (!cuts) {
      this.#send(participant, text, reading)
      return
    }
    participant.noteSent(reading)
    this.#count()
    inFragments(participant.link, text, cuts)
  }

  /** A room that others may use is left alone. */
  #isElsewhere({ type, room, faults }: Reading): boolean {
    return type === 'join' && faults.length === 0 && room?.includes(this.#tag) !== true
  }

  async #paced(participant: Participant): Promise<void> {
    const pace = this.#paces.get(participant)
    if (!pace) return
    for (let wait = pace.waitMs(performance.now()); wait > 0; wait = pace.waitMs(performance.now()))
      await this.#until(() => !participant.isOpen, Math.ceil(wait))
    pace.take(performance.now())
  }

  #send(participant: Participant, text: string, reading?: Reading) {
    const sent = participant.noteSent(reading ?? readFrame(text, this.#world.limits.messageBytes))
    this.#count()
    participant.link?.send(text)
    return sent
  }

  #note({ name }: Participant, text: string): void {
    this.#world.note({ who: name, direction: '→', text })
  }

  #count(): void {
    this.#frames += 1
  }

  #bytes({ client, opcode, hex }: Extract<Step, { do: 'bytes' }>): void {
    const participant = this.#active(client)
    if (!participant?.link) return
    const isBinary = opcode === 2
    participant.leave(isBinary ? 'it sent a binary message' : 'it sent text that is not UTF-8')
    this.#note(participant, isBinary ? `a binary message: ${hex}` : `text that is not UTF-8: ${hex}`)
    participant.mustEnd = isBinary
      ? ['websocket.binary', 'the end of the connection after a binary message', 'it was still open']
      : ['websocket.utf8', 'the end of the connection after text that is not UTF-8', 'it was still open']
    participant.link.webSocket?.writeFrame({ opcode, fin: true, payload: Buffer.from(hex, 'hex') })
    this.#count()
  }

  async #settle(): Promise<void> {
    const world = this.#world
    const began = world.now
    for (const participant of world.participants)
      if (participant.isActive && !participant.isVisitor) {
        await this.#paced(participant)
        this.#send(participant, `{"type":"ping","id":"${this.#scribe.nextId()}"}`)
      }
    const isReady = () =>
      !world.participants.some((each) => each.isOpen && each.isAwaiting) && judgeAll(world) === undefined
    if (!(await this.#due(isReady)) && !this.#isOver()) {
      const missing = judgeAll(world)
      if (missing && !this.#isOver()) await this.#missed(missing, isReady, began)
    }
    if (this.#isOver()) return
    settle(world)
    // Whoever has said bye in a way that may be refused says nothing more either.
    for (const participant of world.participants)
      if (
        (participant.isVisitor || participant.isLeaving) &&
        participant.isOpen &&
        participant.link &&
        !participant.mustEnd
      )
        this.#end(participant, participant.link, 'close')
  }

  /** Whether nothing more is to be done: something was found, or the user ends the run. */
  #isOver(): boolean {
    return this.#world.blamed !== undefined || this.#signal?.aborted === true
  }

  /** What is overdue is waited for a little longer where the server is slow with everything. */
  async #missed(missing: Blame, isReady: () => boolean, since: number): Promise<void> {
    const world = this.#world
    const isMute = world.heardAt <= since
    const began = performance.now()
    const probe = await this.#connected('somebody new', undefined, true)
    if (!probe) return
    this.#send(probe, '{"type":"hello","id":"probe","versions":[1]}')
    const isThere = await this.#due(() => probe.outcomes.length > 0)
    if (!isThere) {
      this.#isGone = true
      world.blame(
        'frames.others-unharmed',
        'the server to go on answering',
        'it accepts connections and answers nobody any more',
      )
      return
    }
    if (await this.#until(isReady, overtimeTimes * (performance.now() - began))) return
    if (isMute)
      world.blame(
        'frames.others-unharmed',
        'the server to answer every client',
        'the connections that were open are answered nothing any more; a new one is welcomed',
      )
    else world.blame(missing.requirement, missing.expected, missing.actual)
  }

  async #silent(
    requirement: Blame['requirement'],
    expected: string,
    isAnswered: () => boolean,
  ): Promise<void> {
    const { blamed } = this.#world
    if (blamed || this.#signal?.aborted) return
    await this.#missed({ requirement, expected, actual: 'nothing came in time' }, isAnswered, this.#world.now)
  }

  /** Waits for as long as something may take; whether it has come. */
  #due(condition: () => boolean): Promise<boolean> {
    return this.#until(condition, this.#setting.patience.dueMs)
  }

  async #until(condition: () => boolean, ms: number): Promise<boolean> {
    const world = this.#world
    const deadline = performance.now() + ms
    for (;;) {
      if (condition()) return true
      const left = deadline - performance.now()
      if (left <= 0 || world.blamed || this.#signal?.aborted) return false
      await new Promise<void>((resolve) => {
        let isOver = false
        const go = () => {
          // Several frames may have asked for it; the next wait is not theirs.
          if (isOver) return
          isOver = true
          clearTimeout(timer)
          this.#signal?.removeEventListener('abort', go)
          world.wake = () => undefined
          resolve()
        }
        const timer = setTimeout(go, left)
        this.#signal?.addEventListener('abort', go)
        // Frames that come together are looked at together.
        world.wake = () => {
          setImmediate(go)
        }
      })
    }
  }
}

import type { ServerMessageOf, ServerMessageType } from '@parley/schemas'
import { answering, CheckFailure, ConnectionLost, Undecided } from '../engine/failure.ts'
import type { Link, LinkEnd, LinkEvents, WebSocketFrame } from '../transport/transport.ts'
import type { EndpointEnvironment } from './environment.ts'
import { endWords, isFatal } from './error-words.ts'
import { frameFault } from './frame-fault.ts'
import { answersAnother, cameInstead, type Arrivals } from './instead.ts'
import { lapsed, type Lapse } from './lapse.ts'
import { Numbers, withoutNumbers } from './numbers.ts'
import { Outbox } from './outbox.ts'
import { overtimeTimes, patienceWithProgress, promptShare } from './patience.ts'
import type { Outcome, Pending, Received, Sendable, WaitOptions } from './received.ts'
import { Waiting } from './waiting.ts'
import { parseWire, stringOf, type Wire } from './wire.ts'

export type { Outcome, Pending, Received, Sendable, WaitOptions } from './received.ts'

/**
 * A scripted client: sends what a check wants, keeps all that arrives, waits without polling. It knows nothing of what is
 * right; it judges only that its own frames are valid.
 */
export class Endpoint {
  /** Letter by which reports call it. */
  readonly name: string
  /** Everything that has arrived, in order. */
  readonly log: Received[] = []
  /** Set once the connection has ended. */
  end: LinkEnd | undefined
  /** Whether it has sent a frame that a bad server might die of. */
  hostile = false
  /** Places in the log of refusals after which the message was sent again: for the waits below they never came. See `retry.ts`. */
  readonly retried = new Set<number>()
  /** Where `resume` is in force: what numbers the messages of the session that this connection has. */
  numbers: Numbers | undefined
  /** Those of the session that it is about to resume. */
  #resuming: Numbers | undefined
  readonly #environment: EndpointEnvironment
  /** Before its connection was asked for, in milliseconds of `performance.now()`. */
  readonly openedAt = performance.now()
  #lastSentAt = this.openedAt
  /** Whether the other side has said that it ends the connection. */
  #closing = false
  /** Whether a fatal error has come. */
  #doomed = false
  #lapse: Lapse | undefined
  readonly #waiting: Waiting
  readonly #listeners = new Set<(frame: Received) => void>()
  readonly #outbox: Outbox
  #link: Link | undefined
  closed = false
  #ids = 0
  #lastText = ''
  /** What was sent under each `id`, in a word. */
  readonly #sent = new Map<string, string>()
  /** Where in the log what came after the frame that was sent last begins. */
  #answersFrom = 0
  /** Ids of pings that only prove a silence. */
  readonly #probes = new Set<string>()

  constructor(name: string, environment: EndpointEnvironment) {
    this.name = name
    this.#environment = environment
    this.#outbox = new Outbox(environment.pace(), environment.held)
    this.#waiting = new Waiting(environment, () => this.end !== undefined)
  }

  /** Hands the endpoint to a transport. */
  get events(): LinkEvents {
    return {
      onText: (text) => {
        this.#receive(text)
      },
      onForeign: (description, text) => {
        this.#note(`received ${description}`)
        this.#environment.observer.foreign(description)
        this.#receive(text)
      },
      onClosing: () => {
        this.#closing = true
        this.#waiting.wake()
      },
      onEnd: (end) => {
        this.end = end
        this.#outbox.discard()
        const how = end.byUs ? 'closed by the kit' : 'ended'
        const code = end.code === undefined ? 'no close code' : `close code ${String(end.code)}`
        this.#note(`connection ${how}: ${code}${end.reason ? ` (${end.reason})` : ''}`)
        if (!end.byUs) this.#environment.observer.ended(end.code)
        this.#waiting.wake()
      },
    }
  }

  /** Gives the endpoint its link; one that comes after `close` is cut at once. */
  attach(link: Link): void {
    this.#link = link
    this.#note('connection open')
    if (this.closed) link.abort()
  }

  /** The link below, for the checks of a binding. */
  get link(): Link {
    if (!this.#link) throw new Error(`Endpoint ${this.name} has no link yet`)
    return this.#link
  }

  /** The `welcome` that it got; an empty object before. */
  get welcome(): Wire {
    return this.log.find(({ message }) => message['type'] === 'welcome')?.message ?? {}
  }

  /** Its peer id. */
  get peer(): string {
    return this.numbers?.peer ?? stringOf(this.welcome, 'peer') ?? ''
  }

  /** Its session secret. */
  get session(): string {
    return this.numbers?.secret ?? stringOf(this.welcome, 'session') ?? ''
  }

  /** What the schemas have against a message, where those capabilities are in force that are. */
  #faultOf(message: Wire): string | undefined {
    const { judge } = this.#environment
    const named: unknown = this.welcome['capabilities']
    const inCalls = typeof named === 'object' && named !== null && Object.hasOwn(named, 'calls')
    return (inCalls ? judge.inCalls : judge).client(this.numbers ? withoutNumbers(message) : message)
  }

  /** Sends a valid message. One without an `id` is answered only when it fails. */
  send(message: Sendable): void {
    const invalid = this.#faultOf(message)
    // A TypeError: where the server's own ids were not valid, it is to blame (judge-check.ts).
    if (invalid !== undefined) throw new TypeError(`The kit was about to send an invalid frame: ${invalid}`)
    const numbered = this.numbers?.number(message) ?? message
    this.#write(JSON.stringify(numbered), numbered)
  }

  /** Asks to go on with the session of an earlier connection. */
  resume(earlier: Numbers, ack = earlier.seen): Pending {
    this.#resuming = earlier
    return this.post({ type: 'resume', session: earlier.secret, ack })
  }

  /** Sends a valid message with an `id` of its own. */
  post(message: Sendable): Pending {
    const id = message.id ?? this.nextId()
    this.send({ ...message, id })
    return { id, outcome: (what) => this.outcome(id, { what }) }
  }

  /** Sends a valid message with an `id` and waits for its outcome. */
  async request(message: Sendable): Promise<Outcome> {
    return this.post(message).outcome()
  }

  /** Sends any text, valid or not. */
  sendRaw(text: string): void {
    this.hostile = true
    this.#write(text, parseWire(text))
  }

  /** Sends a valid message in a spelling of its own: white space, escapes, the order of members. */
  sendText(text: string): void {
    const message = parseWire(text) ?? {}
    const invalid = this.#faultOf(message)
    // A TypeError: where the server's own ids were not valid, it is to blame (judge-check.ts).
    if (invalid !== undefined) throw new TypeError(`The kit was about to send an invalid frame: ${invalid}`)
    this.#write(this.numbers?.numberText(text, message) ?? text, message)
  }

  /**
   * Writes frames of the binding as given, in place of `send`.
   *
   * @param text - What they say, for the transcript; the message that they carry where they carry a valid one.
   */
  sendFrames(frames: readonly WebSocketFrame[], text: string): void {
    const message = parseWire(text)
    if (message === undefined || this.#faultOf(message) !== undefined) this.hostile = true
    this.#write(text, message, frames)
  }

  /** Sends any object, valid or not, with an `id` unless it has one; returns the `id`. */
  sendBroken(message: Wire): string {
    const id = stringOf(message, 'id') ?? this.nextId()
    const identified = { ...message, id }
    this.sendRaw(JSON.stringify(this.numbers?.number(identified) ?? identified))
    return id
  }

  /** An `id` that this endpoint has not used. */
  nextId(): string {
    this.#ids += 1
    return `${this.name}${String(this.#ids)}`
  }

  /** Calls back for every frame that arrives from now on, in order. */
  onFrame(listener: (frame: Received) => void): void {
    this.#listeners.add(listener)
  }

  /**
   * Waits for the outcome of an `id`.
   *
   * @param options.nth - Which one, where the same `id` was sent more than once; from 1.
   * @param options.what - What is expected, for the message where none comes.
   */
  async outcome(
    id: string,
    { nth = 1, what }: { readonly nth?: number; readonly what?: string | undefined } = {},
  ): Promise<Outcome> {
    const sent = this.#sent.get(id) ?? 'message'
    const found = await answering(
      this.waitFor(
        ({ message }) => message['ref'] === id,
        what ?? `an outcome of the ${sent} with id ${JSON.stringify(id)}`,
        { nth, id },
      ),
    )
    return { ...found, type: stringOf(found.message, 'type') ?? '', code: stringOf(found.message, 'code') }
  }

  /** Waits for a message of a type; returns it, also when it arrived before. */
  async expect<T extends ServerMessageType>(
    type: T,
    where: (message: ServerMessageOf<T>) => boolean = () => true,
    what = `a ${type}`,
    options: WaitOptions = {},
  ): Promise<ServerMessageOf<T>> {
    const found = await this.waitFor(
      ({ message }) => message['type'] === type && where(message as ServerMessageOf<T>),
      what,
      options,
    )
    return found.message as ServerMessageOf<T>
  }

  /** All messages of a type that have arrived. */
  all<T extends ServerMessageType>(
    type: T,
    where: (message: ServerMessageOf<T>) => boolean = () => true,
  ): ServerMessageOf<T>[] {
    return this.log
      .filter(({ index, message }) => message['type'] === type && !this.retried.has(index))
      .filter(({ message }) => where(message as ServerMessageOf<T>))
      .map(({ message }) => message as ServerMessageOf<T>)
  }

  /** Waits for the end of the connection, whichever way it comes. */
  async expectEnd(what = 'the end of the connection'): Promise<LinkEnd> {
    if (!(await this.endsInTime())) {
      await this.#proveOpen(what)
      const open = this.#closing ? 'a close frame came, but the connection' : 'the connection'
      throw new CheckFailure(what, `${open} was still open ${this.#environment.patience.words}`)
    }
    return this.end as LinkEnd
  }

  /** Waits for the end of the connection for as long as it may take; whether it has come. */
  async endsInTime(): Promise<boolean> {
    const { dueMs } = this.#environment.patience
    await this.#waiting.due(() => this.#closing)
    // With its close frame the server has acted; the handshake that follows takes another round trip.
    if (this.#closing) await this.#waiting.until(() => false, dueMs)
    if (this.end === undefined) await this.overtime(() => false)
    return this.end !== undefined
  }

  /**
   * Waits once more for what is overdue, for as long as the server of this moment makes plausible: a few times what a new connection takes
   * to be welcomed. Where that is nothing, it is overdue indeed.
   */
  async overtime(condition: () => boolean): Promise<boolean> {
    const began = performance.now()
    const there = await this.#environment.stillThere()
    const tookMs = performance.now() - began
    if (there) await this.#waiting.until(condition, overtimeTimes * tookMs)
    return there
  }

  /**
   * Waits out a time that the specification itself gives, for the few requirements that are about time.
   *
   * @returns Whether the connection ended in it.
   */
  async endsWithin(ms: number): Promise<boolean> {
    await this.#waiting.until(() => this.end !== undefined, ms)
    return this.end !== undefined
  }

  /** Whether a frame comes in the time in which it is due, for where that alone decides nothing: no failure, and no proof of a silence. */
  async comes(match: (frame: Received) => boolean): Promise<boolean> {
    await this.#waiting.due(() => this.log.some(match))
    return this.log.some(match)
  }

  /**
   * Waits for a frame for a time that the specification itself gives; whether one has come.
   *
   * @param match - Is asked of every frame that has arrived so far.
   */
  async comesWithin(match: (frame: Received) => boolean, ms: number): Promise<boolean> {
    await this.#waiting.until(() => this.log.some(match), ms)
    return this.log.some(match)
  }

  /** Shows that everything sent before has taken effect: the server has answered a later `ping`. */
  async sync(): Promise<void> {
    const { id } = this.post({ type: 'ping' })
    await this.waitFor(({ message }) => message['ref'] === id, `a pong for the ping with id "${id}"`)
  }

  /** Waits for a frame; the general form of the waits above. */
  async waitFor(
    match: (frame: Received) => boolean,
    what: string,
    options: WaitOptions = {},
  ): Promise<Received> {
    const { nth = 1, since = 0 } = options
    // A frame without the members that its schema promises is not what is waited for, and takes nobody along.
    const isMatch = (frame: Received) => {
      try {
        return !this.isProbe(frame) && !this.retried.has(frame.index) && match(frame)
      } catch (error) {
        if (error instanceof TypeError) return false
        throw error
      }
    }
    const find = () => this.log.filter((frame) => frame.index >= since).filter(isMatch)[nth - 1]
    let next = since
    let matched = 0
    // While frames come in, each is looked at once; the last word has a look at all of them.
    const findNext = () => {
      while (matched < nth && next < this.log.length) {
        const frame = this.log[next]
        next += 1
        if (frame && isMatch(frame)) matched += 1
      }
      return matched === nth
    }
    if (!findNext()) await this.#waiting.due(findNext)
    const found = find()
    if (found && !(found.message['fatal'] === true && this.lapse !== undefined)) return found
    if (found || this.end) throw this.#lost(what, options.id)
    const instead = () => cameInstead(this.#arrivals, options)
    return this.#proveSilence(find, what, instead, options.id)
  }

  get #arrivals(): Arrivals {
    return { log: this.log, answersFrom: this.#answersFrom, sent: this.#sent }
  }

  /** How many waits on this connection were overdue, so that the kit sent a ping to prove the silence. */
  get overdue(): number {
    return this.#probes.size
  }

  /** Whether a frame answers a ping by which the kit only proved that nothing else was to come. */
  isProbe({ message }: Received): boolean {
    return this.#probes.has(stringOf(message, 'ref') ?? '')
  }

  /** Ends the connection in good manners once all is sent, without waiting for the server's; `code` is for a binding that has close codes. */
  close(code?: number): void {
    this.closed = true
    const close = () => {
      if (this.end || !this.#link) return
      this.#link.resume()
      this.#link.close(code)
    }
    if (this.#outbox.empty) close()
    else void this.#outbox.emptied().then(close)
  }

  /** Gives up what is still to be sent. */
  discard(): void {
    this.#outbox.discard()
  }

  /** Sends from now on without regard to the announced rate, for the checks that are about it. */
  unpaced(): void {
    this.#outbox.unpaced()
  }

  /** Waits for the end of the connection for a while, and cuts it then. */
  async gone(ms: number): Promise<void> {
    if (!this.#link) return
    await this.#waiting.until(() => this.end !== undefined, ms)
    if (!this.end) this.#link.abort()
  }

  /** Waits until everything handed over has left this process, or the connection has ended. */
  async drained(): Promise<void> {
    await this.#outbox.emptied()
    while (!this.end && this.link.unsentBytes > 0) await new Promise((resolve) => setImmediate(resolve))
  }

  /** That a connection stays open is proved by a new one that is welcomed at once while it is still there. */
  async #proveOpen(what: string): Promise<void> {
    const { patience, stillThere } = this.#environment
    const began = performance.now()
    const welcomed = await stillThere()
    const took = performance.now() - began
    if (welcomed && took < patience.dueMs / promptShare) return
    const how = welcomed ? `takes ${(took / 1000).toFixed(1)} s to welcome a client` : 'welcomes nobody'
    throw new Undecided('inconclusive', `The server ${how} while the kit waits for ${what}`)
  }

  /** Silence is proved by a later `ping` that is answered while what was awaited is still missing. */
  async #proveSilence(
    find: () => Received | undefined,
    what: string,
    instead: () => string | undefined,
    id: string | undefined,
  ): Promise<Received> {
    const { patience } = this.#environment
    const answersFrom = this.#answersFrom
    const silence = (proof: string) => {
      const near = instead()
      const missing = `nothing of the kind came ${patience.words}${proof}`
      return new CheckFailure(what, near === undefined ? missing : `${missing}; what came is ${near}`)
    }
    const welcomed = this.peer !== ''
    if (welcomed) {
      const id = this.nextId()
      this.#probes.add(id)
      const answered = () => this.log.some(({ message }) => message['ref'] === id)
      this.#write(JSON.stringify({ type: 'ping', id }), { type: 'ping', id })
      this.#answersFrom = answersFrom
      const over = performance.now() + patienceWithProgress * patience.dueMs
      // As long as anything comes, the server is at work on what was sent before the ping.
      for (let seen = -1; seen !== this.log.length && performance.now() < over;) {
        seen = this.log.length
        await this.#waiting.due(() => find() !== undefined || answered())
        if (find() !== undefined || answered() || this.end) break
      }
      const found = find()
      if (found) return found
      if (answered()) throw silence(', while a later ping was answered')
      if (this.end) throw this.#lost(what, id)
    }
    if (await this.overtime(() => find() !== undefined)) {
      const late = find()
      if (late) return late
      if (this.end) throw this.#lost(what, id)
      throw silence(', and the connection answers nothing any more, while a new one is welcomed')
    }
    throw new Undecided('inconclusive', `The server stopped answering while the kit waited for ${what}`)
  }

  /** Why the server was free to end the connection with a fatal error for its age; `undefined` where it has not, or not for that. */
  get lapse(): Lapse | undefined {
    return this.#lapse
  }

  /** @param id - Of the message whose outcome was awaited, if it was one. */
  #lost(what: string, id: string | undefined): Error {
    const { lapse } = this
    if (lapse === undefined)
      return new ConnectionLost(what, `the connection ended first${this.#endWords(id)}`)
    return new Undecided(
      'inconclusive',
      `The server ended the connection${this.#endWords()}, as it may (${lapse.words}), while the kit waited for ${what}: answers take too long here`,
    )
  }

  #endWords(id?: string): string {
    const fatal = this.log.find(isFatal)
    const isOther = id === undefined || (fatal && answersAnother(this.#arrivals, fatal, id))
    return endWords(fatal?.message, this.end, isOther ? undefined : { id, type: this.#sent.get(id) })
  }

  #receive(text: string): void {
    this.#environment.record({ endpoint: this.name, direction: 'received', text })
    const message = parseWire(text)
    const { fault, texts } = message ? { texts: [text] } : frameFault(text)
    if (fault !== undefined) this.#environment.observer.faulty(fault)
    for (const each of texts) this.#take(each, message ?? parseWire(each))
    this.#waiting.wake()
  }

  #take(text: string, message: Wire | undefined): void {
    this.#environment.observer.received(text, message)
    const frame = { index: this.log.length, text, message: message ?? {} }
    this.log.push(frame)
    this.#number(frame.message)
    if (message?.['fatal'] === true) this.#noteEnd()
    for (const listener of this.#listeners) listener(frame)
  }

  #number(message: Wire): void {
    const { type } = message
    if (type === 'welcome' && Object.hasOwn(message['capabilities'] ?? {}, 'resume'))
      this.numbers = new Numbers(stringOf(message, 'peer') ?? '', stringOf(message, 'session') ?? '')
    if (type === 'resumed') this.numbers = this.#resuming
    this.numbers?.hear(message)
  }

  #write(text: string, message: Wire | undefined, frames?: readonly WebSocketFrame[]): void {
    this.#lastText = text
    this.#answersFrom = this.log.length
    const id = message && stringOf(message, 'id')
    if (message && id !== undefined) this.#sent.set(id, stringOf(message, 'type') ?? 'frame')
    this.#outbox.send(() => {
      this.#lastSentAt = performance.now()
      this.#environment.record({ endpoint: this.name, direction: 'sent', text })
      this.#environment.observer.sent(text, message)
      if (frames) for (const frame of frames) this.link.webSocket?.writeFrame(frame)
      else this.link.send(text)
    })
  }

  /** With the first fatal error the server has said why it ends the connection, and what has come by then decides whether it may. */
  #noteEnd(): void {
    if (this.#doomed) return
    this.#doomed = true
    const times = { openedAt: this.openedAt, lastSentAt: this.#lastSentAt, endedAt: performance.now() }
    this.#lapse = lapsed(this.log, times)
  }

  /** The text of the frame that was sent last. */
  get lastSent(): string {
    return this.#lastText
  }

  #note(text: string): void {
    this.#environment.record({ endpoint: this.name, direction: 'event', text })
  }
}

import {
  closeCodeOf,
  type CapabilityName,
  type Grant,
  type KnownErrorCode,
  type LeaveReason,
  resumed,
  type PeerId,
  type Resume,
  type SessionSecret,
  type UserId,
} from '@parley/schemas'
import type { Authentication } from './authentication.ts'
import type { Client, Reminder } from './client.ts'
import { deadlineTexts, dueAt } from './deadline.ts'
import { leaveReasonOf, leaveRooms, leavingFor, type Leaving } from './departure.ts'
import { whenReady, type Awaitable } from './directory.ts'
import { handleFrame } from './dispatch.ts'
import { fromStamp, type Frame } from './frame.ts'
import type { Engine } from './handler.ts'
import { drawId } from './identity.ts'
import { Bucket } from './rate.ts'
import { refOf, writeError, writeMessage, type Subject } from './reply.ts'
import type { Resumable } from './resume/registry.ts'
import { Session } from './resume/session.ts'
import { noTransport, type Transport } from './transport.ts'

/** Frames that may wait behind a message whose handling takes time, before reading stops. */
const backlogBound = 32

/** Longest that reading stops for the rate, in milliseconds: the end of a connection is noticed only while it is read. */
const longestPause = 2000

/** Fatal errors that a session outlives: resume.fatal. */
const outlived: ReadonlySet<KnownErrorCode> = new Set(['seq-gap', 'idle-timeout', 'too-slow'])

/**
 * One client's conversation: takes its frames strictly in order, and ends once. It lasts as long as its connection, or, where `resume` is in
 * force, as its session, on one connection after another.
 */
export class Connection implements Client, Resumable {
  readonly peer: PeerId
  readonly session: SessionSecret
  user: UserId | undefined
  grants: readonly Grant[] | undefined
  authFailures = 0
  inForce: ReadonlySet<CapabilityName> = new Set()
  phase: 'opening' | 'open' | 'ended' = 'opening'

  /** Numbers what is said, where `resume` is in force. */
  numbers: Session | undefined

  #transport: Transport
  readonly #engine: Engine
  #bucket: Bucket | undefined
  #stamp: Buffer | undefined
  #registered = false
  #muted = false
  #leaving: Leaving | undefined
  #busy = false
  #backlog: Buffer[] = []
  #ratePause = false
  #receivedBytes = 0
  #since: number
  #heardAt: number
  #pingedAt = 0
  #expiresAt = Infinity
  #reminder: Reminder | undefined

  constructor(transport: Transport, engine: Engine) {
    this.#transport = transport
    this.#engine = engine
    this.peer = drawId(engine.random)
    this.session = drawId(engine.random)
    const now = engine.clock.now()
    this.#since = now
    this.#heardAt = now
    const { ratePerSecond, rateBurst } = engine.options
    if (ratePerSecond > 0) this.#bucket = new Bucket({ perSecond: ratePerSecond, burst: rateBurst }, now)
  }

  get address(): string {
    return this.#transport.address
  }

  get authDue(): boolean {
    // auth.none
    return this.#engine.authenticator !== undefined && this.user === undefined
  }

  get expiresAt(): number {
    return this.#expiresAt
  }

  get stamp(): Buffer {
    return (this.#stamp ??= fromStamp(this.peer))
  }

  /** Takes a frame. */
  receive(frame: Buffer): void {
    if (this.phase === 'ended') return
    const now = this.#engine.clock.now()
    if (now >= this.#expiresAt) {
      this.fail('token-expired', deadlineTexts['token-expired']) // auth.expiry
      return
    }
    this.#countFrame(now)
    if (this.#busy) {
      this.#backlog.push(frame) // connection.order
      if (this.#backlog.length === backlogBound) this.#transport.pause()
      return
    }
    this.#handle(frame)
  }

  /** Notes a frame of the binding that has been answered: it counts like a message, and so does its answer. */
  receiveControl(): void {
    if (this.#muted) return
    this.#countFrame(this.#engine.clock.now())
    this.#checkUnread()
  }

  send(frame: Frame): void {
    if (this.#muted) return
    this.#transport.send(this.numbers === undefined ? frame : this.numbers.number(frame))
    if (this.numbers?.isOverfull === true) this.#overflow()
    this.#checkUnread()
  }

  sendUnnumbered(frame: Frame): void {
    if (this.#muted) return
    this.#transport.send(frame)
    this.#checkUnread()
  }

  refused(code: KnownErrorCode, subject: Subject | undefined): void {
    this.#engine.journal.refused(this.peer, code, subject)
  }

  fail(code: KnownErrorCode, message: string, subject?: Subject): void {
    void this.evict(code, message, subject)
  }

  evict(code: KnownErrorCode, message: string, subject?: Subject): Awaitable<void> {
    if (!this.#muted) this.#hangUp(code, message, subject)
    return this.#outlives(code) ? undefined : this.#leave(leaveReasonOf(code))
  }

  end(closeCode: number, reason: LeaveReason): void {
    this.#mute()
    this.#transport.close(closeCode)
    void this.#leave(reason)
  }

  /** Ends the connection for something that the binding cannot read. */
  breakOff(closeCode: number): void {
    if (this.numbers === undefined) {
      this.end(closeCode, 'lost')
      return
    }
    this.#transport.close(closeCode)
    this.#wait()
  }

  /** Notes that the binding has lost the connection; what came before still counts. */
  lose(): void {
    if (this.numbers !== undefined && !this.#muted) {
      this.#wait()
      return
    }
    this.#muted = true
    void this.#leave('lost') // rooms.lost, connection.end-noticed
  }

  register(inForce: ReadonlySet<CapabilityName>): void {
    this.inForce = inForce
    this.#registered = true
    if (this.phase === 'opening') this.phase = 'open'
    this.#since = this.#engine.clock.now()
    this.#engine.journal.opened(this.peer)
  }

  beginSession(): void {
    if (!this.inForce.has('resume')) return
    this.numbers = new Session(this, this.#engine)
    this.#engine.sessions.begin(this)
  }

  acknowledge(upTo: number): boolean {
    return this.numbers?.sequence.acknowledge(upTo) ?? false
  }

  goOn(message: Resume): Awaitable<boolean> {
    // resume.failure-keeps: nothing is touched before one is found
    const { sessions } = this.#engine
    const earlier = sessions.find(message.session, this, message.ack)
    if (!(earlier instanceof Connection)) return false
    sessions.connected(earlier)
    sessions.end(this)
    this.numbers = undefined
    // resume.secret: nobody's peer any more when it is told so
    return whenReady(this.#withdraw('lost'), () => {
      earlier.#takeOver(this, message)
      return true
    })
  }

  giveUp(reason: LeaveReason): void {
    this.#mute()
    void this.#leave(reason)
  }

  authenticate({ user, grants, expiresInMs = Infinity }: Authentication): void {
    this.user = user
    this.grants = grants
    this.#expiresAt = this.#engine.clock.now() + expiresInMs
  }

  remind(reminder: Reminder | undefined): void {
    this.#reminder = reminder
  }

  attend(now: number): void {
    this.#doReminded(now)
  }

  /**
   * Does what is due; called often, for all connections.
   *
   * @param now - Milliseconds since the epoch.
   */
  sweep(now: number): void {
    // Fragments and frames of the binding count as well as messages. A connection that is not being read cannot be heard.
    const { receivedBytes } = this.#transport
    if (receivedBytes !== this.#receivedBytes || this.#ratePause || this.#busy) this.#heardAt = now
    this.#receivedBytes = receivedBytes
    this.numbers?.acknowledge()
    this.#doReminded(now)
    const due = dueAt(now, this.#timing(), this.#engine.options)
    if (due === undefined) return
    if (due !== 'ping') {
      this.fail(due, deadlineTexts[due])
      return
    }
    this.#pingedAt = now
    this.#transport.ping()
  }

  #doReminded(now: number): void {
    const reminder = this.#reminder
    if (reminder === undefined || now < reminder.at || this.phase === 'ended') return
    this.#reminder = undefined
    const work = reminder.task()
    if (work instanceof Promise)
      work.catch((cause: unknown) => {
        this.#crash(cause)
      })
  }

  #timing() {
    const { phase, authDue } = this
    const [since, expiresAt, heardAt, pingedAt] = [
      this.#since,
      this.#expiresAt,
      this.#heardAt,
      this.#pingedAt,
    ]
    return { phase, authDue, since, expiresAt, heardAt, pingedAt }
  }

  #handle(frame: Buffer): void {
    try {
      const work =
        this.numbers === undefined ? handleFrame(frame, this, this.#engine) : this.numbers.handle(frame)
      if (work instanceof Promise) this.#await(work)
    } catch (cause) {
      this.#crash(cause)
    }
  }

  #await(work: Promise<void>): void {
    this.#busy = true
    const proceed = () => {
      this.#busy = false
      this.#drain()
    }
    work.then(proceed, (cause: unknown) => {
      this.#crash(cause)
      proceed()
    })
  }

  #drain(): void {
    const waiting = this.#backlog
    // What is handled may end the connection, and what waits behind it with it.
    while (!this.#busy && this.phase !== 'ended' && waiting.length > 0)
      this.#handle(waiting.shift() as Buffer)
    if (this.#busy) return
    if (this.#leaving !== undefined) void this.#depart(this.#leaving)
    else if (!this.#ratePause) this.#transport.resume()
  }

  #countFrame(now: number): void {
    const debt = this.#bucket?.take(now) ?? 0
    if (debt === 0 || this.#ratePause) return
    // delivery.rate: reading stops, no message is refused
    this.#ratePause = true
    this.#transport.pause()
    this.#engine.clock.after(Math.min(debt, longestPause), () => {
      this.#ratePause = false
      this.#bucket?.forgive()
      if (this.#backlog.length < backlogBound) this.#transport.resume()
    })
  }

  #checkUnread(): void {
    const { bufferedBytes: most } = this.#engine.options
    if (this.#transport.bufferedBytes <= most) return
    // What the socket was not offered yet says nothing of how fast the other side reads.
    this.#transport.flush()
    const { bufferedBytes } = this.#transport
    if (bufferedBytes <= most) return
    // delivery.slow-receiver. Its rooms are told after the present deliveries, so that these keep their order.
    this.#hangUp('too-slow', `Cannot keep up: ${bufferedBytes} bytes wait to be read`)
    if (!this.#outlives('too-slow')) queueMicrotask(() => void this.#leave('lost'))
  }

  #crash(cause: unknown): void {
    this.#engine.journal.broke(this.peer, cause, 'handling a message failed')
    this.fail('internal', 'The server has failed')
  }

  /** Goes on on the connection of a later client of the same owner: resume.goes-on. */
  #takeOver(later: Connection, message: Resume): void {
    const { numbers } = this
    if (numbers === undefined || this.#muted) {
      later.fail('internal', 'The session ended while it was being resumed')
      return
    }
    const isLost = later.#muted
    if (this.#transport !== noTransport) {
      // resume.takes-over
      this.#transport.send(writeError('replaced', 'The session goes on on another connection', true))
      this.#transport.close(closeCodeOf('replaced') ?? 1011)
      this.#transport.handTo(undefined)
    }
    this.#engine.sessions.connected(this)
    this.#transport = later.#transport
    this.#transport.handTo(this)
    later.#transport = noTransport
    later.#mute()
    // resume.authentication: the user is the same
    this.grants = later.grants
    this.#expiresAt = later.#expiresAt
    this.authFailures = later.authFailures
    this.#bucket = later.#bucket
    this.#heardAt = later.#heardAt
    this.#ratePause = false
    this.#backlog.push(...later.#backlog.splice(0))
    numbers.resumed = true
    this.acknowledge(message.ack)
    const ack = numbers.sequence.announce()
    this.sendUnnumbered(writeMessage(resumed.type, { ...refOf(message), peer: this.peer, ack })) // resume.resumed
    for (const frame of numbers.sequence.unacknowledged) this.#transport.send(frame) // resume.again
    this.#transport.resume()
    if (!this.#busy) this.#drain()
    if (isLost) this.lose()
  }

  /** The session waits for another connection: resume.window. */
  #wait(): void {
    this.#transport.handTo(undefined)
    this.#transport = noTransport
    this.#engine.sessions.wait(this)
  }

  #outlives(code: KnownErrorCode): boolean {
    return this.numbers !== undefined && this.#leaving === undefined && outlived.has(code)
  }

  #overflow(): void {
    // resume.overflow. Its rooms are told after the present deliveries, so that these keep their order.
    this.#hangUp('session-overflow', 'Too much waits to be acknowledged')
    queueMicrotask(() => void this.#leave('lost'))
  }

  #mute(): void {
    this.#muted = true
    this.phase = 'ended'
  }

  #hangUp(code: KnownErrorCode, message: string, subject?: Subject): void {
    const outlives = this.#outlives(code)
    if (!outlives) this.#mute() // errors.fatal-ends: nothing follows
    this.#transport.send(writeError(code, message, true, subject)) // errors.fatal-first
    this.#transport.close(closeCodeOf(code) ?? 1011) // errors.close-code
    this.#engine.journal.failed(this.peer, code, subject)
    if (!outlives) return
    this.#backlog.length = 0
    this.#wait()
  }

  /** Leaves the rooms once, after what is being handled. */
  #leave(reason: LeaveReason): Awaitable<void> {
    if (this.#leaving !== undefined) return this.#leaving.done
    if (this.numbers !== undefined) this.#engine.sessions.end(this)
    this.#leaving = leavingFor(reason)
    return this.#busy ? this.#leaving.done : this.#depart(this.#leaving)
  }

  #depart({ reason, resolve }: Leaving): Awaitable<void> {
    this.phase = 'ended'
    return whenReady(this.#withdraw(reason), resolve)
  }

  /** Ends once what the others know of this peer. */
  #withdraw(reason: LeaveReason): Awaitable<void> {
    if (!this.#registered) return undefined
    this.#registered = false
    const stuck = (cause: unknown) => {
      this.#engine.journal.broke(this.peer, cause, 'leaving the rooms failed')
    }
    try {
      const work = leaveRooms(this.peer, reason, this.#engine)
      return work instanceof Promise ? work.catch(stuck) : undefined
    } catch (cause) {
      stuck(cause)
      return undefined
    }
  }
}

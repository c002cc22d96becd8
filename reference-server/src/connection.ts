import {
  closeCodeOf,
  type CapabilityName,
  type Grant,
  type KnownErrorCode,
  type LeaveReason,
  type PeerId,
  type SessionSecret,
  type UserId,
} from '@parley/schemas'
import type { Authentication } from './authentication.ts'
import { leaveCalls } from './calls/telling.ts'
import type { Client, Reminder } from './client.ts'
import { dueAt } from './deadline.ts'
import { whenReady, type Awaitable } from './directory.ts'
import { disappear } from './discovery/telling.ts'
import { handleFrame } from './dispatch.ts'
import { fromStamp, type Frame } from './frame.ts'
import type { Engine } from './handler.ts'
import { drawId } from './identity.ts'
import { announceDeparture } from './presence.ts'
import { Bucket } from './rate.ts'
import { writeError, type Subject } from './reply.ts'
import type { Transport } from './transport.ts'

/** Frames that may wait behind a message whose handling takes time, before reading stops. */
const backlogBound = 32

/** Longest that reading stops for the rate, in milliseconds: the end of a connection is noticed only while it is read. */
const longestPause = 2000

const leaveReasonOf: Partial<Record<KnownErrorCode, LeaveReason>> = {
  replaced: 'replaced', // replaces.peer-left
  'token-expired': 'expired', // rooms.ended
  kicked: 'kicked',
}

/** An end that is under way. */
interface Leaving {
  readonly reason: LeaveReason
  readonly done: Promise<void>
  readonly resolve: () => void
}

const deadlineTexts = {
  'hello-timeout': 'No hello has come in time',
  'auth-timeout': 'No authentication has come in time',
  'token-expired': 'The authentication has ended',
  'idle-timeout': 'Nothing was heard for too long',
} as const

/** One client's connection: takes its frames strictly in order, and ends once. */
export class Connection implements Client {
  readonly peer: PeerId
  readonly session: SessionSecret
  user: UserId | undefined
  grants: readonly Grant[] | undefined
  authFailures = 0
  inForce: ReadonlySet<CapabilityName> = new Set()
  phase: 'opening' | 'open' | 'ended' = 'opening'

  readonly #transport: Transport
  readonly #engine: Engine
  readonly #bucket: Bucket | undefined
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

  get authDue(): boolean {
    // auth.none
    return this.#engine.authenticator !== undefined && this.user === undefined
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
    return this.#leave(leaveReasonOf[code] ?? 'lost')
  }

  end(closeCode: number, reason: LeaveReason): void {
    this.#mute()
    this.#transport.close(closeCode)
    void this.#leave(reason)
  }

  /** Notes that the binding has lost the connection; what came before still counts. */
  lose(): void {
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

  authenticate({ user, grants, expiresInMs = Infinity }: Authentication): void {
    this.user = user
    this.grants = grants
    this.#expiresAt = this.#engine.clock.now() + expiresInMs
  }

  remind(reminder: Reminder | undefined): void {
    this.#reminder = reminder
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
      const work = handleFrame(frame, this, this.#engine)
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
    const { bufferedBytes } = this.#transport
    if (bufferedBytes <= this.#engine.options.bufferedBytes) return
    // delivery.slow-receiver. Its rooms are told after the present deliveries, so that these keep their order.
    this.#hangUp('too-slow', `Cannot keep up: ${bufferedBytes} bytes wait to be read`)
    queueMicrotask(() => void this.#leave('lost'))
  }

  #crash(cause: unknown): void {
    this.#engine.journal.broke(this.peer, cause, 'handling a message failed')
    this.fail('internal', 'The server has failed')
  }

  #mute(): void {
    this.#muted = true
    this.phase = 'ended'
  }

  #hangUp(code: KnownErrorCode, message: string, subject?: Subject): void {
    this.#mute() // errors.fatal-ends: nothing follows
    this.#transport.send(writeError(code, message, true, subject)) // errors.fatal-first
    this.#transport.close(closeCodeOf(code) ?? 1011) // errors.close-code
    this.#engine.journal.failed(this.peer, code, subject)
  }

  /** Leaves the rooms once, after what is being handled. */
  #leave(reason: LeaveReason): Awaitable<void> {
    if (this.#leaving !== undefined) return this.#leaving.done
    const { promise: done, resolve } = deferred()
    this.#leaving = { reason, done, resolve }
    return this.#busy ? done : this.#depart(this.#leaving)
  }

  #depart({ reason, done, resolve }: Leaving): Awaitable<void> {
    this.phase = 'ended'
    if (!this.#registered) {
      resolve()
      return
    }
    this.#registered = false
    const stuck = (cause: unknown) => {
      this.#engine.journal.broke(this.peer, cause, 'leaving the rooms failed')
    }
    try {
      const work = this.#leaveRooms(reason)
      if (work instanceof Promise) {
        work.catch(stuck).finally(resolve)
        return done
      }
    } catch (cause) {
      stuck(cause)
    }
    resolve()
  }

  #leaveRooms(reason: LeaveReason): Awaitable<void> {
    const { router, directory, journal } = this.#engine
    journal.ended(this.peer, reason)
    // rooms.left-last: what was accepted from this peer has been handed to the router before
    return whenReady(router.detach(this.peer), () =>
      whenReady(directory.disconnect(this.peer), (departures) => {
        const told = [
          ...departures.map((departure) => announceDeparture(router, departure, this.peer, reason)),
          leaveCalls(this.peer, this.#engine),
          disappear(this.peer, this.#engine),
        ]
        const waits = told.filter((wait) => wait instanceof Promise)
        return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
      }),
    )
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

import {
  closeCodeOf,
  type Grant,
  type KnownErrorCode,
  type LeaveReason,
  type PeerId,
  type SessionSecret,
  type UserId,
} from '@parley/schemas'
import { dueAt } from './deadline.ts'
import type { Authentication } from './authentication.ts'
import { whenReady, type Awaitable } from './directory.ts'
import { handleFrame } from './dispatch.ts'
import { fromStamp, type Frame } from './frame.ts'
import { drawId } from './identity.ts'
import { announceDeparture } from './presence.ts'
import { Bucket } from './rate.ts'
import { writeError, type Subject } from './reply.ts'
import type { Receiver } from './router.ts'
import type { Services } from './services.ts'
import type { Transport } from './transport.ts'

/** Frames that may wait behind a message whose handling takes time, before reading stops. */
const backlogBound = 32

/** Longest that reading stops for the rate, in milliseconds: the end of a connection is noticed only while it is read. */
const longestPause = 2000

const leaveReasonOf: Partial<Record<KnownErrorCode, LeaveReason>> = {
  replaced: 'replaced', // replaces.peer-left
  'token-expired': 'expired',
  kicked: 'kicked',
}

const deadlineTexts = {
  'hello-timeout': 'No hello has come in time',
  'auth-timeout': 'No authentication has come in time',
  'token-expired': 'The authentication has ended',
  'idle-timeout': 'Nothing was heard for too long',
} as const

/** One client's connection: takes its frames strictly in order, and ends once. */
export class Connection implements Receiver {
  readonly peer: PeerId
  readonly session: SessionSecret
  /** As whom the peer is authenticated. */
  user: UserId | undefined
  /** What the user may do; `undefined` means everything. */
  grants: readonly Grant[] | undefined
  /** Failed attempts to authenticate. */
  authFailures = 0
  /** `ended`: nothing that still arrives is acted on. */
  phase: 'opening' | 'open' | 'ended' = 'opening'

  readonly #transport: Transport
  readonly #services: Services
  readonly #bucket: Bucket | undefined
  #stamp: Buffer | undefined
  #registered = false
  #muted = false
  #leaving: { readonly reason: LeaveReason; readonly done: Promise<void>; resolve(): void } | undefined
  #busy = false
  #backlog: Buffer[] = []
  #ratePause = false
  #heard = false
  #since: number
  #heardAt: number
  #pingedAt = 0
  #expiresAt = Infinity

  constructor(transport: Transport, services: Services) {
    this.#transport = transport
    this.#services = services
    this.peer = drawId(services.random)
    this.session = drawId(services.random)
    const now = services.clock.now()
    this.#since = now
    this.#heardAt = now
    const { ratePerSecond, rateBurst } = services.options
    if (ratePerSecond > 0) this.#bucket = new Bucket({ perSecond: ratePerSecond, burst: rateBurst }, now)
  }

  /** Whether the peer has to authenticate before anything else. */
  get authDue(): boolean {
    return this.#services.authenticator !== undefined && this.user === undefined
  }

  /** What is written before the members of a message that this peer sends to another. */
  get stamp(): Buffer {
    return (this.#stamp ??= fromStamp(this.peer))
  }

  /** Takes a frame. */
  receive(frame: Buffer): void {
    this.#heard = true
    if (this.phase === 'ended' || this.#leaving !== undefined) return
    const now = this.#services.clock.now()
    if (now >= this.#expiresAt) {
      void this.fail('token-expired', deadlineTexts['token-expired']) // auth.expiry
      return
    }
    const debt = this.#bucket?.take(now) ?? 0
    if (debt > 0 && !this.#ratePause) this.#pauseForRate(debt)
    if (this.#busy) {
      this.#backlog.push(frame) // connection.order
      if (this.#backlog.length === backlogBound) this.#transport.pause()
      return
    }
    this.#handle(frame)
  }

  /** Notes a frame of the binding itself. */
  hear(): void {
    this.#heard = true
  }

  send(frame: Frame): void {
    if (this.#muted) return
    this.#transport.send(frame)
    if (this.#transport.bufferedBytes <= this.#services.options.bufferedBytes) return
    // delivery.slow-receiver. Its rooms are told after the present deliveries, so that these keep their order.
    const text = `Cannot keep up: ${this.#transport.bufferedBytes} bytes wait to be read`
    this.#hangUp('too-slow', text)
    queueMicrotask(() => void this.#leave('lost'))
  }

  fail(code: KnownErrorCode, message: string, subject?: Subject): Awaitable<void> {
    if (!this.#muted) this.#hangUp(code, message, subject)
    return this.#leave(leaveReasonOf[code] ?? 'lost')
  }

  /** Ends the connection in order, without an error. */
  end(closeCode: number, reason: LeaveReason): Awaitable<void> {
    if (!this.#muted) {
      this.#mute()
      this.#transport.close(closeCode)
    }
    return this.#leave(reason)
  }

  /** Notes that the binding has lost the connection; what came before still counts. */
  lose(): Awaitable<void> {
    this.#muted = true
    return this.#leave('lost') // rooms.lost, connection.end-noticed
  }

  /** Begins the conversation: from here on the directory may know this peer. */
  register(): void {
    this.#registered = true
    this.phase = 'open'
    this.#since = this.#services.clock.now()
  }

  /** Takes over what an authentication says. */
  authenticate({ user, grants, expiresInMs = Infinity }: Authentication): void {
    this.user = user
    this.grants = grants
    this.#expiresAt = this.#services.clock.now() + expiresInMs
  }

  /**
   * Does what is due; called often, for all connections.
   *
   * @param now - Milliseconds since the epoch.
   */
  sweep(now: number): void {
    // A connection that is not being read cannot be heard.
    if (this.#heard || this.#ratePause || this.#busy) this.#heardAt = now
    this.#heard = false
    const due = dueAt(now, this.#timing(), this.#services.options)
    if (due === undefined) return
    if (due !== 'ping') {
      void this.fail(due, deadlineTexts[due])
      return
    }
    this.#pingedAt = now
    this.#transport.ping()
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
      const work = handleFrame(frame, this, this.#services)
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
    if (this.phase === 'ended') waiting.length = 0
    while (!this.#busy && waiting.length > 0) this.#handle(waiting.shift() as Buffer)
    if (this.#busy) return
    if (this.#leaving !== undefined) void this.#depart()
    else if (!this.#ratePause) this.#transport.resume()
  }

  #pauseForRate(debt: number): void {
    // delivery.rate: reading stops, no message is refused
    this.#ratePause = true
    this.#transport.pause()
    this.#services.clock.after(Math.min(debt, longestPause), () => {
      this.#ratePause = false
      this.#bucket?.forgive()
      if (this.#backlog.length < backlogBound) this.#transport.resume()
    })
  }

  #crash(cause: unknown): void {
    this.#services.log.error({ err: cause, peer: this.peer }, 'handling a message failed')
    void this.fail('internal', 'The server has failed')
  }

  #mute(): void {
    this.#muted = true
    this.phase = 'ended'
  }

  #hangUp(code: KnownErrorCode, message: string, subject?: Subject): void {
    this.#mute() // errors.fatal-ends: nothing follows
    this.#transport.send(writeError(code, message, true, subject)) // errors.fatal-first
    this.#transport.close(closeCodeOf(code) ?? 1011) // errors.close-code
    this.#services.log.info({ peer: this.peer, code }, 'connection ended with an error')
  }

  /** Leaves the rooms once, after what is being handled. */
  #leave(reason: LeaveReason): Awaitable<void> {
    if (this.#leaving !== undefined) return this.#leaving.done
    const { promise: done, resolve } = deferred()
    this.#leaving = { reason, done, resolve }
    return this.#busy ? done : this.#depart()
  }

  #depart(): Awaitable<void> {
    const { reason = 'lost', resolve } = this.#leaving ?? {}
    this.phase = 'ended'
    if (!this.#registered) return resolve?.()
    this.#registered = false
    const { router, directory } = this.#services
    // rooms.left-last: what was accepted from this peer has been handed to the router before
    return whenReady(router.detach(this.peer), () =>
      whenReady(directory.disconnect(this.peer), (departures) => {
        const told = departures.map((departure) => announceDeparture(router, departure, this.peer, reason))
        const waits = told.filter((wait) => wait instanceof Promise)
        return waits.length === 0 ? resolve?.() : Promise.all(waits).then(() => resolve?.())
      }),
    )
  }
}

function deferred(): { promise: Promise<void>; resolve(): void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

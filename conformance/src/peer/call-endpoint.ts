import { randomBytes } from 'node:crypto'
import { hangup, offer } from '@parley/schemas'
import type { DeliveredOffer } from '@parley/schemas'
import { Call } from './call.ts'
import { CallWaitError } from './call-wait-error.ts'
import { Emitter } from './emitter.ts'
import { SignalingError } from './signaling-error.ts'
import type { CallContext } from './call.ts'
import type { CallMessage, CallSignaling, DeliveredCallMessage } from './call-message.ts'
import type { CallOptions } from './call-options.ts'
import type { CallRole } from './negotiation-number.ts'
import type { PeerConnection, PeerSource } from './peer-connection.ts'

/** What an endpoint is made of. */
export interface CallEndpointOptions {
  readonly room: string
  readonly signaling: CallSignaling
  readonly peers: PeerSource
  /** Tells how to take an incoming call; without it every call is taken with the default options. */
  readonly incoming?: (offer: DeliveredOffer) => CallOptions
  /** Draws call ids: 32 lower-case hexadecimal digits, never the same twice. */
  readonly drawCallId?: () => string
  /** Clock of the logs, in milliseconds. */
  readonly now?: () => number
}

/** Events of an endpoint. */
export interface CallEndpointEvents {
  /** A call has come in, and its peer is there; it is answered next. */
  readonly call: Call
  /** A message for no call: the call is unknown or over. It was ignored, as the protocol asks. */
  readonly stray: DeliveredCallMessage
  /** A message that belongs to no call of this endpoint could not be sent. */
  readonly failure: SignalingError
}

/** How long a wait lasts if it is given no signal. */
const waitMs = 20_000

/** All calls of one peer in one room. */
export class CallEndpoint implements AsyncDisposable {
  readonly #options: CallEndpointOptions
  readonly #emitter = new Emitter<CallEndpointEvents>()
  readonly #calls = new Map<string, Call>()
  readonly #history: Call[] = []
  readonly #taken: Call[] = []
  readonly #over = new Set<string>()

  constructor(options: CallEndpointOptions) {
    this.#options = options
  }

  /** The calls that go on. */
  get calls(): readonly Call[] {
    return [...this.#calls.values()]
  }

  /** Every call that has begun, in order, the ended ones too. */
  get history(): readonly Call[] {
    return this.#history
  }

  /**
   * Adds a listener.
   * @returns a function that removes it again
   */
  on<Type extends keyof CallEndpointEvents>(
    type: Type,
    listener: (detail: CallEndpointEvents[Type]) => void,
  ): () => void {
    return this.#emitter.on(type, listener)
  }

  /** Begins a call. Resolves when its peer is there; its offer follows by itself as soon as there is something to offer. */
  async call(remote: string, options: CallOptions = {}): Promise<Call> {
    const slot = await this.#options.peers.connectSlot()
    const id = (this.#options.drawCallId ?? drawCallId)()
    try {
      const call = this.#begin(id, remote, 'caller', options)
      await call.ready
      releaseOnceConnected(call, slot)
      return call
    } catch (error) {
      slot[Symbol.dispose]()
      throw error
    }
  }

  /**
   * Waits for an incoming call, or returns one that has come already, each call once.
   * @param wanted - which call; without it any
   */
  nextCall(
    wanted: (call: Call) => boolean = () => true,
    signal = AbortSignal.timeout(waitMs),
  ): Promise<Call> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        ignore()
        signal.removeEventListener('abort', late)
      }
      const late = () => {
        leave()
        reject(new CallWaitError(`No call came in in room "${this.#options.room}"`, []))
      }
      const look = () => {
        const index = this.#taken.findIndex(wanted)
        const call = this.#taken[index]
        if (!call) return
        this.#taken.splice(index, 1)
        leave()
        resolve(call)
      }
      const ignore = this.on('call', look)
      signal.addEventListener('abort', late)
      look()
    })
  }

  /** Takes a message of the negotiation chapter, in the order of arrival. Messages of other rooms are not for it. */
  receive(message: DeliveredCallMessage): void {
    const key = keyOf(message.from, message.call)
    const call = this.#calls.get(key)
    if (call) call.receive(message)
    // call.unknown: only an offer numbered 1 begins a call.
    else if (message.type === offer.type && message.negotiation === 1 && !this.#over.has(key))
      this.#firstOffer(message)
    else this.#emitter.emit('stray', message)
  }

  /** Another peer has left the room: its calls end. */
  peerLeft(remote: string, reason = 'peer-left'): void {
    for (const call of this.calls) {
      if (call.place.remote === remote) call.finish({ reason, by: 'remote' })
    }
  }

  /** This peer has left the room: all calls end, with nothing sent. */
  left(reason = 'left'): void {
    for (const call of this.calls) call.finish({ reason, by: 'local' })
  }

  /** Hangs up all calls and waits until their peers are closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.calls.map((call) => call.hangup()))
  }

  #begin(id: string, remote: string, role: CallRole, options: CallOptions): Call {
    const { room, peers } = this.#options
    const key = keyOf(remote, id)
    const context: CallContext = {
      now: this.#options.now ?? (() => performance.now()),
      send: (message) => this.#options.signaling.send(message),
      mayOffer: (call) => this.#mayOffer(call),
      ended: () => {
        this.#calls.delete(key)
        this.#over.add(key)
      },
    }
    const opening: Promise<PeerConnection> = peers.openPeer(options.peer)
    const call = new Call({ id, room, remote, role, label: options.label }, options, context, opening)
    this.#calls.set(key, call)
    this.#history.push(call)
    return call
  }

  #firstOffer(message: DeliveredOffer): void {
    const { from, call: id, label } = message
    const own = this.calls.filter((call) => isCrossing(call, 'caller', from, label))
    if (own.some((call) => call.described && call.place.id < id)) {
      this.#over.add(keyOf(from, id))
      this.#sayGlare(from, id)
      return
    }
    const options = this.#options.incoming?.(message) ?? {}
    const call = this.#begin(id, from, 'callee', { ...options, ...(label !== undefined && { label }) })
    call.receive(message)
    for (const loser of own) {
      // glare.hangup: both sides say it, or a call that one of them has forgotten would be answered and never connect.
      if (loser.described) this.#sayGlare(from, loser.place.id)
      loser.finish({ reason: 'glare', by: 'remote', supersededBy: call })
    }
    call.ready.then(
      () => {
        this.#taken.push(call)
        this.#emitter.emit('call', call)
      },
      // The call itself reports it, and hangs up.
      () => undefined,
    )
  }

  #sayGlare(remote: string, call: string): void {
    this.#send({ type: hangup.type, to: remote, room: this.#options.room, call, reason: 'glare' })
  }

  /** Sends what belongs to no call of this endpoint. */
  #send(message: CallMessage): void {
    const failed = (cause: unknown) => {
      this.#emitter.emit('failure', new SignalingError(`Cannot send ${message.type}`, { cause }))
    }
    try {
      Promise.resolve(this.#options.signaling.send(message)).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  /** An own first offer that has not gone out yet gives way to one that has come in and waits for its answer. */
  #mayOffer(call: Call): boolean {
    const { remote, label } = call.place
    const other = this.calls.find((candidate) => isCrossing(candidate, 'callee', remote, label))
    if (!other) return true
    call.finish({ reason: 'glare', by: 'local', supersededBy: other })
    return false
  }
}

function isCrossing(call: Call, role: CallRole, remote: string, label: string | undefined): boolean {
  const { place, answered } = call
  return place.role === role && place.remote === remote && place.label === label && !answered
}

function releaseOnceConnected(call: Call, slot: Disposable): void {
  const settled = call.until(
    ({ peer }) => ['connected', 'failed', 'closed'].includes(peer.connectionState),
    'connected',
  )
  void settled
    .catch(() => undefined)
    .then(() => {
      slot[Symbol.dispose]()
    })
}

function keyOf(remote: string, id: string): string {
  return `${remote} ${id}`
}

function drawCallId(): string {
  return randomBytes(16).toString('hex')
}

import { answer, candidate, hangup, offer } from '@parley/schemas'
import type { DeliveredHangup, HangupReason } from '@parley/schemas'
import { CallLog } from './call-log.ts'
import { defaultChannel } from './call-options.ts'
import { CallWaitError } from './call-wait-error.ts'
import { echoPrefix } from './peer-connection.ts'
import { PeerLibraryError } from './peer-library-error.ts'
import { PeerOperationError } from './peer-operation-error.ts'
import { PerfectNegotiation } from './perfect-negotiation.ts'
import { SignalingError } from './signaling-error.ts'
import type { CallMessage, DeliveredCallMessage } from './call-message.ts'
import type { CallOptions } from './call-options.ts'
import type { CallRole } from './negotiation-number.ts'
import type { PeerConnection, RTCIceCandidateInit, RTCSessionDescriptionInit } from './peer-connection.ts'

/** Where a call stands. */
export interface CallPlace {
  /** 32 lower-case hexadecimal digits. */
  readonly id: string
  readonly room: string
  /** The other peer. */
  readonly remote: string
  /** Role of this side. */
  readonly role: CallRole
  readonly label: string | undefined
}

/** What a call needs of its endpoint. */
export interface CallContext {
  now(): number
  send(message: CallMessage): Promise<void> | void
  /** Whether the first offer may go out now; if not, the endpoint has ended the call. */
  mayOffer(call: Call): boolean
  ended(call: Call): void
}

/** How a call ended. */
export interface CallEnd {
  /** Reason of the hangup, or of the departure that took the place of one. */
  readonly reason: string
  readonly by: 'local' | 'remote'
  /** The call of the same two peers that goes on instead, after glare. */
  readonly supersededBy?: Call
}

/** How long a wait lasts if it is given no signal. */
const waitMs = 20_000

/** One side of a call: a peer negotiated over signaling, with a log of every step. */
export class Call {
  readonly place: CallPlace
  readonly log: CallLog
  /** Resolves when the call has ended and its peer is closed. */
  readonly ended: Promise<CallEnd>
  readonly #context: CallContext
  readonly #negotiation: PerfectNegotiation
  readonly #errors: Error[] = []
  readonly #listeners = new Set<() => void>()
  readonly #openChannels = new Set<string>()
  #peer: PeerConnection | undefined
  #end: CallEnd | undefined
  #settleEnded: (end: CallEnd) => void = () => undefined

  /** @param opening - the peer, before anything was added to it */
  constructor(
    place: CallPlace,
    options: CallOptions,
    context: CallContext,
    opening: Promise<PeerConnection>,
  ) {
    this.place = place
    this.#context = context
    this.log = new CallLog(
      () => context.now(),
      () => {
        this.#changed()
      },
    )
    this.ended = new Promise((resolve) => {
      this.#settleEnded = resolve
    })
    const observed = opening.then((peer) => {
      this.#listen(peer)
      return peer
    })
    const setup = options.setup ?? defaultSetup(place.role)
    this.#negotiation = new PerfectNegotiation(this.#negotiationContext(), options, observed, setup)
  }

  /** Resolves when the peer is there and set up; rejects if it could not be opened. */
  get ready(): Promise<void> {
    return this.#negotiation.ready
  }

  /** The peer behind the call; there from the moment the endpoint hands the call out. */
  get peer(): PeerConnection {
    if (!this.#peer) throw new Error(`Call ${this.place.id} has no peer yet`)
    return this.#peer
  }

  /** Whether its peer has been made: on a busy machine a call of the other side comes before that. */
  get opened(): boolean {
    return this.#peer !== undefined
  }

  /** What went wrong so far: SignalingError or PeerLibraryError. */
  get errors(): readonly Error[] {
    return this.#errors
  }

  /** How the call ended, if it has. */
  get end(): CallEnd | undefined {
    return this.#end
  }

  /** Whether this side has sent a description. */
  get described(): boolean {
    return this.#negotiation.described
  }

  /** Whether an offer of this call has been answered, by whichever side. */
  get answered(): boolean {
    return this.#negotiation.answered
  }

  /** Candidates kept for a description that has not come. */
  get waitingCandidates(): number {
    return this.#negotiation.waitingCandidates
  }

  /** Lets candidates held by `holdCandidates` go, and all that follow. */
  releaseCandidates(): void {
    this.#negotiation.local.release()
  }

  /** Applies descriptions held by `holdDescriptions`, and all that follow. */
  releaseDescriptions(): void {
    this.#negotiation.incoming.open()
  }

  /** Sends an offer as soon as the state allows it, needed or not, and returns its number. */
  negotiate(options: { readonly iceRestart?: boolean } = {}): Promise<number> {
    return this.#negotiation.negotiate(options.iceRestart === true)
  }

  /** Ends the call and tells the other side. */
  async hangup(reason: HangupReason = 'normal'): Promise<CallEnd> {
    if (!this.#end) {
      const { id, remote, room } = this.place
      this.#send({ type: hangup.type, to: remote, room, call: id, reason })
      this.finish({ reason, by: 'local' })
    }
    return this.ended
  }

  /** Ends the call on this side only; the endpoint uses it for glare and for peers that have left. */
  finish(end: CallEnd): void {
    if (this.#end) return
    this.#end = end
    this.log.append({ step: 'ended', reason: end.reason, by: end.by })
    this.#negotiation.stop(this.#waitError('an offer'))
    this.#context.ended(this)
    void this.#closePeer()
      .catch((error: unknown) => this.#errors.push(toError(error)))
      .then(() => {
        this.#settleEnded(end)
      })
  }

  /**
   * Waits until a condition holds. It is looked at after every step, message and batch of media frames.
   * Rejects with the call's first error, or with CallWaitError if the call ends, ICE fails or the time is up.
   * @param what - what the condition stands for, in words
   */
  until(
    condition: (call: Call) => boolean,
    what: string,
    signal = AbortSignal.timeout(waitMs),
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#listeners.delete(look)
        signal.removeEventListener('abort', look)
      }
      const look = () => {
        const error = this.#errors[0]
        const over = this.#end !== undefined || this.#peer?.connectionState === 'failed' || signal.aborted
        if (error === undefined && condition(this)) {
          leave()
          resolve()
        } else if (error !== undefined || over) {
          leave()
          reject(error ?? this.#waitError(what))
        }
      }
      this.#listeners.add(look)
      signal.addEventListener('abort', look)
      look()
    })
  }

  /** Waits until ICE and DTLS stand. */
  connected(signal?: AbortSignal): Promise<void> {
    return this.until(({ peer }) => peer.connectionState === 'connected', 'connected', signal)
  }

  /** Sends a text on a channel, as soon as it is open, and waits until the other side's echo is back. */
  async echo(text: string, channel = defaultChannel, signal?: AbortSignal): Promise<void> {
    let back = false
    const ignore = this.peer.on('message', ({ label, data }) => {
      if (label !== channel || data !== echoPrefix + text) return
      back = true
      this.#changed()
    })
    try {
      await this.until(() => this.#openChannels.has(channel), `channel "${channel}" open`, signal)
      await this.peer.send(channel, text)
      await this.until(() => back, `the echo of "${text}"`, signal)
    } finally {
      ignore()
    }
  }

  /** Takes a message of this call from the other side. */
  receive(message: DeliveredCallMessage): void {
    if (this.#end) return
    switch (message.type) {
      case offer.type:
        this.#negotiation.receiveOffer(message.negotiation, message.sdp)
        return
      case answer.type:
        this.#negotiation.receiveAnswer(message.negotiation, message.sdp)
        return
      case candidate.type:
        this.#negotiation.receiveCandidate(message.negotiation, message.candidate)
        return
      case hangup.type:
        this.#hungUp(message)
    }
  }

  #hungUp({ reason }: DeliveredHangup): void {
    this.finish({ reason, by: 'remote' })
  }

  #negotiationContext() {
    const { id, remote, room, role, label } = this.place
    const place = { to: remote, room, call: id }
    return {
      role,
      log: this.log,
      isOver: () => this.#end !== undefined,
      mayOffer: () => this.#context.mayOffer(this),
      fail: (error: unknown) => {
        this.#fail(error)
      },
      sendDescription: (negotiation: number, { type, sdp }: RTCSessionDescriptionInit) => {
        if (type === 'answer') this.#send({ type: answer.type, ...place, negotiation, sdp })
        else
          this.#send({ type: offer.type, ...place, negotiation, ...(label !== undefined && { label }), sdp })
      },
      sendCandidate: (negotiation: number, gathered: RTCIceCandidateInit) => {
        this.#send({ type: candidate.type, ...place, negotiation, candidate: gathered })
      },
    }
  }

  #listen(peer: PeerConnection): void {
    this.#peer = peer
    const tellState = () => {
      const { signalingState, connectionState, iceConnectionState } = peer
      this.log.append({ step: 'state', signalingState, connectionState, iceConnectionState })
    }
    peer.on('connectionstatechange', tellState)
    peer.on('iceconnectionstatechange', tellState)
    peer.on('signalingstatechange', tellState)
    peer.on('open', ({ label }) => {
      this.#openChannels.add(label)
      this.log.append({ step: 'channel-open', label })
    })
    peer.on('close', ({ label }) => this.#openChannels.delete(label))
    peer.on('track', (track) => {
      this.log.append({ step: 'track', ...track })
    })
    peer.on('frames', () => {
      this.#changed()
    })
    peer.on('icecandidateerror', ({ url, errorCode, errorText }) => {
      this.log.append({ step: 'candidate-error', url, code: errorCode, text: errorText })
    })
    peer.on('failure', (error) => {
      this.#fail(error)
    })
  }

  #send(message: CallMessage): void {
    const failed = (error: unknown) => {
      this.#fail(new SignalingError(`Cannot send ${message.type}`, { cause: error }))
    }
    try {
      Promise.resolve(this.#context.send(message)).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  #fail(cause: unknown): void {
    // What breaks because the call has ended is no news.
    if (this.#end) return
    const error = toError(cause)
    this.#errors.push(error)
    this.log.append({ step: 'error', name: error.name, detail: error.message })
    const neverConnected = this.#peer?.connectionState !== 'connected'
    if (error instanceof PeerLibraryError) void this.hangup('failed')
    else if (error.cause instanceof PeerOperationError && neverConnected) void this.hangup('incompatible')
  }

  #waitError(what: string): CallWaitError {
    const end = this.#end && `ended by the ${this.#end.by} side with "${this.#end.reason}"`
    const states = this.#peer ? `${this.#peer.connectionState}, ${this.#peer.signalingState}` : 'no peer yet'
    return new CallWaitError(
      `Call ${this.place.id} did not get to ${what}: ${end ?? states}`,
      this.log.entries,
    )
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  async #closePeer(): Promise<void> {
    try {
      await this.ready
    } catch {
      // The log tells of it already.
    }
    await this.#peer?.close()
  }
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

/** A caller has one channel, a callee adds nothing. */
function defaultSetup(role: CallRole): (peer: PeerConnection) => Promise<void> {
  return async (peer) => {
    if (role === 'caller') await peer.createDataChannel(defaultChannel)
  }
}

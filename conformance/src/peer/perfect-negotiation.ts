import { digestDescription } from './call-log.ts'
import { Gate } from './gate.ts'
import { LocalCandidates } from './local-candidates.ts'
import { isOfferNumberOf, nextNegotiation } from './negotiation-number.ts'
import { ownStep, remoteStep } from './peer-step.ts'
import { RemoteCandidates } from './remote-candidates.ts'
import { SignalingError } from './signaling-error.ts'
import type { CallLog } from './call-log.ts'
import type { CallOptions } from './call-options.ts'
import type { CallRole } from './negotiation-number.ts'
import type { PeerConnection, RTCIceCandidateInit, RTCSessionDescriptionInit } from './peer-connection.ts'

/** What a negotiation needs of its call. */
export interface NegotiationContext {
  readonly role: CallRole
  readonly log: CallLog
  /** Whether the call has ended: then nothing more is done. */
  isOver(): boolean
  /** Whether the first offer may go out; if not, the call has ended. */
  mayOffer(): boolean
  sendDescription(negotiation: number, description: RTCSessionDescriptionInit): void
  sendCandidate(negotiation: number, candidate: RTCIceCandidateInit): void
  fail(error: unknown): void
}

interface OfferRequest {
  readonly iceRestart: boolean
  readonly resolve: (negotiation: number) => void
  readonly reject: (error: Error) => void
}

/**
 * Descriptions and candidates of one call: numbers them, applies them one after the other, and resolves collisions
 * as W3C perfect negotiation does, with the callee polite.
 */
export class PerfectNegotiation {
  /** Resolves when the peer is there and set up. */
  readonly ready: Promise<void>
  /** While closed, descriptions of the other side are not applied. */
  readonly incoming = new Gate()
  /** Own candidates, and their gate. */
  readonly local: LocalCandidates
  readonly #context: NegotiationContext
  readonly #vanilla: boolean
  readonly #remote = new RemoteCandidates()
  readonly #requests: OfferRequest[] = []
  #work: Promise<void>
  #peer: PeerConnection | undefined
  /** Greatest number sent or seen, and greatest number of an offer of the other side. */
  #highest = 0
  #highestTheirs = 0
  /** Number of the own offer that no answer has come for. */
  #outstanding: number | undefined
  #described = false
  #answered = false
  #needed = false

  /**
   * @param opening - the peer, before anything was added to it
   * @param setup - adds the first channels and tracks
   */
  constructor(
    context: NegotiationContext,
    options: CallOptions,
    opening: Promise<PeerConnection>,
    setup: (peer: PeerConnection) => Promise<void>,
  ) {
    this.#context = context
    this.#vanilla = options.vanilla === true
    this.local = new LocalCandidates((negotiation, gathered) => {
      if (context.isOver()) return
      this.#log('candidate-sent', negotiation, gathered)
      context.sendCandidate(negotiation, gathered)
    })
    if (options.holdCandidates) this.local.gate.close()
    if (options.holdDescriptions) this.incoming.close()
    this.ready = opening.then(async (peer) => {
      this.#listen(peer)
      await ownStep(setup(peer))
    })
    this.#work = this.ready.catch((error: unknown) => {
      context.fail(error)
    })
  }

  /** Whether a description of this side has been sent. */
  get described(): boolean {
    return this.#described
  }

  /** Whether an offer has been answered, by whichever side. */
  get answered(): boolean {
    return this.#answered
  }

  /** Candidates kept for a description that has not come. */
  get waitingCandidates(): number {
    return this.#remote.waiting
  }

  /** Sends an offer as soon as the state allows it and returns its number. */
  negotiate(iceRestart: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#requests.push({ iceRestart, resolve, reject })
      this.#offerSoon()
    })
  }

  /** Nothing more will be done: those who wait for an offer learn it, and nothing is held any longer. */
  stop(error: Error): void {
    for (const { reject } of this.#requests.splice(0)) reject(error)
    this.incoming.open()
  }

  /** Takes an offer from the other side. */
  receiveOffer(negotiation: number, sdp: string): void {
    const description = { type: 'offer', sdp } as const
    const theirs = this.#context.role === 'caller' ? 'callee' : 'caller'
    this.#context.log.append({ step: 'description-received', ...digestDescription(description, negotiation) })
    if (!isOfferNumberOf(theirs, negotiation) || negotiation <= this.#highestTheirs) {
      const before = `its last had ${this.#highestTheirs}`
      this.#context.fail(
        new SignalingError(`Offer ${negotiation} of the ${theirs} is out of turn: ${before}`),
      )
      return
    }
    this.#highestTheirs = negotiation
    this.#highest = Math.max(this.#highest, negotiation)
    this.#enqueue(async (peer) => {
      await this.incoming.passed()
      await this.#takeOffer(peer, negotiation, description)
    })
  }

  /** Takes an answer from the other side. */
  receiveAnswer(negotiation: number, sdp: string): void {
    const description = { type: 'answer', sdp } as const
    this.#context.log.append({ step: 'description-received', ...digestDescription(description, negotiation) })
    if (negotiation !== this.#outstanding) {
      const waits = this.#outstanding === undefined ? 'no offer waits' : `offer ${this.#outstanding} waits`
      this.#context.fail(new SignalingError(`Answer ${negotiation} answers nothing: ${waits}`))
      return
    }
    this.#outstanding = undefined
    this.#answered = true
    this.#enqueue(async (peer) => {
      await this.incoming.passed()
      if (this.#context.isOver()) return
      await remoteStep(peer.setRemoteDescription(description), `answer ${negotiation}`)
      this.#remote.answer(sdp)
      await this.#applied(peer, negotiation, description)
    })
  }

  /** Takes a candidate from the other side. */
  receiveCandidate(negotiation: number, received: RTCIceCandidateInit): void {
    this.#log('candidate-received', negotiation, received)
    this.#highest = Math.max(this.#highest, negotiation)
    if (!this.#remote.arrive(negotiation, received)) this.#log('candidate-kept', negotiation, received)
    else this.#enqueue((peer) => this.#addCandidate(peer, negotiation, received))
  }

  #listen(peer: PeerConnection): void {
    this.#peer = peer
    peer.on('icecandidate', (gathered) => {
      this.local.gathered(gathered)
    })
    peer.on('signalingstatechange', () => {
      if (peer.signalingState === 'stable' && this.#requests.length > 0) this.#offerSoon()
    })
    peer.on('negotiationneeded', () => {
      this.#context.log.append({ step: 'negotiation-needed' })
      this.#needed = true
      this.#offerSoon()
    })
  }

  #enqueue(step: (peer: PeerConnection) => Promise<void>): void {
    this.#work = this.#work
      .then(async () => {
        if (this.#peer && !this.#context.isOver()) await step(this.#peer)
      })
      .catch((error: unknown) => {
        this.#context.fail(error)
      })
  }

  #offerSoon(): void {
    this.#enqueue((peer) => this.#offerIfDue(peer))
  }

  async #offerIfDue(peer: PeerConnection): Promise<void> {
    // Not stable: a request waits for stable, and a need is announced again there.
    if (peer.signalingState !== 'stable') return
    const request = this.#requests.shift()
    if (!request && !this.#needed) return
    this.#needed = false
    try {
      const negotiation = await this.#offer(peer, request?.iceRestart ?? false)
      if (negotiation === undefined) request?.reject(new Error('Cannot offer: the call has ended'))
      else request?.resolve(negotiation)
    } catch (error) {
      request?.reject(error instanceof Error ? error : new Error(String(error)))
      throw error
    }
  }

  async #offer(peer: PeerConnection, iceRestart: boolean): Promise<number | undefined> {
    const created = await ownStep(peer.createOffer({ iceRestart }))
    const description = await this.#describe(peer, created)
    if (this.#context.isOver()) return undefined
    const first = !this.#described && this.#context.role === 'caller'
    if (first && !this.#context.mayOffer()) return undefined
    const negotiation = nextNegotiation(this.#context.role, this.#highest)
    this.#outstanding = negotiation
    this.#send(negotiation, description)
    return negotiation
  }

  async #takeOffer(
    peer: PeerConnection,
    negotiation: number,
    description: RTCSessionDescriptionInit,
  ): Promise<void> {
    if (this.#context.isOver()) return
    if (peer.signalingState === 'have-local-offer') {
      if (this.#context.role === 'caller') {
        this.#context.log.append({ step: 'offer-ignored', negotiation })
        await this.#settle(peer, negotiation)
        return
      }
      this.#context.log.append({ step: 'offer-rolled-back', negotiation: this.#outstanding ?? 0 })
      this.#outstanding = undefined
    }
    await remoteStep(peer.setRemoteDescription(description), `offer ${negotiation}`)
    // A need that remains is announced again once the state is stable.
    this.#needed = false
    this.#remote.offered(description.sdp)
    await this.#applied(peer, negotiation, description)
    const own = await this.#describe(peer, await ownStep(peer.createAnswer()))
    this.#remote.answered()
    if (this.#context.isOver()) return
    this.#answered = true
    this.#send(negotiation, own)
  }

  async #applied(
    peer: PeerConnection,
    negotiation: number,
    description: RTCSessionDescriptionInit,
  ): Promise<void> {
    this.#context.log.append({ step: 'description-applied', ...digestDescription(description, negotiation) })
    await this.#settle(peer, negotiation)
  }

  async #settle(peer: PeerConnection, negotiation: number): Promise<void> {
    for (const kept of this.#remote.settle(negotiation)) await this.#addCandidate(peer, negotiation, kept)
  }

  async #addCandidate(
    peer: PeerConnection,
    negotiation: number,
    received: RTCIceCandidateInit,
  ): Promise<void> {
    if (!this.#remote.accepts(received)) {
      this.#log('candidate-discarded', negotiation, received)
      return
    }
    await remoteStep(peer.addIceCandidate(received), `candidate "${received.candidate}"`)
    this.#log('candidate-added', negotiation, received)
  }

  async #describe(
    peer: PeerConnection,
    description: RTCSessionDescriptionInit,
  ): Promise<RTCSessionDescriptionInit> {
    await ownStep(peer.setLocalDescription(description))
    if (!this.#vanilla) return description
    await this.local.gatheredFor(description.sdp)
    const { pendingLocalDescription, currentLocalDescription } = await ownStep(peer.descriptions())
    const complete = pendingLocalDescription ?? currentLocalDescription ?? description
    this.local.contained(complete.sdp)
    return complete
  }

  #send(negotiation: number, description: RTCSessionDescriptionInit): void {
    this.#highest = Math.max(this.#highest, negotiation)
    this.#described = true
    this.#context.log.append({ step: 'description-sent', ...digestDescription(description, negotiation) })
    this.#context.sendDescription(negotiation, description)
    this.local.described(negotiation, description.sdp)
  }

  #log(
    step:
      'candidate-sent' | 'candidate-received' | 'candidate-kept' | 'candidate-added' | 'candidate-discarded',
    negotiation: number,
    { candidate, usernameFragment }: RTCIceCandidateInit,
  ): void {
    this.#context.log.append({ step, negotiation, usernameFragment, candidate })
  }
}

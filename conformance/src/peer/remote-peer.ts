import { Emitter } from './emitter.ts'
import { PeerLibraryError } from './peer-library-error.ts'
import type { HostMessage, PeerOperationName } from './host-protocol.ts'
import type { HostedPeer, HostProcess } from './host-process.ts'
import type {
  Descriptions,
  MediaKind,
  PeerConnection,
  PeerEvents,
  PeerOperations,
  PeerOptions,
  PeerState,
  PeerStats,
  RTCIceCandidateInit,
  RTCRtpTransceiverDirection,
  RTCSessionDescriptionInit,
  TransceiverState,
} from './peer-connection.ts'

const newPeer: PeerState = {
  signalingState: 'stable',
  connectionState: 'new',
  iceConnectionState: 'new',
  iceGatheringState: 'new',
  frames: { audio: 0, video: 0 },
}

/** Opens a connection in a host process and returns the peer that stands for it here. */
export async function openRemotePeer(host: HostProcess, options: PeerOptions): Promise<PeerConnection> {
  const peer = new RemotePeer(host)
  await peer.open(options)
  return peer
}

class RemotePeer implements PeerConnection, HostedPeer {
  readonly #host: HostProcess
  readonly #emitter = new Emitter<PeerEvents>()
  #number = 0
  #state = newPeer
  #closing: Promise<void> | undefined

  constructor(host: HostProcess) {
    this.#host = host
  }

  async open(options: PeerOptions): Promise<void> {
    this.#number = await this.#host.openPeer(options, this)
  }

  get signalingState(): PeerState['signalingState'] {
    return this.#state.signalingState
  }

  get connectionState(): PeerState['connectionState'] {
    return this.#state.connectionState
  }

  get iceConnectionState(): string {
    return this.#state.iceConnectionState
  }

  get iceGatheringState(): PeerState['iceGatheringState'] {
    return this.#state.iceGatheringState
  }

  get frames(): PeerState['frames'] {
    return this.#state.frames
  }

  on<Type extends keyof PeerEvents>(type: Type, listener: (detail: PeerEvents[Type]) => void): () => void {
    return this.#emitter.on(type, listener)
  }

  createOffer(options?: { readonly iceRestart?: boolean }): Promise<RTCSessionDescriptionInit> {
    return this.#operate('createOffer', options)
  }

  createAnswer(): Promise<RTCSessionDescriptionInit> {
    return this.#operate('createAnswer')
  }

  setLocalDescription(description: RTCSessionDescriptionInit | { readonly type: 'rollback' }): Promise<void> {
    return this.#operate('setLocalDescription', description)
  }

  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    return this.#operate('setRemoteDescription', description)
  }

  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    return this.#operate('addIceCandidate', candidate)
  }

  restartIce(): Promise<void> {
    return this.#operate('restartIce')
  }

  setConfiguration(configuration: Pick<PeerOptions, 'iceServers' | 'iceTransportPolicy'>): Promise<void> {
    return this.#operate('setConfiguration', configuration)
  }

  createDataChannel(label: string): Promise<void> {
    return this.#operate('createDataChannel', label)
  }

  send(label: string, data: string | Uint8Array): Promise<void> {
    return this.#operate('send', label, data)
  }

  addTrack(kind: MediaKind): Promise<string> {
    return this.#operate('addTrack', kind)
  }

  removeTrack(trackId: string): Promise<void> {
    return this.#operate('removeTrack', trackId)
  }

  setDirection(
    which: { readonly mid: string } | { readonly kind: MediaKind },
    direction: RTCRtpTransceiverDirection,
  ): Promise<void> {
    return this.#operate('setDirection', which, direction)
  }

  addTransceivers(count: number, kind?: MediaKind): Promise<void> {
    return this.#operate('addTransceivers', count, kind)
  }

  transceivers(): Promise<readonly TransceiverState[]> {
    return this.#operate('transceivers')
  }

  descriptions(): Promise<Descriptions> {
    return this.#operate('descriptions')
  }

  getStats(): Promise<PeerStats> {
    return this.#operate('getStats')
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  hostEvent({ type, detail, state }: Extract<HostMessage, { readonly kind: 'event' }>): void {
    this.#state = state
    this.#emitter.emit(type, detail as PeerEvents[typeof type])
  }

  hostState(state: PeerState): void {
    this.#state = state
  }

  hostLost(error: PeerLibraryError): void {
    this.#state = {
      ...this.#state,
      signalingState: 'closed',
      connectionState: 'closed',
      iceConnectionState: 'closed',
    }
    this.#emitter.emit('failure', error)
  }

  async #close(): Promise<void> {
    try {
      await this.#operate('close')
    } catch (error) {
      // A peer whose process has gone is closed.
      if (!(error instanceof PeerLibraryError)) throw error
    }
  }

  async #operate<Name extends PeerOperationName>(
    operation: Name,
    ...given: Parameters<PeerOperations[Name]> | readonly unknown[]
  ): Promise<Awaited<ReturnType<PeerOperations[Name]>>> {
    const value = await this.#host.operate(this.#number, operation, given)
    return value as Awaited<ReturnType<PeerOperations[Name]>>
  }
}

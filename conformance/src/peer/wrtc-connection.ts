import { CandidateGathering } from './candidate-gathering.ts'
import { echoPrefix } from './peer-connection.ts'
import { openSyntheticTrack, watchTrack } from './synthetic-media.ts'
import { digestStats } from './wrtc-stats.ts'
import type { HostedOperations, HostEventName } from './host-protocol.ts'
import type {
  Descriptions,
  MediaKind,
  PeerEvents,
  PeerOptions,
  PeerState,
  PeerStats,
  RTCIceCandidateInit,
  RTCRtpTransceiverDirection,
  RTCSessionDescriptionInit,
  TransceiverState,
} from './peer-connection.ts'
import type { SyntheticTrack } from './synthetic-media.ts'
import type { WrtcChannel, WrtcModule, WrtcPeerConnection, WrtcSender, WrtcTrack } from './wrtc-shape.ts'

/** A frame count is announced once in so many frames of its kind (and at the first). */
const framesPerEvent = { audio: 10, video: 5 } as const

/** Hands an event of one connection to the parent. */
export type EmitPeerEvent = <Type extends HostEventName>(type: Type, detail: PeerEvents[Type]) => void

/** One wrtc connection inside a host process, with the library's gaps closed. */
export class WrtcConnection implements HostedOperations {
  readonly #wrtc: WrtcModule
  readonly #connection: WrtcPeerConnection
  readonly #emit: EmitPeerEvent
  readonly #echo: boolean
  readonly #gathering: CandidateGathering
  /** All of it has to be given again with each change. */
  #configuration: Omit<PeerOptions, 'echo'>
  readonly #channels = new Map<string, WrtcChannel>()
  readonly #sent = new Map<string, { readonly sender: WrtcSender; readonly source: SyntheticTrack }>()
  readonly #watched = new Map<string, () => void>()
  readonly #frames = { audio: 0, video: 0 }

  constructor(wrtc: WrtcModule, options: PeerOptions, emit: EmitPeerEvent) {
    const { echo = true, ...configuration } = options
    this.#wrtc = wrtc
    this.#emit = emit
    this.#echo = echo
    this.#configuration = { bundlePolicy: 'max-bundle', ...configuration }
    this.#connection = new wrtc.RTCPeerConnection(this.#configuration)
    this.#gathering = new CandidateGathering(
      {
        iceGatheringState: () => this.#connection.iceGatheringState,
        localSDP: () => this.#connection.localDescription?.sdp,
        drained: afterQueuedEvents,
      },
      (candidate) => {
        emit('icecandidate', candidate)
      },
    )
    this.#listen()
  }

  /** The states as they stand now. */
  get state(): PeerState {
    const { signalingState, connectionState, iceConnectionState, iceGatheringState } = this.#connection
    return {
      signalingState,
      connectionState,
      iceConnectionState,
      iceGatheringState,
      frames: { ...this.#frames },
    }
  }

  async createOffer(options: { readonly iceRestart?: boolean } = {}): Promise<RTCSessionDescriptionInit> {
    return plain(await this.#connection.createOffer(options))
  }

  async createAnswer(): Promise<RTCSessionDescriptionInit> {
    return plain(await this.#connection.createAnswer())
  }

  async setLocalDescription(description: RTCSessionDescriptionInit | { type: 'rollback' }): Promise<void> {
    if (description.type !== 'rollback') this.#gathering.describing(description.sdp)
    await this.#connection.setLocalDescription(description)
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (description.type === 'offer' && this.#connection.signalingState === 'have-local-offer') {
      await this.#connection.setLocalDescription({ type: 'rollback' })
    }
    await this.#connection.setRemoteDescription(description)
  }

  async addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    await this.#connection.addIceCandidate(candidate)
  }

  restartIce(): void {
    this.#connection.restartIce()
  }

  setConfiguration(configuration: Pick<PeerOptions, 'iceServers' | 'iceTransportPolicy'>): void {
    this.#configuration = { ...this.#configuration, ...configuration }
    this.#connection.setConfiguration(this.#configuration)
  }

  createDataChannel(label: string): void {
    this.#adopt(this.#connection.createDataChannel(label))
  }

  send(label: string, data: string | Uint8Array): void {
    const channel = this.#channels.get(label)
    if (channel === undefined) throw new Error(`Cannot send on channel "${label}": there is no such channel`)
    channel.send(data)
  }

  addTrack(kind: MediaKind): string {
    const source = openSyntheticTrack(this.#wrtc, kind)
    const sender = this.#connection.addTrack(source.track, new this.#wrtc.MediaStream())
    this.#sent.set(source.track.id, { sender, source })
    return source.track.id
  }

  removeTrack(trackId: string): void {
    const sent = this.#sent.get(trackId)
    if (sent === undefined) throw new Error(`Cannot remove track "${trackId}": it was not added here`)
    this.#connection.removeTrack(sent.sender)
    sent.source.stop()
    this.#sent.delete(trackId)
  }

  setDirection(
    which: { readonly mid: string } | { readonly kind: MediaKind },
    direction: RTCRtpTransceiverDirection,
  ): void {
    const chosen = this.#connection
      .getTransceivers()
      .filter(({ mid, receiver }) =>
        'mid' in which ? mid === which.mid : receiver.track.kind === which.kind,
      )
    if (chosen.length === 0)
      throw new Error(`Cannot set a direction: no transceiver is ${JSON.stringify(which)}`)
    for (const transceiver of chosen) transceiver.direction = direction
  }

  addTransceivers(count: number, kind: MediaKind = 'video'): void {
    for (let added = 0; added < count; added += 1) this.#connection.addTransceiver(kind)
  }

  transceivers(): readonly TransceiverState[] {
    return this.#connection.getTransceivers().map(({ mid, direction, currentDirection, receiver }) => ({
      mid,
      kind: receiver.track.kind,
      direction,
      currentDirection,
    }))
  }

  descriptions(): Descriptions {
    return this.#descriptions()
  }

  async getStats(): Promise<PeerStats> {
    return digestStats(await this.#connection.getStats(), this.#descriptions())
  }

  async close(): Promise<void> {
    for (const { source } of this.#sent.values()) source.stop()
    for (const unwatch of this.#watched.values()) unwatch()
    this.#sent.clear()
    this.#watched.clear()
    this.#connection.close()
    await new Promise<void>((resolve) => {
      afterQueuedEvents(resolve)
    })
  }

  #descriptions(): Descriptions {
    const connection = this.#connection
    return {
      currentLocalDescription: plainOrNull(connection.currentLocalDescription),
      pendingLocalDescription: plainOrNull(connection.pendingLocalDescription),
      currentRemoteDescription: plainOrNull(connection.currentRemoteDescription),
      pendingRemoteDescription: plainOrNull(connection.pendingRemoteDescription),
    }
  }

  #listen(): void {
    const connection = this.#connection
    const tellState = (
      type:
        'connectionstatechange' | 'iceconnectionstatechange' | 'signalingstatechange' | 'negotiationneeded',
    ) => {
      return () => {
        this.#emit(type, this.state)
      }
    }
    connection.onconnectionstatechange = tellState('connectionstatechange')
    connection.oniceconnectionstatechange = tellState('iceconnectionstatechange')
    connection.onsignalingstatechange = tellState('signalingstatechange')
    connection.onnegotiationneeded = tellState('negotiationneeded')
    connection.onicegatheringstatechange = () => {
      this.#gathering.stateChanged()
    }
    connection.onicecandidate = ({ candidate }) => {
      this.#gathering.candidate(candidate ?? {})
    }
    connection.onicecandidateerror = ({ url, errorCode, errorText }) => {
      this.#emit('icecandidateerror', { url, errorCode, errorText })
    }
    connection.ontrack = ({ track, transceiver }) => {
      this.#watch(track)
      this.#emit('track', { kind: track.kind, mid: transceiver.mid })
    }
    connection.ondatachannel = ({ channel }) => {
      this.#emit('datachannel', { label: channel.label })
      this.#adopt(channel)
    }
  }

  #adopt(channel: WrtcChannel): void {
    const { label } = channel
    let announced = false
    const opened = () => {
      if (announced) return
      announced = true
      this.#emit('open', { label })
    }
    this.#channels.set(label, channel)
    channel.onopen = opened
    channel.onclose = () => {
      this.#emit('close', { label })
    }
    channel.onmessage = ({ data }) => {
      opened()
      this.#emit('message', { label, data: typeof data === 'string' ? data : new Uint8Array(data) })
      if (this.#echo && typeof data === 'string' && !data.startsWith(echoPrefix))
        channel.send(echoPrefix + data)
    }
    if (channel.readyState === 'open') opened()
  }

  #watch(track: WrtcTrack): void {
    if (this.#watched.has(track.id)) return
    const { kind } = track
    const unwatch = watchTrack(this.#wrtc, track, () => {
      this.#frames[kind] += 1
      if (this.#frames[kind] % framesPerEvent[kind] === 1) this.#emit('frames', { ...this.#frames })
    })
    this.#watched.set(track.id, unwatch)
  }
}

/** Two turns: the native events queued by now are delivered in the poll phase that lies between them. */
function afterQueuedEvents(callback: () => void): void {
  setImmediate(() => {
    setImmediate(callback)
  })
}

function plain({ type, sdp }: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  return { type, sdp }
}

function plainOrNull(description: RTCSessionDescriptionInit | null): RTCSessionDescriptionInit | null {
  return description && plain(description)
}

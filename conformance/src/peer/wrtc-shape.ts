import type { GatheredCandidate } from './candidate-gathering.ts'
import type {
  MediaKind,
  PeerOptions,
  PeerState,
  RTCRtpTransceiverDirection,
  RTCSessionDescriptionInit,
} from './peer-connection.ts'

/** A media track of wrtc. */
export interface WrtcTrack {
  readonly id: string
  readonly kind: MediaKind
  stop(): void
}

/** A data channel of wrtc. */
export interface WrtcChannel {
  readonly label: string
  readonly readyState: string
  onopen: (() => void) | null
  onclose: (() => void) | null
  onmessage: ((event: { readonly data: string | ArrayBuffer }) => void) | null
  send(data: string | Uint8Array): void
}

/** A transceiver of wrtc. */
interface WrtcTransceiver {
  readonly mid: string | null
  direction: RTCRtpTransceiverDirection
  readonly currentDirection: RTCRtpTransceiverDirection | null
  readonly receiver: { readonly track: WrtcTrack }
}

/** One entry of wrtc's getStats(). */
export interface WrtcStatsEntry {
  readonly type: string
  readonly [member: string]: unknown
}

/** The sender of a track. */
export interface WrtcSender {
  readonly track: WrtcTrack | null
}

/** RTCPeerConnection as wrtc has it. */
export interface WrtcPeerConnection {
  readonly signalingState: PeerState['signalingState']
  readonly connectionState: PeerState['connectionState']
  readonly iceConnectionState: string
  readonly iceGatheringState: PeerState['iceGatheringState']
  readonly localDescription: RTCSessionDescriptionInit | null
  readonly currentLocalDescription: RTCSessionDescriptionInit | null
  readonly pendingLocalDescription: RTCSessionDescriptionInit | null
  readonly currentRemoteDescription: RTCSessionDescriptionInit | null
  readonly pendingRemoteDescription: RTCSessionDescriptionInit | null
  onicecandidate: ((event: { readonly candidate: GatheredCandidate | null }) => void) | null
  onicecandidateerror: ((event: { url: string; errorCode: number; errorText: string }) => void) | null
  onicegatheringstatechange: (() => void) | null
  onconnectionstatechange: (() => void) | null
  oniceconnectionstatechange: (() => void) | null
  onsignalingstatechange: (() => void) | null
  onnegotiationneeded: (() => void) | null
  ontrack: ((event: { readonly track: WrtcTrack; readonly transceiver: WrtcTransceiver }) => void) | null
  ondatachannel: ((event: { readonly channel: WrtcChannel }) => void) | null
  createOffer(options?: { readonly iceRestart?: boolean }): Promise<RTCSessionDescriptionInit>
  createAnswer(): Promise<RTCSessionDescriptionInit>
  setLocalDescription(description: RTCSessionDescriptionInit | { readonly type: 'rollback' }): Promise<void>
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>
  addIceCandidate(candidate: GatheredCandidate): Promise<void>
  addTrack(track: WrtcTrack, ...streams: readonly unknown[]): WrtcSender
  removeTrack(sender: WrtcSender): void
  addTransceiver(kind: MediaKind): WrtcTransceiver
  createDataChannel(label: string): WrtcChannel
  getTransceivers(): readonly WrtcTransceiver[]
  getStats(): Promise<ReadonlyMap<string, WrtcStatsEntry>>
  restartIce(): void
  setConfiguration(configuration: PeerOptions): void
  close(): void
}

/** Ten milliseconds of sound, as wrtc's sources take it and its sinks give it. */
interface WrtcAudioData {
  readonly samples: Int16Array
  readonly sampleRate: number
  readonly bitsPerSample: number
  readonly channelCount: number
  readonly numberOfFrames: number
}

/** One I420 picture. */
interface WrtcVideoFrame {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

/** A source that makes tracks. */
interface WrtcSource {
  createTrack(): WrtcTrack
}

/** The part of the wrtc module that is used here; its own declarations need the DOM library. */
export interface WrtcModule {
  readonly RTCPeerConnection: new (configuration: PeerOptions) => WrtcPeerConnection
  readonly MediaStream: new () => object
  readonly nonstandard: {
    readonly RTCAudioSource: new () => WrtcSource & { onData(data: WrtcAudioData): void }
    readonly RTCVideoSource: new () => WrtcSource & { onFrame(frame: WrtcVideoFrame): void }
    readonly RTCAudioSink: new (track: WrtcTrack) => {
      ondata: ((data: WrtcAudioData) => void) | null
      stop(): void
    }
    readonly RTCVideoSink: new (track: WrtcTrack) => { onframe: (() => void) | null; stop(): void }
  }
}

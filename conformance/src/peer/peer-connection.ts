import type { PeerLibraryError } from './peer-library-error.ts'

/** Kind of a media track. */
export type MediaKind = 'audio' | 'video'

/** W3C RTCSessionDescriptionInit with what this kit uses of it. */
export interface RTCSessionDescriptionInit {
  readonly type: 'offer' | 'answer'
  readonly sdp: string
}

/** W3C RTCIceCandidateInit; `usernameFragment` is always there. End-of-candidates is `candidate: ''`. */
export interface RTCIceCandidateInit {
  readonly candidate: string
  readonly usernameFragment: string
  readonly sdpMid?: string | null
  readonly sdpMLineIndex?: number | null
}

/** W3C RTCIceServer. */
export interface RTCIceServer {
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}

/** How a peer is set up. */
export interface PeerOptions {
  readonly iceServers?: readonly RTCIceServer[]
  /** `relay` uses TURN only. */
  readonly iceTransportPolicy?: 'all' | 'relay'
  /** Default `max-bundle`: one transport, so a third of the sockets. */
  readonly bundlePolicy?: 'balanced' | 'max-compat' | 'max-bundle'
  /** Answers every text that comes in on a channel with the same text behind `echo:`. Default: true. */
  readonly echo?: boolean
}

/** Stands before a text that was sent by the echo; such a text is never echoed again. */
export const echoPrefix = 'echo:'

/** Which side sends on a transceiver. */
export type RTCRtpTransceiverDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' | 'stopped'

/** One transceiver as it stands. */
export interface TransceiverState {
  readonly mid: string | null
  readonly kind: MediaKind
  readonly direction: RTCRtpTransceiverDirection
  readonly currentDirection: RTCRtpTransceiverDirection | null
}

/** The states of a peer, under their W3C names, and how many media frames it has received so far. */
export interface PeerState {
  readonly signalingState: 'stable' | 'have-local-offer' | 'have-remote-offer' | 'closed'
  readonly connectionState: 'new' | 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed'
  readonly iceConnectionState: string
  readonly iceGatheringState: 'new' | 'gathering' | 'complete'
  /** Frames that reached a sink: video frames decoded, 10 ms audio frames that are not silent. */
  readonly frames: { readonly audio: number; readonly video: number }
}

/** One end of the selected candidate pair. */
export interface SelectedCandidate {
  readonly address: string
  readonly port: number
  readonly protocol: string
  readonly candidateType: string
}

/** A pair of candidates that ICE has tried. */
export interface TriedPair {
  /** W3C RTCStatsIceCandidatePairState. */
  readonly state: string
  readonly local: SelectedCandidate
  readonly remote: SelectedCandidate
  /** Connectivity checks sent, and answers that came. */
  readonly requestsSent: number
  readonly responsesReceived: number
}

/** The part of getStats() by which a check knows that a connection truly carries something. Sizes in bytes. */
export interface PeerStats {
  readonly selectedPair?: {
    readonly state: string
    readonly nominated: boolean
    readonly local: SelectedCandidate
    readonly remote: SelectedCandidate
    readonly bytesSent: number
    readonly bytesReceived: number
    readonly responsesReceived: number
  }
  /** Every pair that ICE has tried and still knows. */
  readonly pairs: readonly TriedPair[]
  /** W3C RTCDtlsTransportState; `new` before there is a transport. */
  readonly dtlsState: string
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly inbound: {
    readonly audio: { readonly packetsReceived: number }
    readonly video: { readonly packetsReceived: number; readonly framesDecoded: number }
  }
  /** Fragments in the current (or else pending) descriptions, in the order of their m-sections. */
  readonly localUsernameFragments: readonly string[]
  readonly remoteUsernameFragments: readonly string[]
}

/** The four descriptions of a peer, under their W3C names; gathered candidates stand in the local ones. */
export interface Descriptions {
  readonly currentLocalDescription: RTCSessionDescriptionInit | null
  readonly pendingLocalDescription: RTCSessionDescriptionInit | null
  readonly currentRemoteDescription: RTCSessionDescriptionInit | null
  readonly pendingRemoteDescription: RTCSessionDescriptionInit | null
}

/** Events of a peer. Channels are named by their label. */
export interface PeerEvents {
  /** Never TCP. Exactly one end-of-candidates for each gathering that completed, after its last candidate. */
  readonly icecandidate: RTCIceCandidateInit
  readonly icecandidateerror: { readonly url: string; readonly errorCode: number; readonly errorText: string }
  readonly connectionstatechange: PeerState
  readonly iceconnectionstatechange: PeerState
  readonly signalingstatechange: PeerState
  readonly negotiationneeded: PeerState
  readonly track: { readonly kind: MediaKind; readonly mid: string | null }
  /** The other side opened a channel. */
  readonly datachannel: { readonly label: string }
  /** A channel, own or not, can carry messages; or no longer. */
  readonly open: { readonly label: string }
  readonly close: { readonly label: string }
  readonly message: { readonly label: string; readonly data: string | Uint8Array }
  /** Media arrived; sent every few frames, not for each. */
  readonly frames: PeerState['frames']
  /** The library is gone, and with it this peer. The last event. */
  readonly failure: PeerLibraryError
}

/**
 * What a peer can do. Everything passes through a process boundary, so arguments and results are structured-clonable.
 * Rejects with PeerOperationError when the operation is refused and with PeerLibraryError when the library is gone.
 */
export interface PeerOperations {
  createOffer(options?: { readonly iceRestart?: boolean }): Promise<RTCSessionDescriptionInit>
  createAnswer(): Promise<RTCSessionDescriptionInit>
  setLocalDescription(description: RTCSessionDescriptionInit | { readonly type: 'rollback' }): Promise<void>
  /** A remote offer in `have-local-offer` rolls the local one back first, as W3C perfect negotiation expects. */
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>
  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void>
  restartIce(): Promise<void>
  /** Takes other ICE servers or another policy; they count from the next gathering on, as after `restartIce`. */
  setConfiguration(configuration: Pick<PeerOptions, 'iceServers' | 'iceTransportPolicy'>): Promise<void>
  createDataChannel(label: string): Promise<void>
  /** Sends on the open channel of this label. */
  send(label: string, data: string | Uint8Array): Promise<void>
  /** Adds a synthetic track (a tone, moving grey) and returns its id. */
  addTrack(kind: MediaKind): Promise<string>
  removeTrack(trackId: string): Promise<void>
  /** Sets the direction of one transceiver, or of all of one kind. */
  setDirection(
    which: { readonly mid: string } | { readonly kind: MediaKind },
    direction: RTCRtpTransceiverDirection,
  ): Promise<void>
  /** Adds transceivers without a track; twenty of video make an offer of about 45 kB. */
  addTransceivers(count: number, kind?: MediaKind): Promise<void>
  transceivers(): Promise<readonly TransceiverState[]>
  descriptions(): Promise<Descriptions>
  getStats(): Promise<PeerStats>
  /** Ends the peer; a second call does nothing. */
  close(): Promise<void>
}

/** A WebRTC peer, whatever library stands behind it. */
export interface PeerConnection extends PeerOperations, PeerState, AsyncDisposable {
  /**
   * Adds a listener.
   * @returns a function that removes it again
   */
  on<Type extends keyof PeerEvents>(type: Type, listener: (detail: PeerEvents[Type]) => void): () => void
}

/** Where peers come from. */
export interface PeerSource {
  /** Opens a peer; rejects with PeerLibraryError if there is no library. */
  openPeer(options?: PeerOptions): Promise<PeerConnection>
  /** Waits for permission to connect one more pair: a library can be overrun. Disposing gives the slot back. */
  connectSlot(): Promise<Disposable>
}

import { createPeers, type PeerConnection, type Peers } from '@parley/conformance'

/** What breaks in a peer: its own operations, replaced by others. */
type Fault = (peer: PeerConnection) => Partial<PeerConnection>

/** A candidate line up to its port; the port that follows is replaced by one at which nobody answers. */
const port = /(?<upTo>candidate:(?:\S+ ){5})\d+/g
const nowhere = '$<upTo>65535'

/** Faults of the kit's own side of a call, by the leg that they break. The server has no part in them. */
export const peerFaults = {
  ice: (peer) => ({
    addIceCandidate: (given) =>
      peer.addIceCandidate({ ...given, candidate: given.candidate.replace(port, nowhere) }),
    setRemoteDescription: ({ type, sdp }) =>
      peer.setRemoteDescription({ type, sdp: sdp.replace(port, nowhere) }),
  }),
  dtls: (peer) => ({
    setRemoteDescription: ({ type, sdp }) =>
      peer.setRemoteDescription({
        type,
        sdp: sdp.replace(/(a=fingerprint:\S+ )../g, (_whole, head: string) => `${head}00`),
      }),
  }),
  media: (peer) => ({
    addTrack: async (kind) => {
      await peer.addTransceivers(1, kind)
      return ''
    },
  }),
} as const satisfies Readonly<Record<string, Fault>>

/** Real peers of which every one has the same fault. */
export function brokenPeers(fault: Fault): Peers {
  const inner = createPeers('wrtc')
  return {
    unavailable: inner.unavailable,
    openPeer: async (options) => {
      const peer = await inner.openPeer(options)
      return replaced(peer, fault(peer))
    },
    connectSlot: () => inner.connectSlot(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  }
}

function replaced(peer: PeerConnection, changes: Partial<PeerConnection>): PeerConnection {
  return new Proxy(peer, {
    get: (target, name) => {
      if (name in changes) return Reflect.get(changes, name) as unknown
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

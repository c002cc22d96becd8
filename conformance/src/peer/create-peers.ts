import { createRequire } from 'node:module'
import { PeerLibraryError } from './peer-library-error.ts'
import type { PeerSource } from './peer-connection.ts'
import { WrtcPool, type WrtcPoolOptions } from './wrtc.ts'

/** The real peers of a run. */
export interface Peers extends PeerSource, AsyncDisposable {
  /** Why there are none; `undefined` when there are. */
  readonly unavailable: string | undefined
}

/** Names of the peer implementations; a further one is a file, a name here and a case below. */
export const peerKinds = ['none', 'wrtc'] as const

/** A peer implementation. */
export type PeerKind = (typeof peerKinds)[number]

/**
 * Makes the source of real peers. Nothing is started before the first peer is asked for.
 *
 * @param options - Of the processes that hold them.
 */
export function createPeers(kind: PeerKind, options: WrtcPoolOptions = {}): Peers {
  if (kind === 'none') return noPeers('they were left out (--peers none)')
  try {
    createRequire(import.meta.url).resolve('wrtc')
  } catch {
    return noPeers(
      'the optional package "wrtc" is not installed; it has binaries for Linux, macOS and Windows',
    )
  }
  const pool = new WrtcPool(options)
  return {
    unavailable: undefined,
    openPeer: (options) => pool.openPeer(options),
    connectSlot: () => pool.connectSlot(),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

function noPeers(reason: string): Peers {
  return {
    unavailable: reason,
    openPeer: () => Promise.reject(new PeerLibraryError(`Cannot open a peer: ${reason}`)),
    connectSlot: () => Promise.reject(new PeerLibraryError(`Cannot connect: ${reason}`)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

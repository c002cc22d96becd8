import type { PeerConnection, PeerOptions } from './peer-connection.ts'

/** How one side of a call behaves. */
export interface CallOptions {
  /** Tells apart several calls of the same two peers in one room. */
  readonly label?: string
  /** Options of the peer behind the call. */
  readonly peer?: PeerOptions
  /**
   * Adds channels and tracks before the first description. Without it a caller opens one data channel, `data`, and a
   * callee adds nothing.
   */
  readonly setup?: (peer: PeerConnection) => Promise<void>
  /** Sends descriptions only when gathering has ended, with all candidates inside, and no candidate messages. */
  readonly vanilla?: boolean
  /** Keeps own candidates back until `releaseCandidates()`: they come late. */
  readonly holdCandidates?: boolean
  /** Applies no description until `releaseDescriptions()`: candidates come early. */
  readonly holdDescriptions?: boolean
}

/** Label of the data channel that a caller opens if it is given no setup. */
export const defaultChannel = 'data'

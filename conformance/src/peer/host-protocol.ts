import type { PeerEvents, PeerOperations, PeerOptions, PeerState } from './peer-connection.ts'

/** Name of an operation that a peer in a host process can be asked for. */
export type PeerOperationName = keyof PeerOperations

/** The operations as a host process offers them: what the library does at once needs no promise. */
export type HostedOperations = {
  readonly [Name in PeerOperationName]: (
    ...given: Parameters<PeerOperations[Name]>
  ) => ReturnType<PeerOperations[Name]> | Awaited<ReturnType<PeerOperations[Name]>>
}

/** From the parent to a host process. `peer` and `id` are drawn by the parent. */
export type HostRequest =
  | { readonly kind: 'open'; readonly id: number; readonly peer: number; readonly options: PeerOptions }
  | {
      readonly kind: 'operation'
      readonly id: number
      readonly peer: number
      readonly operation: PeerOperationName
      readonly arguments: readonly unknown[]
    }
  | { readonly kind: 'exit' }

/** Events that a host sends: all but the one that tells of its own death. */
export type HostEventName = Exclude<keyof PeerEvents, 'failure'>

/** From a host process to the parent. `state` is that of the peer when the message was sent. */
export type HostMessage =
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown; readonly state?: PeerState }
  | {
      readonly kind: 'refusal'
      readonly id: number
      readonly errorName: string
      readonly detail: string
      readonly state?: PeerState
    }
  | {
      readonly kind: 'event'
      readonly peer: number
      readonly type: HostEventName
      readonly detail: unknown
      readonly state: PeerState
    }

/**
 * Environment of a host process, for tests of the kit itself. `crashAt` and `hangAt` hold the name of an operation at
 * which the host kills itself or never answers; `module` the name of a module to load instead of `wrtc`.
 */
export const hostEnvironment = {
  crashAt: 'PARLEY_PEER_CRASH_AT',
  hangAt: 'PARLEY_PEER_HANG_AT',
  module: 'PARLEY_PEER_MODULE',
} as const

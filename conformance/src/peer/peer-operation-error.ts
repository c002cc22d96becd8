/**
 * A peer refused one operation, as an RTCPeerConnection rejects a promise. The peer itself goes on.
 * Whether the cause lies with the caller, the library or what signaling delivered, the one who made the call decides.
 */
export class PeerOperationError extends Error {
  override readonly name = 'PeerOperationError'
  /** The refused operation, such as `setRemoteDescription`. */
  readonly operation: string
  /** Name of the library's own error, often that of a DOMException: `InvalidStateError`, `TypeError`. */
  readonly errorName: string

  constructor(operation: string, errorName: string, detail: string) {
    super(`Peer refused ${operation}: ${errorName}: ${detail}`)
    this.operation = operation
    this.errorName = errorName
  }
}

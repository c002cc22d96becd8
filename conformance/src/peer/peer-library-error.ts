/**
 * The WebRTC library behind a peer failed: it is not installed, its process died, or it did not answer in time.
 * Nothing follows from it about the signaling server, so a check reports it as "could not run".
 */
export class PeerLibraryError extends Error {
  override readonly name = 'PeerLibraryError'
}

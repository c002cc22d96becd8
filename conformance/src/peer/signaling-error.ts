/**
 * Signaling delivered something that the call cannot use: a description or candidate that the peer refuses,
 * a number out of turn, an answer to nothing. What was sent and what arrived decide who is to blame.
 */
export class SignalingError extends Error {
  override readonly name = 'SignalingError'
}

import type {
  Answer,
  Candidate,
  DeliveredAnswer,
  DeliveredCandidate,
  DeliveredHangup,
  DeliveredOffer,
  Hangup,
  Offer,
} from '@parley/schemas'

/** A message of the negotiation chapter, as an endpoint sends it. */
export type CallMessage = Offer | Answer | Candidate | Hangup

/** A message of the negotiation chapter, as the server delivers it. */
export type DeliveredCallMessage = DeliveredOffer | DeliveredAnswer | DeliveredCandidate | DeliveredHangup

/** The way out of an endpoint; what comes in goes to `CallEndpoint.receive`. */
export interface CallSignaling {
  /** Sends in the order of the calls. A rejection becomes an error of the call that the message belongs to. */
  send(message: CallMessage): Promise<void> | void
}

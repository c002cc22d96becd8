/**
 * Every message of the Parley signaling protocol: definitions, types, checks, and the tables of codes and limits.
 *
 * @packageDocumentation
 */
export { defineMediated, defineMessage } from './define-message.ts'
export type {
  DeliveredOf,
  Direction,
  MediatedDefinition,
  MediatedOptions,
  MessageDefinition,
  MessageOf,
  MessageOptions,
} from './define-message.ts'

export { definitions, messages } from './messages/index.ts'
export type {
  ClientMessage,
  ClientMessageOf,
  ClientMessageType,
  Message,
  MessageType,
  RelayedMessageType,
  ServerMessage,
  ServerMessageOf,
  ServerMessageType,
} from './messages/index.ts'

export { accept, type Accept, type DeliveredAccept } from './messages/accept.ts'
export { ack, type Ack, type DeliveredAck } from './messages/ack.ts'
export { answer, type Answer, type DeliveredAnswer } from './messages/answer.ts'
export { auth, type Auth } from './messages/auth.ts'
export { authenticated, type Authenticated } from './messages/authenticated.ts'
export { bye, type Bye } from './messages/bye.ts'
export { callEnded, type CallEnded } from './messages/call-ended.ts'
export { cancel, type Cancel, type DeliveredCancel } from './messages/cancel.ts'
export { candidate, type Candidate, type DeliveredCandidate } from './messages/candidate.ts'
export { custom, isCustom, isCustomType, type Custom, type DeliveredCustom } from './messages/custom.ts'
export { error, type ErrorMessage } from './messages/error.ts'
export { find, type Find } from './messages/find.ts'
export { found, type Found } from './messages/found.ts'
export { getIceServers, type GetIceServers } from './messages/get-ice-servers.ts'
export { goaway, type Goaway } from './messages/goaway.ts'
export { hangup, type DeliveredHangup, type Hangup } from './messages/hangup.ts'
export { hello, type Hello } from './messages/hello.ts'
export { iceServers, type IceServers } from './messages/ice-servers.ts'
export { invite, type DeliveredInvite, type Invite } from './messages/invite.ts'
export { join, type Join } from './messages/join.ts'
export { joined, type Joined } from './messages/joined.ts'
export { leave, type Leave } from './messages/leave.ts'
export { left, type Left } from './messages/left.ts'
export { offer, type DeliveredOffer, type Offer } from './messages/offer.ts'
export { ok, type Ok } from './messages/ok.ts'
export { peerJoined, type PeerJoined } from './messages/peer-joined.ts'
export { peerLeft, type PeerLeft } from './messages/peer-left.ts'
export { peerUpdated, type PeerUpdated } from './messages/peer-updated.ts'
export { ping, type Ping } from './messages/ping.ts'
export { pong, type Pong } from './messages/pong.ts'
export { presence, type Presence } from './messages/presence.ts'
export { reject, type DeliveredReject, type Reject } from './messages/reject.ts'
export { resume, type Resume } from './messages/resume.ts'
export { resumed, type Resumed } from './messages/resumed.ts'
export { ringing, type DeliveredRinging, type Ringing } from './messages/ringing.ts'
export { unwatch, type Unwatch } from './messages/unwatch.ts'
export { update, type Update } from './messages/update.ts'
export { watch, type Watch } from './messages/watch.ts'
export { welcome, type Welcome } from './messages/welcome.ts'

export {
  callForms,
  isCallRelay,
  type CallAnswer,
  type CallCandidate,
  type CallFormDefinition,
  type CallHangup,
  type CallOffer,
  type CallRelay,
  type DeliveredCallAnswer,
  type DeliveredCallCandidate,
  type DeliveredCallHangup,
  type DeliveredCallOffer,
  type DeliveredCallRelay,
  type InCall,
} from './call-form.ts'
export { publishedForms, type PublishedForm } from './published-form.ts'

export {
  checkClientMessage,
  checkClientMessageInCalls,
  checkServerMessage,
  checkServerMessageInCalls,
  type CheckResult,
  type Refusal,
} from './check-message.ts'

export type { Constraint, ConstraintKind } from './constraint.ts'
export { constraintBrokenBy, constraintsOfMessage, type MessageForm } from './message-constraint.ts'

export { closeCodeOf, errorCodeOf, standardCloseCodes, type StandardCloseCode } from './close-code.ts'
export { errorCodes, ErrorCode, type ErrorCodeDefinition, type KnownErrorCode } from './error-code.ts'
export { limits, Limits, type LimitDefinition, type LimitName } from './limit.ts'
export {
  callEndReasons,
  CallEndReason,
  cancelledReasons,
  CancelledReason,
  cancelReasons,
  CancelReason,
  hangupReasons,
  HangupReason,
  leaveReasons,
  LeaveReason,
  rejectedReasons,
  RejectedReason,
  rejectReasons,
  RejectReason,
} from './reason.ts'
export { machines } from './generated/machine.ts'
export {
  eventsIn,
  statesOf,
  refusalIn,
  transitionsOf,
  type CaseOf,
  type EventOf,
  type MachineName,
  type StateOf,
  type StateRefusal,
  type StatesOf,
  type Transition,
} from './machine.ts'
export { protocolVersion, ProtocolVersion, subprotocol } from './protocol-version.ts'

export { Acknowledgement } from './acknowledgement.ts'
export { Agent } from './agent.ts'
export { AuthMethod, tokenMethod } from './auth-method.ts'
export {
  capabilities,
  Capabilities,
  CapabilitiesInForce,
  capabilityNames,
  isCapabilityName,
  type CapabilityDefinition,
  type CapabilityName,
  type ParametersOf,
} from './capability.ts'
export { capabilityOf } from './capability-of.ts'
export { Data } from './data.ts'
export { Cursor, FoundRoom, FoundUser, Kind } from './discovery.ts'
export { Grant, PrefixGrant, RoomGrant } from './grant.ts'
export { IceServer, iceServerURLPattern, isTurnServer, StunServer, TurnServer } from './ice-server.ts'
export { IceCandidateInit } from './ice-candidate-init.ts'
export { MessageId, PeerId, RoomName, SessionSecret, UserId } from './identifier.ts'
export { Member, Revision } from './member.ts'
export { CalledPeer, CalledUser, Callee, Party } from './party.ts'
export { CallId, Label, Negotiation, Sdp } from './negotiation.ts'
export { VendorName } from './vendor-name.ts'
export { sharedFields } from './shared-field.ts'

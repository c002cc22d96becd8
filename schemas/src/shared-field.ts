import type { TSchema } from '@sinclair/typebox'
import { Acknowledgement } from './acknowledgement.ts'
import { Agent } from './agent.ts'
import { AuthMethod } from './auth-method.ts'
import { Capabilities, CapabilitiesInForce } from './capability.ts'
import { Data } from './data.ts'
import { Cursor, FoundRoom, FoundUser, Kind } from './discovery.ts'
import { ErrorCode } from './error-code.ts'
import { Grant, PrefixGrant, RoomGrant } from './grant.ts'
import { IceCandidateInit } from './ice-candidate-init.ts'
import { IceServer, StunServer, TurnServer } from './ice-server.ts'
import { MessageId, PeerId, RoomName, SessionSecret, UserId } from './identifier.ts'
import { Limits } from './limit.ts'
import { Member, Revision } from './member.ts'
import { Callee, CalledPeer, CalledUser, Party } from './party.ts'
import { CallId, Label, Negotiation, Sdp } from './negotiation.ts'
import { ProtocolVersion } from './protocol-version.ts'
import {
  CallEndReason,
  CancelledReason,
  CancelReason,
  HangupReason,
  LeaveReason,
  RejectedReason,
  RejectReason,
} from './reason.ts'
import { VendorName } from './vendor-name.ts'

/** The fields that messages share: each becomes one definition of the published JSON Schemas, named by its title. */
export const sharedFields = {
  MessageId,
  PeerId,
  SessionSecret,
  RoomName,
  UserId,
  VendorName,
  ProtocolVersion,
  Capabilities,
  CapabilitiesInForce,
  Agent,
  Limits,
  AuthMethod,
  RoomGrant,
  PrefixGrant,
  Grant,
  ErrorCode,
  Data,
  Member,
  Revision,
  LeaveReason,
  CallId,
  Negotiation,
  Sdp,
  Label,
  IceCandidateInit,
  HangupReason,
  CalledPeer,
  CalledUser,
  Callee,
  Party,
  RejectReason,
  RejectedReason,
  CancelReason,
  CancelledReason,
  CallEndReason,
  StunServer,
  TurnServer,
  IceServer,
  Kind,
  Cursor,
  FoundRoom,
  FoundUser,
  Acknowledgement,
} as const satisfies Readonly<Record<string, TSchema>>

/**
 * The reference signaling server of the Parley protocol, to run or to embed.
 *
 * @packageDocumentation
 */
export { createServer, type Listening, type Seams, type Server, type ServerOptions } from './server.ts'
export { defaultOptions, OptionError, Options, type OptionName } from './option.ts'
export type { AddressLimitOptions, AddressLimits } from './address/address-limits.ts'
export type { Authentication, Authenticator, TokenEntry } from './authentication.ts'
export type { PartyEvent, Telling } from './calls/call.ts'
export type { InvitePermission, InviteQuestion } from './calls/invite-rule.ts'
export type { CallRegistry, CallResult, Invitation } from './calls/registry.ts'
export type { Resumable, SessionKeeper, Sessions } from './resume/registry.ts'
export type { Sequence, SequencePlace } from './resume/sequence.ts'
export type { Clock } from './clock.ts'
export type { Client, Reminder } from './client.ts'
export type {
  Awaitable,
  Departure,
  Directory,
  Joining,
  JoinResult,
  ListedRoom,
  Reach,
  RoomsWanted,
  UpdateResult,
} from './directory.ts'
export type { CursorSeal, Place } from './discovery/cursor.ts'
export type { FindRate } from './discovery/find-rate.ts'
export type {
  NamesWanted,
  PresenceRegistry,
  Sighting,
  WatchedUser,
  WatchResult,
} from './discovery/registry.ts'
export type { SightQuestion, SightRule } from './discovery/sight-rule.ts'
export type { Draining } from './draining.ts'
export type { Frame } from './frame.ts'
export type { CustomHandler, Handler, Handlers } from './handler.ts'
export { defaultHandlers } from './handlers/index.ts'
export type { Health } from './http.ts'
export type { Asker, IceServersOffer, IceServerSource } from './ice/source.ts'
export type { RandomSource } from './identity.ts'
export type { Journal } from './journal.ts'
export { createLog, silentLog, type Log, type LogFormat, type LogLevel } from './log.ts'
export type { Notice, RoomMember } from './room.ts'
export type { Receiver, Router } from './router.ts'
export type { Services } from './services.ts'

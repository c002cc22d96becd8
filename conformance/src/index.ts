/**
 * Runs real WebRTC peers against any signaling server's URL and says, with evidence, whether it conforms to Parley.
 *
 * @packageDocumentation
 */
export { runConformance, type RunSeams } from './engine/run.ts'
export type { CallRole } from './peer/negotiation-number.ts'
export type { SignalingError } from './peer/signaling-error.ts'
export { CallEndpoint, type CallEndpointEvents, type CallEndpointOptions } from './peer/call-endpoint.ts'
export type { Call, CallEnd, CallPlace } from './peer/call.ts'
export type { CallLog, CallLogEntry, CallStep, DescriptionDigest } from './peer/call-log.ts'
export type { CallMessage, CallSignaling, DeliveredCallMessage } from './peer/call-message.ts'
export type { CallOptions } from './peer/call-options.ts'
export { statsUntil } from './peer/stats-until.ts'
export { createPeers, peerKinds, type PeerKind, type Peers } from './peer/create-peers.ts'
export type {
  Descriptions,
  MediaKind,
  PeerConnection,
  PeerEvents,
  PeerOptions,
  PeerSource,
  PeerState,
  PeerStats,
  RTCIceCandidateInit,
  RTCIceServer,
  RTCRtpTransceiverDirection,
  RTCSessionDescriptionInit,
  SelectedCandidate,
  TransceiverState,
  TriedPair,
} from './peer/peer-connection.ts'
export type { PeerLibraryError } from './peer/peer-library-error.ts'
export { causesOf, type Cause } from './engine/fault-group.ts'
export type { ConformanceEvent, ConformanceOptions } from './engine/options.ts'
export {
  RunResultSchema,
  legs,
  type CheckResult,
  type Leg,
  type RunResult,
  type Selection,
} from './engine/result.ts'
export {
  checkVerdicts,
  runVerdicts,
  type CheckVerdict,
  type RunVerdict,
  type Tally,
} from './engine/verdict.ts'
export { checks } from './checks/index.ts'
export { notTested } from './checks/not-tested.ts'
export type { Check, CheckOptions } from './engine/check.ts'
export { readCliOptions, type CliOptions } from './cli-options.ts'
export { UsageError } from './commands/arguments.ts'
export { BaselineSchema, type Baseline } from './engine/baseline.ts'
export { InputError } from './input/json-input.ts'
export { exitCodes } from './exit-code.ts'
export { main } from './cli.ts'
export type { CliEnvironment } from './commands/environment.ts'
export type { Keyboard } from './watch/keyboard.ts'
export type { ReportKind, ReportRequest } from './report/report-kind.ts'
export type { ProgressStream } from './report/progress.ts'
export type { WrtcPoolOptions } from './peer/wrtc.ts'
export type { Line } from './fuzz/world.ts'
export { runFuzz, type FuzzOptions, type FuzzProgress } from './fuzz/run.ts'
export type { FuzzFinding, FuzzResult, FuzzVerdict } from './fuzz/result.ts'
export type { MemoryTrend } from './fuzz/memory.ts'
export { fuzzReport } from './fuzz/fuzz-report.ts'
export { SelectionError } from './engine/select.ts'
export { CredentialError } from './target/credential.ts'
export { TargetOptionError } from './target/option-error.ts'
export type { DrainMaker } from './target/drain-command.ts'
export type { TokenMaker } from './target/token-source.ts'
export { TargetProblem } from './target/target-problem.ts'
export type { TranscriptEntry } from './endpoint/transcript.ts'
export {
  requirements,
  type ClientRequirementId,
  type Requirement,
  type RequirementId,
  type ServerRequirementId,
} from './generated/requirement.ts'

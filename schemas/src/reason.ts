import { Type, type Static, type TLiteral } from '@sinclair/typebox'
import { VendorName } from './vendor-name.ts'

/** Why a peer is no longer a member of a room: every reason of `left` and `peer-left`, with its meaning. */
export const leaveReasons = {
  leave: 'The peer sent leave.',
  bye: 'The peer said bye, and its connection ended in order.',
  lost: 'The connection of the peer was lost.',
  kicked: 'The operator removed the peer.',
  expired: 'The authentication of the peer ran out.',
  replaced: 'A later connection of the same owner replaced this one.',
} as const satisfies Record<string, string>

/** Why a call ended: every reason of `hangup`, with its meaning. */
export const hangupReasons = {
  normal: 'The user or the application ended the call.',
  glare: 'Another call of the same two peers, offered at the same moment, goes on instead.',
  incompatible: 'The offer or answer cannot be used: nothing in common.',
  failed: 'The connection between the peers failed.',
  timeout: 'The other peer did not act in time.',
} as const satisfies Record<string, string>

/** Why an endpoint does not take a call that rings: every reason of a `reject` that a client sends, with its meaning. */
export const rejectReasons = {
  declined: 'The user does not take the call: it rings nowhere any more.',
  busy: 'This endpoint cannot take the call; others go on ringing.',
} as const satisfies Record<string, string>

/** Why nobody has taken a call: every reason of a `reject` that the caller reads, with its meaning. */
export const rejectedReasons = {
  ...rejectReasons,
  timeout: 'Nobody has taken the call in time.',
  glare: 'A call of the callee to the caller, made at the same moment, goes on instead.',
  lost: 'The last endpoint that rang is no longer connected.',
} as const satisfies Record<string, string>

/** Why the caller gives up a call that rings: every reason of a `cancel` that a client sends, with its meaning. */
export const cancelReasons = {
  normal: 'The user or the application has given up.',
} as const satisfies Record<string, string>

/** Why an endpoint is to ring no more: every reason of a `cancel` that it reads, with its meaning. */
export const cancelledReasons = {
  ...cancelReasons,
  timeout: 'Nobody has taken the call in time.',
  'answered-elsewhere': 'Another endpoint of the user has taken the call.',
  'declined-elsewhere': 'The user has declined the call at another endpoint.',
  glare: 'A call of this user to the caller, made at the same moment, goes on instead.',
  lost: 'The caller is no longer connected.',
} as const satisfies Record<string, string>

/** Why the server says that a call is over: every reason of `call-ended`, with its meaning. */
export const callEndReasons = {
  lost: 'The other party is no longer connected.',
} as const satisfies Record<string, string>

function reasonOf<Reason extends string>(
  table: Readonly<Record<Reason, string>>,
  title: string,
  description: string,
) {
  const literals = Object.keys(table).map((reason) => Type.Literal(reason as Reason))
  const known = Type.Unsafe<Reason>(Type.Union(literals as [TLiteral<Reason>, TLiteral<Reason>]))
  return Type.Union([known, VendorName], { title, description })
}

/** Reason of `left` and `peer-left`: a word of {@link leaveReasons} or a reverse-domain name. */
export const LeaveReason = reasonOf(
  leaveReasons,
  'LeaveReason',
  `Why the membership ended: ${Object.keys(leaveReasons).join(', ')}, or a reverse-domain name.`,
)
/** A value of the schema of this name. */
export type LeaveReason = Static<typeof LeaveReason>

/** Reason of `hangup`: a word of {@link hangupReasons} or a reverse-domain name. */
export const HangupReason = reasonOf(
  hangupReasons,
  'HangupReason',
  `Why the call ended: ${Object.keys(hangupReasons).join(', ')}, or a reverse-domain name.`,
)
/** A value of the schema of this name. */
export type HangupReason = Static<typeof HangupReason>

/** Reason of a `reject` as a client sends it: a word of {@link rejectReasons} or a reverse-domain name. */
export const RejectReason = reasonOf(
  rejectReasons,
  'RejectReason',
  `Why this endpoint does not take the call: ${Object.keys(rejectReasons).join(', ')}, or a reverse-domain name, which declines, too.`,
)
/** A value of the schema of this name. */
export type RejectReason = Static<typeof RejectReason>

/** Reason of a `reject` as the caller reads it: a word of {@link rejectedReasons} or a reverse-domain name. */
export const RejectedReason = reasonOf(
  rejectedReasons,
  'RejectedReason',
  `Why nobody has taken the call: ${Object.keys(rejectedReasons).join(', ')}, or a reverse-domain name.`,
)
/** A value of the schema of this name. */
export type RejectedReason = Static<typeof RejectedReason>

/** Reason of a `cancel` as the caller sends it: a word of {@link cancelReasons} or a reverse-domain name. */
export const CancelReason = reasonOf(
  cancelReasons,
  'CancelReason',
  `Why the caller gives up: ${Object.keys(cancelReasons).join(', ')}, or a reverse-domain name.`,
)
/** A value of the schema of this name. */
export type CancelReason = Static<typeof CancelReason>

/** Reason of a `cancel` as an endpoint that rang reads it: a word of {@link cancelledReasons} or a reverse-domain name. */
export const CancelledReason = reasonOf(
  cancelledReasons,
  'CancelledReason',
  `Why the endpoint is to ring no more: ${Object.keys(cancelledReasons).join(', ')}, or a reverse-domain name.`,
)
/** A value of the schema of this name. */
export type CancelledReason = Static<typeof CancelledReason>

/** Reason of `call-ended`: a word of {@link callEndReasons} or a reverse-domain name. */
export const CallEndReason = reasonOf(
  callEndReasons,
  'CallEndReason',
  `Why the call is over: ${Object.keys(callEndReasons).join(', ')}, or a reverse-domain name.`,
)
/** A value of the schema of this name. */
export type CallEndReason = Static<typeof CallEndReason>

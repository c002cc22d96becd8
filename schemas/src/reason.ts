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

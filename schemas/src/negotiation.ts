import { Type, type Static } from '@sinclair/typebox'
import { printableAscii } from './printable-ascii.ts'

/** Names one call between two peers: 32 lower-case hexadecimal digits (128 random bits), drawn by the first offerer. */
export const CallId = Type.String({
  title: 'CallId',
  description:
    'Names a call: 32 lower-case hexadecimal digits, 128 random bits drawn by the peer that offers first.',
  pattern: '^[0-9a-f]{32}$',
})
/** A value of the schema of this name. */
export type CallId = Static<typeof CallId>

/**
 * Numbers the descriptions of one call: an integer of 1 to 2^53 - 1.
 * The caller's offers are odd, the callee's even; an answer repeats the number of its offer.
 */
export const Negotiation = Type.Integer({
  title: 'Negotiation',
  description:
    "Names one description of the call: an integer of 1 to 9007199254740991. The caller's offers are odd, the callee's even; an answer and its candidates repeat the number.",
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
})
/** A value of the schema of this name. */
export type Negotiation = Static<typeof Negotiation>

/** The `sdp` member of an `RTCSessionDescriptionInit` (W3C WebRTC, section 4.6.2): opaque, carried unchanged. */
export const Sdp = Type.String({
  title: 'Sdp',
  description:
    'The sdp of an RTCSessionDescriptionInit. Opaque: CRLF, trailing newline and unknown lines are carried unchanged. No bound but limits.messageBytes.',
})
/** A value of the schema of this name. */
export type Sdp = Static<typeof Sdp>

/** Tells apart several calls of the same two peers in one room: 1 to 64 printable ASCII characters. */
export const Label = printableAscii(
  1,
  64,
  'Label',
  'Tells apart several calls of the same two peers in one room; absent counts as equal.',
)
/** A value of the schema of this name. */
export type Label = Static<typeof Label>

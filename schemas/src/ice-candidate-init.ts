import { Type, type Static } from '@sinclair/typebox'

/**
 * An `RTCIceCandidateInit` (W3C WebRTC, section 4.8.1) whose `usernameFragment` is required.
 *
 * End-of-candidates is `candidate: ""`; without `sdpMid` and `sdpMLineIndex` it speaks for every media section
 * (RFC 8838, section 8.2).
 */
export const IceCandidateInit = Type.Object(
  {
    candidate: Type.String({
      description: 'A candidate-attribute of RFC 8839, section 5.1; empty for end-of-candidates.',
    }),
    sdpMid: Type.Optional(
      Type.Union([Type.String(), Type.Null()], { description: 'The mid of the media section, or null.' }),
    ),
    sdpMLineIndex: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0, maximum: 65_535 }), Type.Null()], {
        description: 'The index of the media section, an integer of 0 to 65535, or null.',
      }),
    ),
    usernameFragment: Type.String({
      description:
        'The ice-ufrag that the candidate belongs to: 4 to 256 characters of A-Z, a-z, 0-9, "+" and "/" (RFC 8839, section 5.4).',
      pattern: '^[A-Za-z0-9+/]{4,256}$',
    }),
  },
  { title: 'IceCandidateInit', description: 'An RTCIceCandidateInit whose usernameFragment is required.' },
)
/** A value of the schema of this name. */
export type IceCandidateInit = Static<typeof IceCandidateInit>

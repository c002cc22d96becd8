import { defineMessage, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { IceCandidateInit } from '../ice-candidate-init.ts'
import { CallId, Negotiation } from '../negotiation.ts'

/** Every candidate arrives exactly once and in order (RFC 8838, section 18). */
export const candidate = defineMessage('candidate', {
  direction: 'relayed',
  summary: 'Hands one ICE candidate, or the end of candidates, to one peer.',
  fields: {
    call: CallId,
    negotiation: describedAs(
      Negotiation,
      'The number of the last description that the sender sent: an integer of 1 to 9007199254740991.',
    ),
    candidate: IceCandidateInit,
  },
  examples: [
    {
      type: 'candidate',
      to: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg',
      room: 'lobby',
      call: '4f9d0c2ab7e84c1fa3365b9e0d7c1822',
      negotiation: 1,
      candidate: {
        candidate:
          'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0',
        sdpMid: '0',
        sdpMLineIndex: 0,
        usernameFragment: 'EsAw',
      },
    },
    {
      type: 'candidate',
      to: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg',
      room: 'lobby',
      call: '4f9d0c2ab7e84c1fa3365b9e0d7c1822',
      negotiation: 1,
      candidate: { candidate: '', usernameFragment: 'EsAw' },
    },
  ],
})
/** Hands one ICE candidate, or the end of candidates, to one peer. @interface */
export type Candidate = MessageOf<typeof candidate>
/** The same as its receiver reads it, with `from`. @interface */
export type DeliveredCandidate = DeliveredOf<typeof candidate>

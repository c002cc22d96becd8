import { defineMessage, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { CallId, Negotiation, Sdp } from '../negotiation.ts'

/** An `RTCSessionDescriptionInit`, whose `type` is the message's own, with the `negotiation` of its offer. */
export const answer = defineMessage('answer', {
  direction: 'relayed',
  summary: 'Accepts an offer with a session description.',
  fields: {
    call: CallId,
    negotiation: describedAs(
      Negotiation,
      'The number of the offer that it answers: an integer of 1 to 9007199254740991.',
    ),
    sdp: Sdp,
  },
  examples: [
    {
      type: 'answer',
      to: 'V1StGXR8_Z5jdHi6B-myT0q3',
      room: 'lobby',
      call: '4f9d0c2ab7e84c1fa3365b9e0d7c1822',
      negotiation: 1,
      sdp: 'v=0\r\no=- 2890844730 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n',
    },
  ],
})
/** Accepts an offer with a session description. @interface */
export type Answer = MessageOf<typeof answer>
/** The same as its receiver reads it, with `from`. @interface */
export type DeliveredAnswer = DeliveredOf<typeof answer>

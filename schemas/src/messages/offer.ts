import { Type } from '@sinclair/typebox'
import { defineMessage, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { CallId, Label, Negotiation, Sdp } from '../negotiation.ts'

/** An `RTCSessionDescriptionInit`, whose `type` is the message's own, with its place in a call. */
export const offer = defineMessage('offer', {
  direction: 'relayed',
  summary: 'Proposes a session description to one peer.',
  fields: { call: CallId, negotiation: Negotiation, sdp: Sdp, label: Type.Optional(Label) },
  examples: [
    {
      type: 'offer',
      id: '9',
      to: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg',
      room: 'lobby',
      call: '4f9d0c2ab7e84c1fa3365b9e0d7c1822',
      negotiation: 1,
      label: 'screen',
      sdp: 'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n',
    },
  ],
})
/** Proposes a session description to one peer. @interface */
export type Offer = MessageOf<typeof offer>
/** The same as its receiver reads it, with `from`. @interface */
export type DeliveredOffer = DeliveredOf<typeof offer>

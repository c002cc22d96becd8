import { defineMessage, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { CallId } from '../negotiation.ts'
import { HangupReason } from '../reason.ts'

/** After it the call id is never used again. For a call not known it is ignored. */
export const hangup = defineMessage('hangup', {
  direction: 'relayed',
  summary: 'Ends a call, for both peers.',
  fields: { call: CallId, reason: HangupReason },
  examples: [
    {
      type: 'hangup',
      to: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg',
      room: 'lobby',
      call: '4f9d0c2ab7e84c1fa3365b9e0d7c1822',
      reason: 'normal',
    },
  ],
})
/** Ends a call, for both peers. @interface */
export type Hangup = MessageOf<typeof hangup>
/** The same as its receiver reads it, with `from`. @interface */
export type DeliveredHangup = DeliveredOf<typeof hangup>

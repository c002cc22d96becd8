import { defineMessage, type MessageOf } from '../define-message.ts'
import { CallId } from '../negotiation.ts'
import { CallEndReason } from '../reason.ts'

/** Where the other party could not say `hangup` itself. */
export const callEnded = defineMessage('call-ended', {
  direction: 'server',
  capability: 'calls',
  summary: 'Says that a call which had been taken is over.',
  fields: { call: CallId, reason: CallEndReason },
  examples: [{ type: 'call-ended', call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58', reason: 'lost' }],
})
/** Says that a call which had been taken is over. @interface */
export type CallEnded = MessageOf<typeof callEnded>

import { defineMediated, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { CallId } from '../negotiation.ts'

/** The caller is told of the first one only, and not of which endpoint. */
export const ringing = defineMediated('ringing', {
  capability: 'calls',
  summary: 'Says that the user is being alerted.',
  sent: { call: CallId },
  told: { call: CallId },
  examples: [{ type: 'ringing', id: '8', call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58' }],
  toldExamples: [{ type: 'ringing', call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58' }],
})
/** Says that the user is being alerted. @interface */
export type Ringing = MessageOf<typeof ringing>
/** The same as the caller reads it. @interface */
export type DeliveredRinging = DeliveredOf<typeof ringing>

import { defineMediated, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { CallId } from '../negotiation.ts'
import { RejectedReason, RejectReason } from '../reason.ts'

/** `busy` takes one endpoint out, everything else ends the call. */
export const reject = defineMediated('reject', {
  capability: 'calls',
  summary: 'Does not take a call that rings; to the caller it says that nobody has taken it.',
  sent: { call: CallId, reason: RejectReason },
  told: { call: CallId, reason: RejectedReason },
  examples: [{ type: 'reject', id: '8', call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58', reason: 'busy' }],
  toldExamples: [{ type: 'reject', call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58', reason: 'timeout' }],
})
/** Does not take a call that rings; to the caller it says that nobody has taken it. @interface */
export type Reject = MessageOf<typeof reject>
/** The same as the caller reads it. @interface */
export type DeliveredReject = DeliveredOf<typeof reject>

import { defineMediated, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { CallId } from '../negotiation.ts'
import { CancelledReason, CancelReason } from '../reason.ts'

/** Once somebody has taken the call it is `hangup` that ends it. */
export const cancel = defineMediated('cancel', {
  capability: 'calls',
  summary: 'Gives up a call that rings; an endpoint that reads it rings no more.',
  sent: { call: CallId, reason: CancelReason },
  told: { call: CallId, reason: CancelledReason },
  examples: [{ type: 'cancel', id: '8', call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58', reason: 'normal' }],
  toldExamples: [{ type: 'cancel', call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58', reason: 'answered-elsewhere' }],
})
/** Gives up a call that rings; an endpoint that reads it rings no more. @interface */
export type Cancel = MessageOf<typeof cancel>
/** The same as an endpoint reads it that rang. @interface */
export type DeliveredCancel = DeliveredOf<typeof cancel>

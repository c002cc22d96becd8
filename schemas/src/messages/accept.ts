import { defineMediated, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { CallId } from '../negotiation.ts'
import { Party } from '../party.ts'

/** The first one wins; every other endpoint that rings is told with `cancel`. */
export const accept = defineMediated('accept', {
  capability: 'calls',
  summary: 'Takes a call that rings; to the caller it says who has taken it.',
  sent: { call: CallId },
  told: { call: CallId, callee: describedAs(Party, 'Who has taken the call, as the server knows it.') },
  examples: [{ type: 'accept', id: '8', call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58' }],
  toldExamples: [
    {
      type: 'accept',
      call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58',
      callee: { peer: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg', user: 'ben' },
    },
  ],
})
/** Takes a call that rings; to the caller it says who has taken it. @interface */
export type Accept = MessageOf<typeof accept>
/** The same as the caller reads it. @interface */
export type DeliveredAccept = DeliveredOf<typeof accept>

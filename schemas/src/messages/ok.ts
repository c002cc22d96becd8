import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { MessageId } from '../identifier.ts'

/** For a relayed message: accepted for delivery, in order. */
export const ok = defineMessage('ok', {
  direction: 'server',
  summary: 'Says that a message with an id and without a typed reply has succeeded.',
  fields: { ref: describedAs(MessageId, 'The id of the message that has succeeded, as it came.') },
  examples: [{ type: 'ok', ref: '4' }],
})
/** Says that a message with an id and without a typed reply has succeeded. @interface */
export type Ok = MessageOf<typeof ok>

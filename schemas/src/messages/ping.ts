import { defineMessage, type MessageOf } from '../define-message.ts'

/** Allowed before authentication; any other frame is a sign of life too. */
export const ping = defineMessage('ping', {
  direction: 'client',
  summary: 'Asks for a sign of life.',
  reply: 'pong',
  fields: {},
  examples: [{ type: 'ping' }, { type: 'ping', id: '3' }],
})
/** Asks for a sign of life. @interface */
export type Ping = MessageOf<typeof ping>

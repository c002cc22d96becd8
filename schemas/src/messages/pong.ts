import { defineMessage, type MessageOf } from '../define-message.ts'

/** Typed reply to `ping`. */
export const pong = defineMessage('pong', {
  direction: 'server',
  summary: 'Answers ping.',
  fields: {},
  examples: [{ type: 'pong' }, { type: 'pong', ref: '3' }],
})
/** Answers ping. @interface */
export type Pong = MessageOf<typeof pong>

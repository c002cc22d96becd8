import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'

/** Answered by the orderly end of the connection; the rooms of the peer see `peer-left` with `bye`. */
export const bye = defineMessage('bye', {
  direction: 'client',
  summary: 'Ends the connection in order.',
  fields: {
    reason: Type.Optional(Type.String({ description: 'Why the client leaves; free text, for logs.' })),
  },
  examples: [{ type: 'bye' }, { type: 'bye', reason: 'page closed' }],
})
/** Ends the connection in order. @interface */
export type Bye = MessageOf<typeof bye>

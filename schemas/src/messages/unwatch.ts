import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { UserId } from '../identifier.ts'

/** Users that are not watched are passed over. */
export const unwatch = defineMessage('unwatch', {
  direction: 'client',
  capability: 'discovery',
  summary: 'Ends watches.',
  fields: {
    users: Type.Array(UserId, {
      description: 'The users, one or more. One that is named twice counts once.',
      minItems: 1,
    }),
  },
  examples: [
    { type: 'unwatch', users: ['ben'] },
    { type: 'unwatch', id: '5', users: ['ada', 'ben'] },
  ],
})
/** Ends watches. @interface */
export type Unwatch = MessageOf<typeof unwatch>

import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { UserId } from '../identifier.ts'

/** The outcome is followed by one `presence` for each of the users. */
export const watch = defineMessage('watch', {
  direction: 'client',
  capability: 'discovery',
  summary: 'Asks to be told whether users are online, from now on.',
  fields: {
    users: Type.Array(UserId, {
      description: 'The users, one or more. One that is named twice counts once.',
      minItems: 1,
    }),
  },
  examples: [
    { type: 'watch', users: ['ben'] },
    { type: 'watch', id: '5', users: ['ada', 'ben'] },
  ],
})
/** Asks to be told whether users are online, from now on. @interface */
export type Watch = MessageOf<typeof watch>

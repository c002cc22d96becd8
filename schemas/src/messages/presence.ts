import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { UserId } from '../identifier.ts'

/** Comes once for each user of a `watch`, and then at each change. */
export const presence = defineMessage('presence', {
  direction: 'server',
  capability: 'discovery',
  summary: 'Says whether a user that the client watches is online.',
  fields: {
    user: describedAs(UserId, 'The user, as watch named it.'),
    online: Type.Boolean({
      description: 'Whether at least one peer is authenticated as the user, as far as this client may see.',
    }),
    revision: Type.Integer({
      description:
        'Counts the messages of this watch: 1 for the first, and 1 more with each; an integer of at least 1.',
      minimum: 1,
    }),
  },
  examples: [
    { type: 'presence', user: 'ben', online: false, revision: 1 },
    { type: 'presence', user: 'ben', online: true, revision: 2 },
  ],
})
/** Says whether a user that the client watches is online. @interface */
export type Presence = MessageOf<typeof presence>

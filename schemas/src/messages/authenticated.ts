import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { Grant } from '../grant.ts'
import { UserId } from '../identifier.ts'

/** Typed reply to `auth`. Absent `grants` allow everything, absent `expiresInMs` means without end. */
export const authenticated = defineMessage('authenticated', {
  direction: 'server',
  summary: 'Answers auth: who the user is, what it may do and for how long.',
  fields: {
    user: UserId,
    grants: Type.Optional(
      Type.Array(Grant, {
        description: 'What the user may do; absent means everything, empty means nothing.',
      }),
    ),
    expiresInMs: Type.Optional(
      Type.Integer({
        description:
          'Time until the authentication ends, in milliseconds: an integer of at least 0; absent means it does not.',
        minimum: 0,
      }),
    ),
  },
  examples: [
    {
      type: 'authenticated',
      ref: '2',
      user: 'alice',
      grants: [
        { room: 'lobby', join: true, send: false },
        { prefix: 'team-blue/', join: true, send: true },
      ],
      expiresInMs: 3_600_000,
    },
  ],
})
/** Answers auth: who the user is, what it may do and for how long. @interface */
export type Authenticated = MessageOf<typeof authenticated>

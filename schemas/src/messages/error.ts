import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { ErrorCode } from '../error-code.ts'

/** Outcome of a message that failed, with `ref` if it had an `id`. `code` is one of the error table; `message` is for people. */
export const error = defineMessage('error', {
  direction: 'server',
  summary: 'Says that a message has failed, or why the connection ends.',
  fields: {
    code: ErrorCode,
    message: Type.String({ description: 'What went wrong, for people; never to be parsed.' }),
    fatal: Type.Boolean({ description: 'Whether the server ends the connection after this error.' }),
    of: Type.Optional(Type.String({ description: 'The type of the failed message, as it came.' })),
    to: Type.Optional(Type.String({ description: 'The to of the failed message, as it came.' })),
    room: Type.Optional(Type.String({ description: 'The room of the failed message, as it came.' })),
    call: Type.Optional(Type.String({ description: 'The call of the failed message, as it came.' })),
    retryAfterMs: Type.Optional(
      Type.Integer({
        description:
          'Time after which another attempt makes sense, in milliseconds: an integer of at least 0.',
        minimum: 0,
      }),
    ),
  },
  examples: [
    {
      type: 'error',
      ref: '5',
      code: 'room-full',
      message: 'Cannot join room "lobby": capacity is 2 peers',
      fatal: false,
      of: 'join',
      room: 'lobby',
    },
    { type: 'error', code: 'idle-timeout', message: 'Nothing was heard for 120 s', fatal: true },
  ],
})
/** Says that a message has failed, or why the connection ends. @interface */
export type ErrorMessage = MessageOf<typeof error>

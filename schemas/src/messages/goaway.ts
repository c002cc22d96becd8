import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'

/** Comes unasked, and may come again: the last one holds. What is under way goes on until then. */
export const goaway = defineMessage('goaway', {
  direction: 'server',
  capability: 'drain',
  summary: 'Says that the server is about to end this connection: connect again elsewhere.',
  fields: {
    inMs: Type.Integer({
      description:
        'Time until the server ends the connection, in milliseconds: an integer of 0 to 9007199254740991.',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
    url: Type.Optional(
      Type.String({
        description:
          'Where to connect instead: a URL of 1 to 1000 printable ASCII characters without spaces (U+0021 to U+007E). Without it: the same address.',
        pattern: '^[!-~]{1,1000}$',
      }),
    ),
    reason: Type.Optional(Type.String({ description: 'Why the server ends; free text, for logs.' })),
  },
  examples: [
    { type: 'goaway', inMs: 20_000 },
    {
      type: 'goaway',
      inMs: 20_000,
      url: 'wss://signaling-2.example/parley',
      reason: 'a new version is installed',
    },
  ],
})
/** Says that the server is about to end this connection: connect again elsewhere. @interface */
export type Goaway = MessageOf<typeof goaway>

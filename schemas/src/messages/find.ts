import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { Cursor, Kind } from '../discovery.ts'
import { describedAs } from '../envelope.ts'

/** Without `cursor` it begins a search, with it the search goes on: with the same `kind` and `prefix`. */
export const find = defineMessage('find', {
  direction: 'client',
  capability: 'discovery',
  summary: 'Looks for rooms, or for users that are online.',
  reply: 'found',
  fields: {
    kind: describedAs(Kind, 'What is looked for: rooms, or users that are online.'),
    prefix: Type.Optional(
      Type.String({
        description:
          'What the names begin with, compared exactly: 1 to 128 printable ASCII characters. Absent: all names.',
        pattern: '^[ -~]{1,128}$',
      }),
    ),
    limit: Type.Optional(
      Type.Integer({
        description: 'Most items of this page: an integer of 1 to 1000. The server may give fewer.',
        minimum: 1,
        maximum: 1000,
      }),
    ),
    cursor: Type.Optional(describedAs(Cursor, 'That of the page before, as it came.')),
  },
  examples: [
    { type: 'find', kind: 'users' },
    { type: 'find', id: '3', kind: 'rooms', prefix: 'team/', limit: 2, cursor: 'p0Jx7k2QmZ' },
  ],
})
/** Looks for rooms, or for users that are online. @interface */
export type Find = MessageOf<typeof find>

import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { Cursor, FoundRoom, FoundUser } from '../discovery.ts'
import { describedAs } from '../envelope.ts'

/** Typed reply to `find`: one page. Over all pages of a search the names go up. */
export const found = defineMessage('found', {
  direction: 'server',
  capability: 'discovery',
  summary: 'Answers find: one page of what this client may see.',
  fields: {
    items: Type.Array(Type.Union([FoundRoom, FoundUser]), {
      description: 'Rooms or users, as was asked, in the order of their names.',
    }),
    cursor: Type.Optional(
      describedAs(Cursor, 'Where the search goes on; absent on its last page, and only there.'),
    ),
  },
  examples: [
    { type: 'found', items: [] },
    {
      type: 'found',
      ref: '3',
      items: [
        { room: 'team/blue', members: 3 },
        { room: 'team/green', members: 1 },
      ],
      cursor: 'p0Jx7k2QmZ',
    },
    { type: 'found', ref: '4', items: [{ user: 'ada' }, { user: 'ben' }] },
  ],
})
/** Answers find. @interface */
export type Found = MessageOf<typeof found>

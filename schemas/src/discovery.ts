import { Type, type Static } from '@sinclair/typebox'
import { describedAs } from './envelope.ts'
import { RoomName, UserId } from './identifier.ts'
import { printableAscii } from './printable-ascii.ts'

/** What a search is for. */
export const Kind = Type.Union([Type.Literal('rooms'), Type.Literal('users')], {
  title: 'Kind',
  description: 'What a search is for: rooms, or users that are online.',
})
/** A value of the schema of this name. */
export type Kind = Static<typeof Kind>

/** Where a search goes on: 1 to 512 printable ASCII characters, of which only the server that sent them knows what they mean. */
export const Cursor = printableAscii(
  1,
  512,
  'Cursor',
  'Where a search goes on; opaque, good for the peer that it was sent to.',
)
/** A value of the schema of this name. */
export type Cursor = Static<typeof Cursor>

/** A room that was found. */
export const FoundRoom = Type.Object(
  {
    room: describedAs(RoomName, 'The name of the room.'),
    members: Type.Integer({
      description: 'How many members it has: an integer of at least 1.',
      minimum: 1,
    }),
    user: Type.Optional(Type.Never({ description: 'Never beside room: an item is a room or a user.' })),
  },
  { title: 'FoundRoom', description: 'A room that was found.' },
)
/** A value of the schema of this name. */
export type FoundRoom = Static<typeof FoundRoom>

/** A user that was found. */
export const FoundUser = Type.Object(
  {
    user: describedAs(UserId, 'A user that is online.'),
    room: Type.Optional(Type.Never({ description: 'Never beside user: an item is a room or a user.' })),
  },
  { title: 'FoundUser', description: 'A user that was found: it is online.' },
)
/** A value of the schema of this name. */
export type FoundUser = Static<typeof FoundUser>

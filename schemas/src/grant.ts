import { Type, type Static, type TProperties } from '@sinclair/typebox'
import { RoomName } from './identifier.ts'

const rights = {
  join: Type.Boolean({ description: 'Whether the user may join these rooms.' }),
  send: Type.Boolean({ description: 'Whether the user may send relayed messages in these rooms.' }),
} satisfies TProperties

/** What a user may do in one room. */
export const RoomGrant = Type.Object(
  {
    room: RoomName,
    ...rights,
    prefix: Type.Optional(Type.Never({ description: 'Never beside room: a grant names one or the other.' })),
  },
  { title: 'RoomGrant', description: 'What a user may do in the room of this name.' },
)
/** A value of the schema of this name. */
export type RoomGrant = Static<typeof RoomGrant>

/** What a user may do in all rooms whose name begins alike; the empty prefix means every room. */
export const PrefixGrant = Type.Object(
  {
    prefix: Type.String({
      description:
        'The rooms whose name begins so: 0 to 128 printable ASCII characters; empty means every room.',
      pattern: '^[ -~]{0,128}$',
    }),
    ...rights,
    room: Type.Optional(Type.Never({ description: 'Never beside prefix: a grant names one or the other.' })),
  },
  {
    title: 'PrefixGrant',
    description: 'What a user may do in every room whose name begins with the prefix.',
  },
)
/** A value of the schema of this name. */
export type PrefixGrant = Static<typeof PrefixGrant>

/** What a user may do, for one room by name or for many by prefix. */
export const Grant = Type.Union([RoomGrant, PrefixGrant], {
  title: 'Grant',
  description: 'What a user may do: for one room by name, or for all rooms whose name begins with a prefix.',
})
/** A value of the schema of this name. */
export type Grant = Static<typeof Grant>

import { Type, type Static } from '@sinclair/typebox'
import { Data } from './data.ts'
import { PeerId, UserId } from './identifier.ts'

/** One peer as a member of a room. */
export const Member = Type.Object(
  { peer: PeerId, user: Type.Optional(UserId), data: Type.Optional(Data) },
  {
    title: 'Member',
    description:
      'A member of a room: its peer id, its user if it has authenticated, its data if it gave any.',
  },
)
/** A value of the schema of this name. */
export type Member = Static<typeof Member>

/**
 * Counts the presence messages of one membership: an integer of at least 1, growing by 1 from `joined` on.
 * It says nothing across memberships.
 */
export const Revision = Type.Integer({
  title: 'Revision',
  description:
    'Counts the presence messages of one membership, growing by 1 with each, beginning at joined; an integer of at least 1.',
  minimum: 1,
})
/** A value of the schema of this name. */
export type Revision = Static<typeof Revision>

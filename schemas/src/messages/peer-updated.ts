import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { RoomName } from '../identifier.ts'
import { Member, Revision } from '../member.ts'

/** Follows the `update` or repeated `join` of that member. */
export const peerUpdated = defineMessage('peer-updated', {
  direction: 'server',
  summary: 'Says that another member has changed its data.',
  fields: {
    room: describedAs(RoomName, 'The room in which it happened.'),
    member: describedAs(Member, 'The member as it is now.'),
    revision: Revision,
  },
  examples: [
    {
      type: 'peer-updated',
      room: 'lobby',
      member: { peer: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg', user: 'bob', data: { name: 'Bob', camera: false } },
      revision: 3,
    },
  ],
})
/** Says that another member has changed its data. @interface */
export type PeerUpdated = MessageOf<typeof peerUpdated>

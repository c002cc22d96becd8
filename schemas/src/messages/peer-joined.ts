import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { RoomName } from '../identifier.ts'
import { Member, Revision } from '../member.ts'

/** Comes before anything else from that peer. */
export const peerJoined = defineMessage('peer-joined', {
  direction: 'server',
  summary: 'Says that another peer has entered the room.',
  fields: {
    room: describedAs(RoomName, 'The room in which it happened.'),
    member: describedAs(Member, 'The member as it is now.'),
    revision: Revision,
  },
  examples: [
    {
      type: 'peer-joined',
      room: 'lobby',
      member: { peer: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg', user: 'bob', data: { name: 'Bob' } },
      revision: 2,
    },
  ],
})
/** Says that another peer has entered the room. @interface */
export type PeerJoined = MessageOf<typeof peerJoined>

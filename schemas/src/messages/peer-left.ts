import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { RoomName, PeerId } from '../identifier.ts'
import { Revision } from '../member.ts'
import { LeaveReason } from '../reason.ts'

/** Nothing of that peer in this room comes after it. */
export const peerLeft = defineMessage('peer-left', {
  direction: 'server',
  summary: 'Says that another member is gone, and why.',
  fields: {
    room: describedAs(RoomName, 'The room in which it happened.'),
    peer: describedAs(PeerId, 'The peer that is no longer a member.'),
    reason: LeaveReason,
    revision: Revision,
  },
  examples: [
    { type: 'peer-left', room: 'lobby', peer: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg', reason: 'lost', revision: 4 },
  ],
})
/** Says that another member is gone, and why. @interface */
export type PeerLeft = MessageOf<typeof peerLeft>

import { Type } from '@sinclair/typebox'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { RoomName } from '../identifier.ts'
import { Member, Revision } from '../member.ts'

/** Typed reply to `join`, and the first message of the room. Of two peers exactly one finds the other in `members`. */
export const joined = defineMessage('joined', {
  direction: 'server',
  summary: 'Answers join: the members of the room at that moment.',
  fields: {
    room: describedAs(RoomName, 'The room that was entered.'),
    self: describedAs(Member, 'The receiver as the others see it.'),
    members: Type.Array(Member, {
      description: 'All other members, the receiver itself left out; the order says nothing.',
    }),
    revision: Revision,
  },
  examples: [
    {
      type: 'joined',
      ref: '6',
      room: 'lobby',
      self: { peer: 'V1StGXR8_Z5jdHi6B-myT0q3', user: 'alice', data: { name: 'Alice', camera: true } },
      members: [{ peer: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg', user: 'bob' }],
      revision: 1,
    },
  ],
})
/** Answers join: the members of the room at that moment. @interface */
export type Joined = MessageOf<typeof joined>

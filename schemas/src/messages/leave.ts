import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { RoomName } from '../identifier.ts'

/** The other members see `peer-left` with `leave`. */
export const leave = defineMessage('leave', {
  direction: 'client',
  summary: 'Leaves a room.',
  reply: 'left',
  fields: { room: describedAs(RoomName, 'The room to leave.') },
  examples: [{ type: 'leave', id: '7', room: 'lobby' }],
})
/** Leaves a room. @interface */
export type Leave = MessageOf<typeof leave>

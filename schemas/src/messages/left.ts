import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { RoomName } from '../identifier.ts'
import { LeaveReason } from '../reason.ts'

/** Typed reply to `leave`; also comes unasked. */
export const left = defineMessage('left', {
  direction: 'server',
  summary: 'Says that a membership has ended, asked for or not.',
  fields: {
    room: describedAs(RoomName, 'The room of which nothing more will come.'),
    reason: LeaveReason,
  },
  examples: [
    { type: 'left', ref: '7', room: 'lobby', reason: 'leave' },
    { type: 'left', room: 'lobby', reason: 'kicked' },
  ],
})
/** Says that a membership has ended, asked for or not. @interface */
export type Left = MessageOf<typeof left>

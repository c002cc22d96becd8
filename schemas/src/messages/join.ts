import { Type } from '@sinclair/typebox'
import { Data } from '../data.ts'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { RoomName } from '../identifier.ts'

/** A second `join` of the same room gets a fresh `joined`, and changes `data` if it has any. */
export const join = defineMessage('join', {
  direction: 'client',
  summary: 'Enters a room, or changes the data of a membership.',
  reply: 'joined',
  fields: {
    room: describedAs(RoomName, 'The room to enter. It exists while it has members.'),
    data: Type.Optional(describedAs(Data, 'Any JSON value, shown to the other members.')),
  },
  examples: [
    { type: 'join', room: 'lobby' },
    { type: 'join', id: '6', room: 'lobby', data: { name: 'Alice', camera: true } },
  ],
})
/** Enters a room, or changes the data of a membership. @interface */
export type Join = MessageOf<typeof join>

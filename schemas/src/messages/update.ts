import { Data } from '../data.ts'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { RoomName } from '../identifier.ts'

/** Outcome `ok`; the other members get `peer-updated`. */
export const update = defineMessage('update', {
  direction: 'client',
  summary: 'Changes the data of the sender in a room.',
  fields: {
    room: describedAs(RoomName, 'A room that the sender is a member of.'),
    data: describedAs(Data, 'Any JSON value, null included; takes the place of the earlier one.'),
  },
  examples: [{ type: 'update', id: '8', room: 'lobby', data: { name: 'Alice', camera: false } }],
})
/** Changes the data of the sender in a room. @interface */
export type Update = MessageOf<typeof update>

import { Acknowledgement } from '../acknowledgement.ts'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { PeerId } from '../identifier.ts'

/** Typed reply to `resume`: what either side lacks is sent again after it. */
export const resumed = defineMessage('resumed', {
  direction: 'server',
  capability: 'resume',
  summary: 'The session goes on here, as the peer that it was.',
  fields: {
    peer: describedAs(PeerId, 'The peer id of the session, which this connection has from now on.'),
    ack: describedAs(
      Acknowledgement,
      'The number of the last message of the session that the server has acted on: an integer of 0 to 9007199254740991; 0 means none.',
    ),
  },
  examples: [
    { type: 'resumed', peer: 'Zk3vQ0m8T1xYb7RwLc5d2A', ack: 0 },
    { type: 'resumed', ref: '3', peer: 'Zk3vQ0m8T1xYb7RwLc5d2A', ack: 17 },
  ],
})
/** The session goes on here, as the peer that it was. @interface */
export type Resumed = MessageOf<typeof resumed>

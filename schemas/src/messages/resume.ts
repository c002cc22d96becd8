import { Acknowledgement } from '../acknowledgement.ts'
import { defineMessage, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { printableAscii } from '../printable-ascii.ts'

/** Comes before any numbered message of its connection. */
export const resume = defineMessage('resume', {
  direction: 'client',
  capability: 'resume',
  summary: 'Goes on with an earlier session on this connection.',
  reply: 'resumed',
  fields: {
    session: printableAscii(
      1,
      64,
      'ResumedSecret',
      'The secret of the session, from the welcome with which it began.',
    ),
    ack: describedAs(
      Acknowledgement,
      'The number of the last message of the session that the client has acted on: an integer of 0 to 9007199254740991; 0 means none.',
    ),
  },
  examples: [
    { type: 'resume', session: 'Hq7_tV2nXo4JkPzR0mWc9bLdYe6uSi3G', ack: 0 },
    { type: 'resume', id: '3', session: 'Hq7_tV2nXo4JkPzR0mWc9bLdYe6uSi3G', ack: 41 },
  ],
})
/** Goes on with an earlier session on this connection. @interface */
export type Resume = MessageOf<typeof resume>

import { Acknowledgement } from '../acknowledgement.ts'
import { defineMediated, type DeliveredOf, type MessageOf } from '../define-message.ts'

/** Either side says how far it has come; never numbered itself. */
export const ack = defineMediated('ack', {
  capability: 'resume',
  summary: 'Acknowledges numbered messages, where no message goes out that could carry it.',
  sent: { ack: Acknowledgement },
  told: { ack: Acknowledgement },
  examples: [
    { type: 'ack', ack: 12 },
    { type: 'ack', id: '5', ack: 0 },
  ],
  toldExamples: [{ type: 'ack', ack: 7 }],
})
/** Acknowledges numbered messages of the server. @interface */
export type Ack = MessageOf<typeof ack>
/** Acknowledges numbered messages of the client. @interface */
export type DeliveredAck = DeliveredOf<typeof ack>

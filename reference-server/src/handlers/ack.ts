import type { Handler } from '../handler.ts'
import { accept, refuse } from '../reply.ts'
import { neverSent } from '../resume/sequence.ts'

/** Lets go of what the client has: ack.old. */
export const handleAck: Handler<'ack'> = (message, client) => {
  if (client.acknowledge(message.ack)) accept(client, message)
  else refuse(client, message, 'unexpected-message', neverSent) // ack.beyond
}

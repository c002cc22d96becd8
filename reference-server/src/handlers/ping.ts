import { pong } from '@parley/schemas'
import type { Handler } from '../handler.ts'
import { refOf, writeMessage } from '../reply.ts'

/** Shows life. */
export const handlePing: Handler<'ping'> = (message, client) => {
  client.send(writeMessage(pong.type, refOf(message))) // connection.pong
}

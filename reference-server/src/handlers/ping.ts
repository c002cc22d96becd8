import { pong } from '@parley/schemas'
import { refOf, writeMessage } from '../reply.ts'
import type { Handler } from './index.ts'

/** Shows life. */
export const handlePing: Handler<'ping'> = (message, connection) => {
  connection.send(writeMessage(pong.type, refOf(message))) // connection.pong
}

import type { StandardCloseCode } from '@parley/schemas'
import type { Handler } from '../handler.ts'

const normalClosure: StandardCloseCode = 1000

/** Ends the connection on the client's wish. */
export const handleBye: Handler<'bye'> = (_message, client) => {
  client.end(normalClosure, 'bye') // connection.bye, rooms.bye, resume.bye, websocket.bye-code
}

import type { StandardCloseCode } from '@parley/schemas'
import type { Handler } from './index.ts'

const normalClosure: StandardCloseCode = 1000

/** Ends the connection on the client's wish. */
export const handleBye: Handler<'bye'> = (_message, connection) => connection.end(normalClosure, 'bye') // connection.bye, rooms.bye, websocket.bye-code

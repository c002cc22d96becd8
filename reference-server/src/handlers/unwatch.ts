import { whenReady } from '../directory.ts'
import type { Handler } from '../handler.ts'
import { accept } from '../reply.ts'

/** Ends watches. */
export const handleUnwatch: Handler<'unwatch'> = (message, client, { presence }) =>
  whenReady(presence.unwatch(client.peer, message.users), () => {
    accept(client, message) // watch.unwatch
  })

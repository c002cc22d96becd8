import { whenReady } from '../directory.ts'
import { sightOf } from '../discovery/sight.ts'
import { tellSightings } from '../discovery/telling.ts'
import type { Handler } from '../handler.ts'
import { accept, refuse } from '../reply.ts'

/** Begins to tell a client whether users are online. */
export const handleWatch: Handler<'watch'> = (message, client, services) => {
  const { presence, router, options } = services
  return whenReady(sightOf(client, message.users, services), (sees) => {
    const users = message.users.map((user) => ({ user, seen: sees(user) })) // watch.no-oracle
    return whenReady(presence.watch(client.peer, users), (result) => {
      if (result.kind === 'too-many') {
        const text = `Cannot watch so many users: a peer may watch ${options.watches}`
        refuse(client, message, 'forbidden', text) // watch.limit
        return undefined
      }
      accept(client, message) // watch.outcome-first
      return tellSightings(router, result.sightings) // watch.first
    })
  })
}

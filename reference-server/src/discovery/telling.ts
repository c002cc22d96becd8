import { presence as presenceMessage } from '@parley/schemas'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import { writeMessage } from '../reply.ts'
import type { Router } from '../router.ts'
import type { Services } from '../services.ts'
import type { Sighting } from './registry.ts'

/** Sends what there is to say of users, in order. */
export function tellSightings(router: Router, sightings: readonly Sighting[]): Awaitable<void> {
  const pending = sightings.flatMap(({ to, ...members }) => {
    const wait = router.deliver(to, writeMessage(presenceMessage.type, members))
    return wait ?? []
  })
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
}

/** Makes a client one that may watch, and its user one that is online. */
export function appear(client: Client, { presence, router, options }: Services): Awaitable<void> {
  const { peer, user, inForce } = client
  if (user === undefined ? !inForce.has('discovery') : !options.capabilities.includes('discovery')) return
  return whenReady(presence.attach(peer, user), (sightings) => tellSightings(router, sightings))
}

/** Ends the watches of a peer that has gone, and its part in its user's being online: watch.change, watch.ends. */
export function disappear(peer: string, { presence, router }: Services): Awaitable<void> {
  return whenReady(presence.detach(peer), (sightings) => tellSightings(router, sightings))
}

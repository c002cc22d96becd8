import type { Sighting } from '@parley/reference-server'
import { setTimeout as delay } from 'node:timers/promises'
import { unseen, whenWatching } from '../altered-presence.ts'
import { altered, type Mutants } from '../mutant.ts'
import { authenticating } from './authentication-rule.ts'

/** Milliseconds that a server takes to look at a token. */
const lookMs = 30

/** Whether a peer is attached once more as the user that it is already. */
function again() {
  const users = new Map<string, string | undefined>()
  return (peer: string, user: string | undefined) => {
    const isSame = user !== undefined && users.get(peer) === user
    users.set(peer, user)
    return isSame
  }
}

/** Faults of spec/discovery.md in what a second auth, or a second watch, does to what was there before. */
export const discoveryAgainMutants: Mutants = [
  unseen('ends the watches of a peer that authenticates again', 'watch.ends', (inner) => {
    const isAgain = again()
    const watched = new Map<string, Set<string>>()
    return {
      attach: (peer, user) => {
        if (isAgain(peer, user)) inner.unwatch(peer, [...(watched.get(peer) ?? [])])
        return inner.attach(peer, user)
      },
      watch: (peer, users) => {
        watched.set(peer, new Set([...(watched.get(peer) ?? []), ...users.map(({ user }) => user)]))
        return inner.watch(peer, users)
      },
    }
  }),
  unseen(
    'tells that a user has gone and come when its only connection authenticates again',
    'watch.only-changes',
    (inner) => {
      const isAgain = again()
      return {
        attach: (peer, user) => [
          ...(isAgain(peer, user) ? inner.attach(peer, undefined) : []),
          ...inner.attach(peer, user),
        ],
      }
    },
  ),
  unseen('says at a new watch what was last told of the user', 'watch.online', (inner) => {
    const known = new Map<string, boolean>()
    const noted = (sightings: readonly Sighting[]) => {
      for (const { user, online } of sightings) known.set(user, online)
      return sightings
    }
    return {
      attach: (...args) => noted(inner.attach(...args)),
      detach: (peer) => noted(inner.detach(peer)),
      watch: whenWatching(inner, (sightings) =>
        noted(
          sightings.map((said) =>
            said.revision === 1 ? { ...said, online: known.get(said.user) ?? said.online } : said,
          ),
        ),
      ),
    }
  }),
  altered(
    'keeps a user online whose connection ended while its auth was looked at',
    'watch.online',
    authenticating((inner) => (message, client, services, frame) => {
      if (client.user !== undefined) return inner(message, client, services, frame)
      void delay(lookMs).then(() => inner(message, client, services, frame))
      return undefined
    }),
  ),
]

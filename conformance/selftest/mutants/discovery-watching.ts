import { defaultHandlers, type Handler, type Services, type Sighting } from '@parley/reference-server'
import {
  handling,
  presenceOver,
  servicesWith,
  unseen,
  whenWatching,
  type SyncPresence,
} from '../altered-presence.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, counted, refusal, textOf } from '../rule.ts'
import {
  limitedTo,
  refusesUnwatch,
  tellsConnections,
  tellsTwice,
  inheritsWatches,
} from '../watching-server.ts'
import { selfTestTokens } from '../self-test-token.ts'

const knownUsers: ReadonlySet<string> = new Set(selfTestTokens.map(({ user }) => user))

/** A handler of watch that works with another registry. */
function watchingWith(
  change: (
    presence: SyncPresence,
    client: Parameters<Handler>[1],
    services: Services,
  ) => Partial<Services['presence']>,
): Handler<'watch'> {
  return (message, client, services, frame) => {
    const presence = presenceOver(
      services.presence,
      change(services.presence as SyncPresence, client, services),
    )
    return defaultHandlers.watch(message, client, servicesWith(services, { presence }), frame)
  }
}

/** Faults of spec/discovery.md: watching. */
export const discoveryWatchingMutants: Mutants = [
  handling('sends presence before the outcome', 'watch.outcome-first', 'watch', () =>
    watchingWith((presence, _client, { router }) => ({
      watch: (peer, users) => {
        const result = presence.watch(peer, users)
        if (result.kind !== 'watching') return result
        for (const { to, ...said } of result.sightings)
          void router.deliver(to, JSON.stringify({ type: 'presence', ...said }))
        return { ...result, sightings: [] }
      },
    })),
  ),
  unseen(
    'says nothing of users that are offline',
    'watch.first',
    (inner) => ({
      watch: whenWatching(inner, (sightings) => sightings.filter(({ online }) => online)),
    }),
    {
      consequences: {
        'watch.again': 'a watch of who is offline is not answered',
        'watch.no-oracle': 'a user that does not exist is offline',
      },
    },
  ),
  handling(
    'answers twice for a user named twice',
    'watch.first',
    'watch',
    () => async (message, client, services, frame) => {
      const twice = message.users.filter((user, at) => message.users.indexOf(user) !== at)
      await defaultHandlers.watch(message, client, services, frame)
      const { id: _id, ...again } = message
      if (twice.length > 0) await defaultHandlers.watch({ ...again, users: twice }, client, services, frame)
    },
  ),
  tampered(
    'says that everybody is offline',
    'watch.online',
    () => ({
      toClient: changed('presence', (frame) => ({ ...frame, online: false })),
    }),
    {
      consequences: {
        'find.sight': 'a search finds whom no watch shows',
        'watch.no-oracle': 'a search finds whom no watch shows',
      },
    },
  ),
  tampered(
    'says that everybody is online',
    'watch.online',
    () => ({
      toClient: changed('presence', (frame) => ({ ...frame, online: true })),
    }),
    { consequences: { 'watch.no-oracle': 'a user that does not exist is online, too' } },
  ),
  unseen(
    'does not tell that a user has gone',
    'watch.change',
    (inner) => ({
      detach: (peer) => {
        inner.detach(peer)
        return []
      },
    }),
    {
      consequences: {
        'watch.only-changes': 'the end of the last connection is not told',
        'watch.again': 'what is told does not change',
        'watch.ends': 'the end is not told',
        'watch.revision': 'the revision of what is not told is left out',
      },
    },
  ),
  unseen(
    'does not tell that a user is back',
    'watch.change',
    (inner) => {
      const been = new Set<string>()
      return {
        attach: (peer, user) => {
          const sightings = inner.attach(peer, user)
          const isBack = user !== undefined && sightings.length > 0 && been.has(user)
          if (user !== undefined && sightings.length > 0) been.add(user)
          return isBack ? [] : sightings
        },
      }
    },
    {
      consequences: {
        'watch.again': 'what is told does not change',
        'watch.only-changes': 'offline comes after offline',
        'watch.revision': 'the revision of what is not told is left out',
      },
    },
  ),
  unseen(
    'loses a change in the crowd',
    'watch.change',
    (inner) => {
      let changes = 0
      const some = (sightings: readonly Sighting[]) => {
        if (sightings.length > 0) changes += 1
        return changes % 8 === 0 ? [] : sightings
      }
      return { attach: (...args) => some(inner.attach(...args)), detach: (peer) => some(inner.detach(peer)) }
    },
    {
      consequences: {
        'watch.again': 'what is told does not change',
        'watch.revision': 'the revision of what is not told is left out',
        'watch.ends': 'the change that is lost may be the last',
      },
    },
  ),
  altered('tells of each connection of a user', 'watch.only-changes', tellsConnections, {
    consequences: {
      'watch.change': 'what is told does not change',
      'watch.again': 'what is told does not change',
    },
  }),
  tampered(
    'counts the revisions of all users together',
    'watch.revision',
    () => ({
      toClient: changed('presence', (frame, passage) => ({
        ...frame,
        revision: counted(passage, 'presence'),
      })),
    }),
    {
      consequences: {
        'watch.unwatch': 'revisions never begin anew',
        'watch.limit': 'no watch but the first begins with revision 1',
      },
    },
  ),
  tampered('leaves out a revision at each change', 'watch.revision', () => ({
    toClient: changed('presence', (frame, passage) => {
      const user = textOf(frame, 'user')
      const before = passage.notes.get(`online ${user}`)
      passage.notes.set(`online ${user}`, frame['online'])
      const isChange = before !== undefined && before !== frame['online']
      if (isChange) counted(passage, `skipped ${user}`)
      const skipped = (passage.notes.get(`skipped ${user}`) as number | undefined) ?? 0
      return { ...frame, revision: (frame['revision'] as number) + skipped }
    }),
  })),
  unseen(
    'does not answer for users that are watched already',
    'watch.again',
    (inner) => ({
      watch: whenWatching(inner, (sightings) => sightings.filter(({ revision }) => revision === 1)),
    }),
    { consequences: { 'watch.revision': 'the revision of what is not told is left out' } },
  ),
  altered('tells twice who has watched twice', 'watch.again', tellsTwice, {
    consequences: {
      'watch.revision': 'it counts once what it tells twice',
      'watch.change': 'what is told twice does not change',
    },
  }),
  handling(
    'goes on after unwatch',
    'watch.unwatch',
    'unwatch',
    () => (message, client, services, frame) =>
      defaultHandlers.unwatch(
        message,
        client,
        servicesWith(services, { presence: presenceOver(services.presence, { unwatch: () => undefined }) }),
        frame,
      ),
    { consequences: { 'watch.limit': 'the place of a watch that has ended stays taken' } },
  ),
  altered('refuses unwatch of who is not watched', 'watch.unwatch', refusesUnwatch, {
    consequences: {
      'frames.good-shape': 'nobody watches whom its unwatch names',
      'frames.bad-shape': 'nobody watches whom the valid unwatch names that follows',
      'limits.accept-size': 'nobody watches whom its unwatch names',
    },
  }),
  unseen(
    'tells everybody of every change',
    'watch.only-watched',
    (inner) => {
      const peers = new Set<string>()
      const all = (sightings: readonly Sighting[]) => {
        const told = new Set(sightings.map(({ to }) => to))
        const [first] = sightings
        return first === undefined
          ? sightings
          : [
              ...sightings,
              ...[...peers].filter((to) => !told.has(to)).map((to) => ({ ...first, to, revision: 1 })),
            ]
      }
      return {
        attach: (peer, user) => {
          peers.add(peer)
          return all(inner.attach(peer, user))
        },
        detach: (peer) => {
          peers.delete(peer)
          return all(inner.detach(peer))
        },
      }
    },
    {
      consequences: {
        'watch.change': 'what others are told comes before the first watch',
        'watch.again': 'what others are told comes before the first watch',
        'watch.revision': 'what others are told is not counted',
        'watch.unwatch': 'who watches no more is told, too',
        'watch.ends': 'nobody needs to watch',
        'capabilities.core-only': 'also those who have not asked for discovery',
      },
    },
  ),
  handling(
    'refuses the watch of users that do not exist',
    'watch.no-oracle',
    'watch',
    () => (message, client, services, frame) => {
      if (message.users.every((user) => knownUsers.has(user)))
        return defaultHandlers.watch(message, client, services, frame)
      client.send(JSON.stringify(refusal({ ...message }, 'forbidden')))
      return undefined
    },
    {
      consequences: {
        'frames.good-shape': 'whom its watch names does not exist',
        'frames.bad-shape': 'the valid watch that follows names who does not exist',
        'limits.accept-size': 'whom its watch names does not exist',
        'watch.limit': 'whom its watches name does not exist',
      },
    },
  ),
  handling(
    'says of users that are not seen when they are online',
    'watch.no-oracle',
    'watch',
    () =>
      watchingWith((presence) => ({
        watch: (peer, users) => {
          const result = presence.watch(peer, users)
          if (result.kind !== 'watching') return result
          const isThere = (user: string) =>
            presence.onlineUsers({ prefix: user, after: undefined, most: 1 })[0] === user
          const shy = new Set(
            users.filter(({ user, seen }) => !seen && isThere(user)).map(({ user }) => user),
          )
          return {
            ...result,
            sightings: result.sightings.map((said) =>
              shy.has(said.user) ? { ...said, since: 'now' } : said,
            ),
          }
        },
      })),
    { server: { seeUsers: 'self' } },
  ),
  altered('lets a peer watch one user fewer than it says', 'watch.limit', () =>
    limitedTo((watches) => watches - 1),
  ),
  altered('lets a peer watch without a limit', 'watch.limit', () => limitedTo(() => Infinity)),
  handling('takes of a watch what fits', 'watch.limit', 'watch', () =>
    watchingWith((presence) => ({
      watch: (peer, users) => {
        const result = presence.watch(peer, users)
        if (result.kind === 'too-many') for (const each of users) presence.watch(peer, [each])
        return result
      },
    })),
  ),
  altered('gives the watches of a connection to the one that replaces it', 'watch.ends', inheritsWatches),
]

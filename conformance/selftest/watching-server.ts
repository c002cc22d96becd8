import { defaultHandlers, type Sighting } from '@parley/reference-server'
import { presenceOver, type SyncPresence } from './altered-presence.ts'
import { refusal } from './rule.ts'
import { startReferenceServer, type RunningServer } from './running-server.ts'
import { selfTestTokens } from './self-test-token.ts'

/** A server that announces one limit and keeps to another. */
export function limitedTo(limit: (watches: number) => number): Promise<RunningServer> {
  const counts = new Map<string, Set<string>>()
  return startReferenceServer(
    { watches: 200 },
    {
      handlers: {
        ...defaultHandlers,
        watch: (message, client, services, frame) => {
          const own = counts.get(client.peer) ?? new Set<string>()
          const next = new Set([...own, ...message.users])
          const most = limit(services.options.watches)
          if (next.size > most) {
            client.send(JSON.stringify(refusal({ ...message }, 'forbidden')))
            return
          }
          counts.set(client.peer, next)
          if (next.size <= services.options.watches)
            return defaultHandlers.watch(message, client, services, frame)
          client.send(JSON.stringify({ type: 'ok', ref: message.id }))
          return undefined
        },
        unwatch: (message, client, services, frame) => {
          for (const user of message.users) counts.get(client.peer)?.delete(user)
          return defaultHandlers.unwatch(message, client, services, frame)
        },
      },
    },
  )
}

/** A server that finds a user missing whom nobody watches. */
export function refusesUnwatch(): Promise<RunningServer> {
  const watched = new Set<string>()
  return startReferenceServer(
    {},
    {
      handlers: {
        ...defaultHandlers,
        watch: (message, client, services, frame) => {
          for (const user of message.users) watched.add(`${client.peer} ${user}`)
          return defaultHandlers.watch(message, client, services, frame)
        },
        unwatch: (message, client, services, frame) => {
          if (message.users.every((user) => watched.has(`${client.peer} ${user}`)))
            return defaultHandlers.unwatch(message, client, services, frame)
          client.send(JSON.stringify(refusal({ ...message }, 'forbidden')))
          return undefined
        },
      },
    },
  )
}

/** A server that notes who watches whom, and tells them again. */
export function tellsConnections(): Promise<RunningServer> {
  const watchers = new Map<string, Set<string>>()
  return startReferenceServer(
    {},
    {
      handlers: {
        ...defaultHandlers,
        watch: (message, client, services, frame) => {
          for (const user of message.users)
            watchers.set(user, (watchers.get(user) ?? new Set<string>()).add(client.peer))
          return defaultHandlers.watch(message, client, services, frame)
        },
        unwatch: (message, client, services, frame) => {
          for (const user of message.users) watchers.get(user)?.delete(client.peer)
          return defaultHandlers.unwatch(message, client, services, frame)
        },
        auth: async (message, client, services, frame) => {
          const user = [...watchers.keys()].find((each) =>
            selfTestTokens.some((entry) => entry.user === each && entry.token === message.token),
          )
          const was =
            user === undefined
              ? []
              : await services.presence.onlineUsers({ prefix: user, after: undefined, most: 1 })
          await defaultHandlers.auth(message, client, services, frame)
          if (user === undefined || was[0] !== user) return
          for (const peer of watchers.get(user) ?? []) {
            const result = await services.presence.watch(peer, [{ user, seen: true }])
            if (result.kind !== 'watching') continue
            for (const { to, ...said } of result.sightings)
              await services.router.deliver(to, JSON.stringify({ type: 'presence', ...said }))
          }
        },
      },
    },
  )
}

/** A server that tells those twice who have watched a user twice. */
export function tellsTwice(): Promise<RunningServer> {
  const times = new Map<string, number>()
  return startReferenceServer(
    {},
    {
      decoratePresence: (inner) => {
        const doubled = (sightings: readonly Sighting[]) =>
          sightings.flatMap((said) =>
            (times.get(`${said.to} ${said.user}`) ?? 0) > 1 ? [said, said] : [said],
          )
        const sync = inner as SyncPresence
        return presenceOver(inner, {
          attach: (...args) => doubled(sync.attach(...args)),
          detach: (peer) => doubled(sync.detach(peer)),
          watch: (peer, users) => {
            for (const { user } of users)
              times.set(`${peer} ${user}`, (times.get(`${peer} ${user}`) ?? 0) + 1)
            return sync.watch(peer, users)
          },
        })
      },
    },
  )
}

/** A server on which a connection that replaces another goes on with its watches. */
export function inheritsWatches(): Promise<RunningServer> {
  const watched = new Map<string, Set<string>>()
  return startReferenceServer(
    {},
    {
      handlers: {
        ...defaultHandlers,
        watch: (message, client, services, frame) => {
          const users = watched.get(client.session) ?? new Set<string>()
          for (const user of message.users) users.add(user)
          watched.set(client.session, users)
          return defaultHandlers.watch(message, client, services, frame)
        },
        auth: async (message, client, services, frame) => {
          await defaultHandlers.auth(message, client, services, frame)
          const users = [...(watched.get(`heir ${client.session}`) ?? [])]
          if (users.length > 0)
            await services.presence.watch(
              client.peer,
              users.map((user) => ({ user, seen: true })),
            )
        },
        hello: async (message, client, services, frame) => {
          const users = watched.get(message.replaces ?? '')
          await defaultHandlers.hello(message, client, services, frame)
          if (users !== undefined) watched.set(`heir ${client.session}`, users)
        },
      },
    },
  )
}

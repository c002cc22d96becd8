import { defaultHandlers, type Sighting } from '@parley/reference-server'
import { setTimeout as delay } from 'node:timers/promises'
import { misdirected } from '../altered-directory.ts'
import { handling, unseen, whenWatching } from '../altered-presence.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, refusal } from '../rule.ts'
import { authenticating } from './authentication-rule.ts'

/** Milliseconds that a server takes to look at a token. */
const lookMs = 30

/** Places in a room of the server. */
const places = 8

/** Whether a peer is attached once more as the user that it is already. */
function again() {
  const users = new Map<string, string | undefined>()
  return (peer: string, user: string | undefined) => {
    const isSame = user !== undefined && users.get(peer) === user
    users.set(peer, user)
    return isSame
  }
}

/** Faults of spec/discovery.md in what comes after the first: a second auth, a second watch, a second page, a second count. */
export const discoveryAgainMutants: Mutants = [
  handling('keeps to the limit of the first page of a search', 'find.limit', 'find', () => {
    const limits = new Map<string, number>()
    return (message, client, services, frame) => {
      const { cursor, kind, prefix = '', limit } = message
      const key = `${client.peer} ${kind} ${prefix}`
      if (cursor === undefined && limit !== undefined) limits.set(key, limit)
      const kept = cursor === undefined ? limit : (limits.get(key) ?? limit)
      return defaultHandlers.find(
        kept === undefined ? message : { ...message, limit: kept },
        client,
        services,
        frame,
      )
    }
  }),
  misdirected('keeps the count of a room from which a member is lost', 'find.members', (inner) => {
    const counts = new Map<string, number>()
    return {
      join: (room, member) => {
        counts.delete(room)
        return inner.join(room, member)
      },
      leave: (room, peer) => {
        counts.delete(room)
        return inner.leave(room, peer)
      },
      listRooms: (wanted) =>
        inner.listRooms(wanted).map(({ room, members }) => {
          const count = counts.get(room) ?? members
          counts.set(room, count)
          return { room, members: count }
        }),
    }
  }),
  tampered('takes no cursor from before another auth', 'find.cursor', () => ({
    toServer: (frame, passage) => {
      const then = passage.notes.get(`cursor ${String(frame['cursor'])}`)
      if (frame['type'] !== 'find' || then === undefined || then === passage.notes.get('auths')) return true
      passage.toClient(refusal(frame, 'unknown-cursor'))
      return false
    },
    toClient: (frame, passage) => {
      const auths = Number(passage.notes.get('auths') ?? 0)
      if (frame['type'] === 'authenticated') passage.notes.set('auths', auths + 1)
      if (frame['type'] === 'found' && 'cursor' in frame)
        passage.notes.set(`cursor ${String(frame['cursor'])}`, auths)
      return true
    },
  })),
  misdirected('lists no room that is full', 'find.own-rooms', (inner) => ({
    listRooms: (wanted) => inner.listRooms(wanted).filter(({ members }) => members < places),
  })),
  tampered('puts names of digits into the order of their values', 'find.order', () => ({
    toClient: changed('found', (frame) => {
      const items = frame['items'] as readonly { readonly room?: string }[]
      const isIndex = ({ room = '' }: { readonly room?: string }) => /^[1-9][0-9]{0,9}$/.test(room)
      const numbers = items.filter(isIndex).toSorted((one, other) => Number(one.room) - Number(other.room))
      return { ...frame, items: [...numbers, ...items.filter((item) => !isIndex(item))] }
    }),
  })),
  unseen('takes a user for online for seven seconds after its last connection', 'watch.change', (inner) => ({
    detach: (peer) =>
      new Promise((resolve) => {
        setTimeout(() => {
          resolve(inner.detach(peer))
        }, 7000)
      }),
  })),
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
  unseen('looks up who is online in an object', 'watch.online', (inner) => ({
    watch: whenWatching(inner, (sightings) =>
      sightings.map((said) => (said.user in {} ? { ...said, online: true } : said)),
    ),
  })),
  unseen(
    'tells one of several watchers of a change',
    'watch.change',
    (inner) => ({
      attach: (...args) => inner.attach(...args).slice(0, 1),
      detach: (peer) => inner.detach(peer).slice(0, 1),
    }),
    { consequences: { 'watch.only-changes': 'who is told nothing is not told of the end, either' } },
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

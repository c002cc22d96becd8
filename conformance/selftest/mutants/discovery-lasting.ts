import type { Frame as Text, PresenceRegistry, Resumable, Router, Sighting } from '@parley/reference-server'
import { misdirected } from '../altered-directory.ts'
import { presenceOver, unseen, type SyncPresence } from '../altered-presence.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { refusal } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { keeper } from './session-rule.ts'

const peerOf = (session: Resumable) => (session as Resumable & { readonly peer: string }).peer

/** A server whose sessions, presence and deliveries a fault ties together. */
function startTied(
  tie: (parts: {
    readonly presence: () => SyncPresence
    readonly tell: (told: readonly Sighting[]) => void
  }) => {
    readonly onWait?: (peer: string) => void
    readonly onResume?: (peer: string) => void
    readonly isLost?: (peer: string, text: string) => boolean
    readonly presence?: (inner: SyncPresence) => Partial<PresenceRegistry>
  },
) {
  let presence: SyncPresence | undefined
  let router: Router | undefined
  const tell = (told: readonly Sighting[]) => {
    for (const { to, ...members } of told)
      void router?.deliver(to, JSON.stringify({ type: 'presence', ...members }))
  }
  const {
    onWait,
    onResume,
    isLost = () => false,
    ...own
  } = tie({
    presence: () => {
      if (presence === undefined) throw new Error('The registry is not there yet')
      return presence
    },
    tell,
  })
  return startReferenceServer(
    {},
    {
      decoratePresence: (inner) => {
        presence = inner as SyncPresence
        return presenceOver(inner, own.presence?.(presence) ?? {})
      },
      decorateRouter: (inner) => {
        router = inner
        return {
          attach: (receiver) => inner.attach(receiver),
          detach: (peer) => inner.detach(peer),
          end: (...args) => inner.end(...args),
          deliver: (peer: string, frame: Text) =>
            isLost(peer, String(frame)) ? undefined : inner.deliver(peer, frame),
        }
      },
      decorateSessions: keeper((sessions) => ({
        wait: (peer) => {
          sessions.wait(peer)
          onWait?.(peerOf(peer))
        },
        connected: (peer) => {
          sessions.connected(peer)
          onResume?.(peerOf(peer))
        },
      })),
    },
  )
}

/** Users that each peer watches, as the registry was told. */
function watchedBy() {
  const watched = new Map<string, Set<string>>()
  const of = (peer: string) => watched.get(peer) ?? new Set<string>()
  return {
    of,
    watch: (peer: string, users: readonly string[]) => {
      watched.set(peer, new Set([...of(peer), ...users]))
    },
    unwatch: (peer: string, users: readonly string[]) => {
      watched.set(peer, new Set([...of(peer)].filter((user) => !users.includes(user))))
    },
  }
}

/** Faults of spec/discovery.md in what is counted, and in what goes on. */
export const lastingDiscoveryMutants: Mutants = [
  misdirected('counts a member twice that has joined twice', 'find.members', (inner) => {
    const more = new Map<string, number>()
    return {
      join: (room, member) => {
        const result = inner.join(room, member)
        if (result.kind === 'returned') more.set(room, 1)
        return result
      },
      listRooms: (wanted) =>
        inner
          .listRooms(wanted)
          .map(({ room, members }) => ({ room, members: members + (more.get(room) ?? 0) })),
    }
  }),
  misdirected('goes on counting a member that is lost', 'find.members', (inner) => {
    const more = new Map<string, number>()
    return {
      disconnect: (peer) => {
        const departures = inner.disconnect(peer)
        for (const { room } of departures) more.set(room, (more.get(room) ?? 0) + 1)
        return departures
      },
      listRooms: (wanted) =>
        inner
          .listRooms(wanted)
          .map(({ room, members }) => ({ room, members: members + (more.get(room) ?? 0) })),
    }
  }),
  misdirected('leaves out a room that is alone on the last page', 'find.complete', (inner) => ({
    listRooms: (wanted) => {
      const found = inner.listRooms({ ...wanted, most: wanted.most + 1 })
      return found.length === wanted.most ? found.slice(0, -1) : found.slice(0, wanted.most)
    },
  })),
  misdirected('looks for names from a prefix to the same with a ~ behind it', 'find.complete', (inner) => ({
    listRooms: ({ most, ...wanted }) =>
      inner
        .listRooms({ ...wanted, most: Infinity })
        .filter(({ room }) => wanted.prefix === '' || room < `${wanted.prefix}~`)
        .slice(0, most),
  })),
  tampered('takes the last eight cursors of a client', 'find.cursor', () => ({
    toServer: (frame, passage) => {
      const kept = (passage.notes.get('kept') ?? []) as readonly unknown[]
      const made = (passage.notes.get('made') ?? []) as readonly unknown[]
      const { cursor } = frame
      if (frame['type'] !== 'find' || !made.includes(cursor) || kept.includes(cursor)) return true
      passage.toClient(refusal(frame, 'unknown-cursor'))
      return false
    },
    toClient: (frame, { notes }) => {
      if (frame['type'] !== 'found' || !('cursor' in frame)) return true
      const { cursor } = frame
      const others = ((notes.get('kept') ?? []) as readonly unknown[]).filter((each) => each !== cursor)
      notes.set('kept', [...others, cursor].slice(-8))
      notes.set('made', [...((notes.get('made') ?? []) as readonly unknown[]), cursor])
      return true
    },
  })),
  tampered('takes no cursor once another search has begun', 'find.cursor', () => {
    const made = new Map<unknown, number>()
    return {
      toServer: (frame, passage) => {
        if (frame['type'] !== 'find') return true
        const searches = Number(passage.notes.get('searches') ?? 0)
        if (!('cursor' in frame)) passage.notes.set('searches', searches + 1)
        else if (made.has(frame['cursor']) && made.get(frame['cursor']) !== searches) {
          passage.toClient(refusal(frame, 'unknown-cursor'))
          return false
        }
        return true
      },
      toClient: (frame, passage) => {
        if (frame['type'] === 'found' && 'cursor' in frame && !made.has(frame['cursor']))
          made.set(frame['cursor'], Number(passage.notes.get('searches') ?? 0))
        return true
      },
    }
  }),
  unseen('counts a user twice that one watch names twice', 'watch.limit', (inner) => ({
    watch: (peer, users) => {
      const phantoms = users
        .filter(({ user }, place) => users.findIndex((each) => each.user === user) < place)
        .map(({ user }) => ({ user: `phantom of ${user}`, seen: false }))
      const result = inner.watch(peer, [...users, ...phantoms])
      inner.unwatch(
        peer,
        phantoms.map(({ user }) => user),
      )
      if (result.kind === 'too-many') return result
      return { ...result, sightings: result.sightings.filter(({ user }) => !user.startsWith('phantom of ')) }
    },
  })),
  unseen('watches as many as there is place for of those that it refuses', 'watch.limit', (inner) => ({
    watch: (peer, users) => {
      const result = inner.watch(peer, users)
      if (result.kind === 'too-many') inner.watch(peer, users.slice(0, 1))
      return result
    },
  })),
  unseen('gives a place back for each user of an unwatch, watched or not', 'watch.limit', (inner) => {
    const watched = watchedBy()
    return {
      watch: (peer, users) => {
        const result = inner.watch(peer, users)
        if (result.kind === 'watching')
          watched.watch(
            peer,
            users.map(({ user }) => user),
          )
        return result
      },
      unwatch: (peer, users) => {
        const strangers = users.filter((user) => !watched.of(peer).has(user)).length
        inner.unwatch(peer, [...users, ...[...watched.of(peer)].slice(0, strangers)])
        watched.unwatch(peer, users)
      },
    }
  }),
  unseen(
    'says offline again when a user comes online whom the watcher does not see',
    'watch.no-oracle',
    (inner) => {
      const hidden = new Map<string, Set<string>>()
      return {
        watch: (peer, users) => {
          for (const { user, seen } of users)
            if (!seen) hidden.set(user, (hidden.get(user) ?? new Set()).add(peer))
          return inner.watch(peer, users)
        },
        attach: (peer, user) => {
          const told = inner.attach(peer, user)
          const to = [...(user === undefined ? [] : (hidden.get(user) ?? []))]
          return [...told, ...to.map((each) => ({ to: each, user: user ?? '', online: false, revision: 2 }))]
        },
      }
    },
    { server: { seeUsers: 'self' } },
  ),
  unseen('counts a connection twice that has authenticated twice', 'watch.change', (inner) => {
    const times = new Map<string, number>()
    return {
      attach: (peer, user) => {
        if (user !== undefined) times.set(peer, (times.get(peer) ?? 0) + 1)
        return inner.attach(peer, user)
      },
      detach: (peer) => ((times.get(peer) ?? 0) > 1 ? [] : inner.detach(peer)),
    }
  }),
  unseen('tells twice who has watched, unwatched and watched again', 'watch.unwatch', (inner) => {
    const former = new Set<string>()
    const again = new Set<string>()
    const twice = (told: readonly Sighting[]) =>
      told.flatMap((each) => (again.has(`${each.to} ${each.user}`) ? [each, each] : [each]))
    return {
      watch: (peer, users) => {
        for (const { user } of users) if (former.has(`${peer} ${user}`)) again.add(`${peer} ${user}`)
        return inner.watch(peer, users)
      },
      unwatch: (peer, users) => {
        for (const user of users) former.add(`${peer} ${user}`)
        inner.unwatch(peer, users)
      },
      attach: (...args) => twice(inner.attach(...args)),
      detach: (peer) => twice(inner.detach(peer)),
    }
  }),
  altered('takes a user for offline whose session waits', 'watch.online', () =>
    startTied(({ presence, tell }) => {
      const users = new Map<string, string>()
      return {
        presence: (inner) => ({
          attach: (peer, user) => {
            if (user !== undefined) users.set(peer, user)
            return inner.attach(peer, user)
          },
        }),
        onWait: (peer) => {
          if (users.has(peer)) tell(presence().detach(peer))
        },
        onResume: (peer) => {
          if (users.has(peer)) tell(presence().attach(peer, users.get(peer)))
        },
      }
    }),
  ),
  altered('forgets the watches of a session that is resumed', 'watch.ends', () =>
    startTied(({ presence }) => {
      const watched = watchedBy()
      return {
        presence: (inner) => ({
          watch: (peer, users) => {
            watched.watch(
              peer,
              users.map(({ user }) => user),
            )
            return inner.watch(peer, users)
          },
        }),
        onResume: (peer) => {
          presence().unwatch(peer, [...watched.of(peer)])
        },
      }
    }),
  ),
  altered('keeps no presence for a watcher whose session waits', 'watch.ends', () =>
    startTied(() => {
      const waiting = new Set<string>()
      return {
        onWait: (peer) => {
          waiting.add(peer)
        },
        onResume: (peer) => {
          waiting.delete(peer)
        },
        isLost: (peer, text) => waiting.has(peer) && text.includes('"type":"presence"'),
      }
    }),
  ),
]

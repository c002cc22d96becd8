import { defaultHandlers, type ListedRoom, type Sighting } from '@parley/reference-server'
import { misdirected } from '../altered-directory.ts'
import { handling, servicesWith, unseen } from '../altered-presence.ts'
import type { Frame, Passage } from '../middleman.ts'
import { tampered, type MutantOptions, type Mutants } from '../mutant.ts'
import { textOf, valid } from '../rule.ts'
import { listing, over } from './discovery-listing.ts'

/** Tells whoever watches a user that it is offline, though it is not. */
function sayOffline(passages: ReadonlySet<Passage>, user: unknown): void {
  for (const passage of passages) {
    const said = passage.notes.get(`said ${String(user)}`) as Frame | undefined
    if (said?.['online'] === true)
      passage.toClient({ ...said, online: false, revision: (said['revision'] as number) + 1 })
  }
}

/** What falls with it besides. */
const toldOffline: MutantOptions = {
  consequences: {
    'watch.change': 'what is told does not alternate',
    'watch.again': 'what is told does not alternate',
    'watch.revision': 'the last revision is told once more',
    'watch.unwatch': 'everybody is told',
  },
}

/** Notes who a connection is, and what it was last told of each user. */
function note(frame: Frame, { notes }: Passage): void {
  if (frame['type'] === 'welcome') notes.set('session', frame['session'])
  if (frame['type'] === 'authenticated') notes.set('user', frame['user'])
  if (frame['type'] === 'presence') notes.set(`said ${textOf(frame, 'user')}`, frame)
}

/** Rules that note who each connection is and what it was told, of all that are open, and then look at each frame. */
function noted(
  look: (frame: Frame, passage: Passage, passages: ReadonlySet<Passage>) => void = () => undefined,
) {
  const passages = new Set<Passage>()
  return {
    passages,
    toClient: (frame: Frame, passage: Passage) => {
      note(frame, passage)
      look(frame, passage, passages)
      return true
    },
  }
}

/** Faults of spec/discovery.md in what a server makes of whom and what it has known before, or knows by another name. */
export const knownDiscoveryMutants: Mutants = [
  tampered(
    'says offline when one of several connections of a user ends',
    'watch.only-changes',
    () => {
      const rules = noted()
      return {
        ...rules,
        onClientEnd: (gone) => {
          const user = gone.notes.get('user')
          const others = [...rules.passages].filter(
            (each) => each !== gone && each.notes.get('user') === user,
          )
          if (user === 'bob' && others.length > 0) sayOffline(rules.passages, user)
          return true
        },
      }
    },
    toldOffline,
  ),
  tampered(
    'says offline when one of several connections of a user says bye',
    'watch.only-changes',
    () => {
      const rules = noted()
      return {
        ...rules,
        toServer: (frame, passage) => {
          const user = passage.notes.get('user')
          const others = [...rules.passages].filter(
            (each) => each !== passage && each.notes.get('user') === user,
          )
          if (frame['type'] === 'bye' && user === 'bob' && others.length > 0) sayOffline(rules.passages, user)
          return true
        },
      }
    },
    toldOffline,
  ),
  tampered(
    'says offline when one of several connections of a user is replaced',
    'watch.only-changes',
    () => {
      const rules = noted()
      return {
        ...rules,
        toServer: (frame) => {
          const old = [...rules.passages].find(({ notes }) => notes.get('session') === frame['replaces'])
          const user = old?.notes.get('user')
          const others = [...rules.passages].filter((each) => each !== old && each.notes.get('user') === user)
          const isReplaced = frame['type'] === 'hello' && user === 'bob'
          if (isReplaced && others.length > 0) sayOffline(rules.passages, user)
          return true
        },
      }
    },
    toldOffline,
  ),
  tampered(
    'says offline of a user who was refused the token of another one',
    'watch.online',
    () =>
      noted((frame, passage, passages) => {
        if (frame['code'] === 'user-mismatch') sayOffline(passages, passage.notes.get('user'))
      }),
    {
      consequences: {
        'watch.change': 'offline comes twice',
        'watch.again': 'a presence comes too often',
        'watch.revision': 'a presence comes between two',
        'watch.unwatch': 'it comes to those who watch no more, too',
      },
    },
  ),
  tampered(
    'says offline of a user whose token was refused',
    'watch.online',
    () =>
      noted((frame, passage, passages) => {
        const user = passage.notes.get('user')
        if (frame['code'] === 'auth-failed' && user !== undefined) sayOffline(passages, user)
      }),
    {
      consequences: {
        'watch.change': 'offline comes twice',
        'watch.again': 'a presence comes too often',
        'watch.revision': 'a presence comes between two',
        'watch.unwatch': 'it comes to those who watch no more, too',
      },
    },
  ),
  unseen(
    'takes users for one whose names differ in case',
    'watch.online',
    (inner) => {
      const names = new Map<string, string>()
      const asWatched = (sightings: readonly Sighting[]) =>
        sightings.map((each) => ({ ...each, user: names.get(`${each.to} ${each.user}`) ?? each.user }))
      return {
        attach: (...args) => asWatched(inner.attach(...args)),
        detach: (peer) => asWatched(inner.detach(peer)),
        watch: (peer, users) => {
          const folded = users.map(({ user, ...rest }) => {
            names.set(`${peer} ${user.toLowerCase()}`, user)
            return { ...rest, user: user.toLowerCase() }
          })
          const result = inner.watch(peer, folded)
          return result.kind === 'watching' ? { ...result, sightings: asWatched(result.sightings) } : result
        },
      }
    },
    { consequences: { 'watch.only-watched': 'who watches another name is told of the user' } },
  ),
  tampered('ends the first of several watches', 'watch.unwatch', () => ({
    toServer: valid('unwatch', (frame) => ({ ...frame, users: (frame['users'] as unknown[]).slice(0, 1) })),
  })),
  tampered('lists a user once for each connection', 'find.order', () => {
    const passages = new Set<Passage>()
    return {
      passages,
      toClient: (frame, passage) => {
        note(frame, passage)
        if (frame['type'] !== 'found') return true
        const connections = (user: unknown) =>
          [...passages].filter(({ notes }) => notes.get('user') === user).length
        const items = (frame['items'] as readonly Frame[]).flatMap((item) =>
          'user' in item && connections(item['user']) > 2 ? [item, item] : [item],
        )
        return { ...frame, items }
      },
    }
  }),
  handling(
    'goes on behind every name that begins as that of the cursor',
    'find.complete',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(
        message,
        client,
        listing(services, async ({ after, most, ...wanted }) => {
          const all = await services.directory.listRooms({ ...wanted, after, most: Infinity })
          return all.filter(({ room }) => after === undefined || !room.startsWith(after)).slice(0, most)
        }),
        frame,
      ),
  ),
  misdirected('lists rooms whose last member was lost', 'find.present', (inner) => {
    const lost = new Map<string, ListedRoom>()
    return {
      disconnect: (peer) => {
        const before = inner.listRooms({ prefix: '', after: undefined, most: Infinity })
        const result = inner.disconnect(peer)
        const left = new Set(
          inner.listRooms({ prefix: '', after: undefined, most: Infinity }).map(({ room }) => room),
        )
        for (const each of before) if (!left.has(each.room)) lost.set(each.room, { ...each, members: 1 })
        return result
      },
      listRooms: (wanted) => {
        const { prefix, after = '', most, member } = wanted
        const ghosts = [...lost.values()].filter(({ room }) => room.startsWith(prefix) && room > after)
        const all = [...inner.listRooms(wanted), ...(member === undefined ? ghosts : [])]
        return all.toSorted((one, other) => (one.room < other.room ? -1 : 1)).slice(0, most)
      },
    }
  }),
  handling('lists the rooms that there were at the first page', 'find.present', 'find', () => {
    const first = new Map<string, readonly ListedRoom[]>()
    return (message, client, services, frame) => {
      const key = `${client.peer} ${message.prefix ?? ''}`
      const { directory } = services
      const then = over(directory, {
        listRooms: async (wanted) => {
          if (wanted.after === undefined)
            first.set(key, await directory.listRooms({ ...wanted, most: Infinity }))
          const { after = '', most } = wanted
          return (first.get(key) ?? []).filter(({ room }) => room > after).slice(0, most)
        },
      })
      return defaultHandlers.find(message, client, servicesWith(services, { directory: then }), frame)
    }
  }),
]

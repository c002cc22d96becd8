import { defaultHandlers, type Client, type Services } from '@parley/reference-server'
import { handling, presenceOver, servicesWith, unseen } from '../altered-presence.ts'
import type { Grant } from '@parley/schemas'
import type { Frame } from '../middleman.ts'
import { altered, tampered, type Mutants } from '../mutant.ts'
import { changed, refusal, textOf, valid, without } from '../rule.ts'
import { startReferenceServer } from '../running-server.ts'
import { ann, bob } from './authentication-rule.ts'
import { byCounting, listing, over } from './discovery-listing.ts'

interface Item {
  readonly room?: string
  readonly user?: string
  readonly members?: number
}

const itemsOf = (frame: Frame) => frame['items'] as readonly Item[]

/** Changes the items of every page. */
function paging(change: (items: readonly Item[]) => readonly Item[]) {
  return () => ({ toClient: changed('found', (frame) => ({ ...frame, items: change(itemsOf(frame)) })) })
}

/** The prefixes of what a client may join. */
function prefixesOf({ grants = [] }: Pick<Client, 'grants'>): readonly string[] {
  return grants.flatMap(({ prefix }) => prefix ?? [])
}

/** Finds no rooms where the prefix that is asked for is another than that of a grant, and the two are alike in some way. */
function findingNoneWhere(areAlike: (asked: string, own: string) => boolean): typeof defaultHandlers.find {
  return (message, client, services, frame) => {
    const { prefix = '' } = message
    const isHidden = prefixesOf(client).some((own) => own !== prefix && areAlike(prefix, own))
    return defaultHandlers.find(message, client, isHidden ? listing(services, () => []) : services, frame)
  }
}

/** Faults of spec/discovery.md: finding. */
export const discoveryFindingMutants: Mutants = [
  handling(
    'finds rooms that grants do not let one join',
    'find.may-join',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(message, over(client, { grants: undefined }), services, frame),
  ),
  handling(
    'finds rooms by the grants that a client had when it first looked',
    'find.may-join',
    'find',
    () => {
      const first = new Map<string, readonly Grant[] | undefined>()
      return (message, client, services, frame) => {
        if (!first.has(client.peer)) first.set(client.peer, client.grants)
        const seen = over(client, { grants: first.get(client.peer) })
        return defaultHandlers.find(message, seen, services, frame)
      }
    },
    { server: { tokens: [ann, { ...bob, user: ann.user }] } },
  ),
  tampered('leaves the last room out of a search', 'find.own-rooms', () => ({
    toClient: changed('found', (frame) => {
      const items = itemsOf(frame)
      const isLast = !('cursor' in frame) && items.at(-1)?.room?.endsWith('b')
      return isLast ? { ...frame, items: items.slice(0, -1) } : frame
    }),
  })),
  handling('finds no rooms by a longer prefix than that of the grants', 'find.own-rooms', 'find', () =>
    findingNoneWhere((asked, own) => asked.startsWith(own)),
  ),
  handling('finds no rooms by a shorter prefix than that of the grants', 'find.own-rooms', 'find', () =>
    findingNoneWhere((asked, own) => own.startsWith(asked)),
  ),
  tampered(
    'lists the rooms of one grant after those of another',
    'find.order',
    paging((items) => {
      const isLater = ({ room }: Item) => room?.startsWith('listen-') === true
      return [...items.filter((item) => !isLater(item)), ...items.filter(isLater)]
    }),
  ),
  handling(
    'finds users whatever the prefix',
    'find.prefix',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(
        message,
        client,
        servicesWith(services, {
          presence: presenceOver(services.presence, {
            onlineUsers: (wanted) => services.presence.onlineUsers({ ...wanted, prefix: '' }),
          }),
        }),
        frame,
      ),
  ),
  tampered('leaves the second user out of the second page of users', 'find.own-user', () => ({
    toClient: changed('found', (frame) =>
      'cursor' in frame || itemsOf(frame).length !== 1
        ? frame
        : { ...frame, items: itemsOf(frame).filter(({ user }) => user !== 'bob') },
    ),
  })),
  handling(
    'finds no users',
    'find.own-user',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(
        message,
        client,
        message.kind === 'rooms'
          ? services
          : servicesWith(services, { presence: presenceOver(services.presence, { onlineUsers: () => [] }) }),
        frame,
      ),
    { consequences: { 'find.sight': 'watch shows whom no search finds' } },
  ),
  handling(
    'finds only the user itself, and lets it watch all',
    'find.sight',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(
        message,
        client,
        servicesWith(services, { options: { ...services.options, seeUsers: 'self' } }),
        frame,
      ),
  ),
  handling(
    'lets a client see only who is online when the watch begins',
    'find.not-by-presence',
    'watch',
    () => async (message, client, services, frame) => {
      const there = new Set<string>()
      for (const user of message.users) {
        const [first] = await services.presence.onlineUsers({ prefix: user, after: undefined, most: 1 })
        if (first === user) there.add(user)
      }
      const sightRule: NonNullable<Services['sightRule']> = ({ users }) =>
        users.filter((user) => there.has(user))
      await defaultHandlers.watch(message, client, servicesWith(services, { sightRule }), frame)
    },
  ),
  tampered(
    'refuses a find that finds nothing',
    'find.reply',
    () => ({
      toServer: (frame, passage) => {
        if (frame['type'] === 'find') passage.notes.set('find', frame)
        return true
      },
      toClient: changed('found', (frame, passage) =>
        itemsOf(frame).length > 0 ? frame : refusal(passage.notes.get('find') as Frame, 'forbidden'),
      ),
    }),
    {
      consequences: {
        'outcomes.exactly-one': 'a refusal names the last find, not the one that it answers',
      },
    },
  ),
  tampered(
    'leaves a find without id unanswered',
    'find.reply',
    () => ({
      toClient: changed('found', (frame) => 'ref' in frame),
    }),
    { consequences: { 'outcomes.typed-reply': 'found is the typed reply of find' } },
  ),
  tampered(
    'gives rooms to those who look for users',
    'find.kind',
    () => ({ toServer: valid('find', (frame) => ({ ...frame, kind: 'rooms' })) }),
    {
      consequences: {
        'find.own-user': 'no search finds users',
        'find.sight': 'no search finds users',
        'find.unknown-cursor': 'every cursor is one of rooms',
      },
    },
  ),
  altered(
    'finds rooms that all have left',
    'find.present',
    () => {
      const known = new Set<string>()
      return startReferenceServer(
        {},
        {
          decorateDirectory: (inner) =>
            over(inner, {
              join: (...args) => {
                known.add(args[0])
                return inner.join(...args)
              },
              listRooms: ({ prefix, after, most }) =>
                [...known]
                  .filter((room) => room.startsWith(prefix) && (after === undefined || room > after))
                  .sort()
                  .slice(0, most)
                  .map((room) => ({ room, members: 1 })),
            }),
        },
      )
    },
    { consequences: { 'find.members': 'it does not know how many there are' } },
  ),
  unseen('finds users that have gone', 'find.present', (inner) => {
    const known = new Set<string>()
    return {
      attach: (peer, user) => {
        if (user !== undefined) known.add(user)
        return inner.attach(peer, user)
      },
      onlineUsers: ({ prefix, after, most }) =>
        [...known]
          .filter((user) => user.startsWith(prefix) && (after === undefined || user > after))
          .sort()
          .slice(0, most),
    }
  }),
  tampered(
    'does not count the one who asks among the members',
    'find.members',
    paging((items) =>
      items.map((item) =>
        item.members === undefined ? item : { ...item, members: Math.max(1, item.members - 1) },
      ),
    ),
  ),
  handling(
    'takes prefixes without regard to case',
    'find.prefix',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(
        message,
        client,
        listing(services, async (wanted) => {
          const all = await services.directory.listRooms({ ...wanted, prefix: '', most: Infinity })
          return all
            .filter(({ room }) => room.toLowerCase().startsWith(wanted.prefix.toLowerCase()))
            .slice(0, wanted.most)
        }),
        frame,
      ),
  ),
  handling(
    'takes _ in a prefix for any character',
    'find.prefix',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(
        message,
        client,
        listing(services, async (wanted) => {
          const all = await services.directory.listRooms({ ...wanted, prefix: '', most: Infinity })
          const fits = (room: string) =>
            Array.from(wanted.prefix).every(
              (character, at) => character === '_' || room.charAt(at) === character,
            )
          return all
            .filter(({ room }) => room.length >= wanted.prefix.length && fits(room))
            .slice(0, wanted.most)
        }),
        frame,
      ),
  ),
  tampered(
    'puts pages into the order of a dictionary',
    'find.order',
    paging((items) =>
      items.toSorted((one, other) =>
        (one.room ?? '').toLowerCase() < (other.room ?? '').toLowerCase() ? -1 : 1,
      ),
    ),
  ),
  altered('pages by counting', 'find.order', byCounting, {
    consequences: { 'find.complete': 'what goes moves the others past the place' },
  }),
  handling(
    'begins each page anew, without the name that the one before ended with',
    'find.order',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(
        message,
        client,
        listing(services, async ({ after, most, ...wanted }) => {
          const all = await services.directory.listRooms({ ...wanted, after: undefined, most: Infinity })
          return all.filter(({ room }) => room !== after).slice(0, most)
        }),
        frame,
      ),
  ),
  altered('loses what moves up when something goes', 'find.complete', () => byCounting(true), {}),
  handling(
    'gives one item more than was asked for',
    'find.limit',
    'find',
    () => (message, client, services, frame) =>
      defaultHandlers.find(
        message.limit === undefined || message.limit >= 1000
          ? message
          : { ...message, limit: message.limit + 1 },
        client,
        services,
        frame,
      ),
  ),
  tampered('has a cursor on every page', 'find.progress', () => {
    const cursors = new Map<string, Frame>()
    return {
      toServer: (frame, passage) => {
        const kept = frame['type'] === 'find' ? cursors.get(textOf(frame, 'cursor')) : undefined
        if (kept === undefined) return true
        passage.toClient({ ...kept, ref: frame['id'] })
        return false
      },
      toClient: changed('found', (frame) => {
        if ('cursor' in frame) return frame
        const cursor = `end-${String(cursors.size)}`
        cursors.set(cursor, { ...without(frame, 'ref'), items: [], cursor })
        return { ...frame, cursor }
      }),
    }
  }),
  handling(
    'takes each cursor once',
    'find.cursor',
    'find',
    () => {
      const used = new Set<string>()
      return (message, client, services, frame) => {
        const { cursor } = message
        const spent = cursor !== undefined && used.has(cursor)
        if (cursor !== undefined) used.add(cursor)
        return defaultHandlers.find(
          spent ? { ...message, cursor: 'spent' } : message,
          client,
          services,
          frame,
        )
      }
    },
    { consequences: { 'find.unknown-cursor': 'its control comes with a cursor that has come before' } },
  ),
  handling(
    'takes the cursors of other peers',
    'find.unknown-cursor',
    'find',
    () => (message, client, services, frame) => {
      const cursors = Object.create(services.cursors, {
        write: {
          value: (place: Parameters<Services['cursors']['write']>[0]) => services.cursors.write(place, 'all'),
        },
        read: { value: (cursor: string) => services.cursors.read(cursor, 'all') },
      }) as Services['cursors']
      return defaultHandlers.find(message, client, servicesWith(services, { cursors }), frame)
    },
  ),
  handling(
    'begins anew where it does not know a cursor',
    'find.unknown-cursor',
    'find',
    () =>
      ({ cursor, ...message }, client, services, frame) => {
        const known = cursor !== undefined && services.cursors.read(cursor, client.peer) !== undefined
        return defaultHandlers.find(known ? { ...message, cursor } : message, client, services, frame)
      },
  ),
  handling(
    'goes on with another prefix',
    'find.unknown-cursor',
    'find',
    () => (message, client, services, frame) => {
      const cursors = Object.create(services.cursors, {
        write: {
          value: (place: Parameters<Services['cursors']['write']>[0], peer: string) =>
            services.cursors.write(place, peer),
        },
        read: {
          value: (cursor: string, peer: string) => {
            const place = services.cursors.read(cursor, peer)
            return place && { ...place, prefix: message.prefix ?? '' }
          },
        },
      }) as Services['cursors']
      return defaultHandlers.find(message, client, servicesWith(services, { cursors }), frame)
    },
  ),
]

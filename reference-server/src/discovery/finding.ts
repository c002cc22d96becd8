import type { FoundRoom, FoundUser, Grant, UserId } from '@parley/schemas'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable, type ListedRoom } from '../directory.ts'
import { permits } from '../permission.ts'
import type { Services } from '../services.ts'
import type { NamesWanted } from './registry.ts'
import { sightOf } from './sight.ts'

/** Users that the application's rule is asked about at a time, at first; each time twice as many. */
const firstBatch = 128

/** The first rooms that a client sees: find.may-join, find.own-rooms, find.order. */
export function visibleRooms(
  client: Client,
  wanted: NamesWanted,
  { directory, options }: Services,
): Awaitable<readonly FoundRoom[]> {
  const { grants, peer } = client
  const may = ({ room }: FoundRoom) => permits(grants, 'join', room)
  if (options.findRooms === 'own')
    return whenReady(directory.listRooms({ ...wanted, most: Infinity, member: peer }), (rooms) =>
      rooms.filter(may).slice(0, wanted.most),
    )
  // Rooms that grants do not cover are never looked at, however many there are.
  const ranges = rangesOf(grants, wanted.prefix)
  const listAll = (index: number, found: readonly ListedRoom[]): Awaitable<readonly ListedRoom[]> => {
    const prefix = ranges[index]
    if (prefix === undefined) return found
    return whenReady(directory.listRooms({ ...wanted, prefix }), (more) =>
      listAll(index + 1, [...found, ...more]),
    )
  }
  return whenReady(listAll(0, []), (found) => {
    const byName = new Map(found.map((room) => [room.room, room]))
    return [...byName.values()]
      .filter(may)
      .sort((one, other) => (one.room < other.room ? -1 : 1))
      .slice(0, wanted.most)
  })
}

/** The prefixes under which rooms may be that have a prefix and that grants let somebody join. */
function rangesOf(grants: readonly Grant[] | undefined, prefix: string): readonly string[] {
  if (grants === undefined) return [prefix]
  const ranges = grants
    .filter(({ join }) => join)
    .map((grant) => grant.room ?? grant.prefix)
    .flatMap((own) => (own.startsWith(prefix) ? [own] : prefix.startsWith(own) ? [prefix] : []))
  return [...new Set(ranges)]
}

/** The first users that a client sees online: find.sight, find.own-user, find.order. */
export function visibleUsers(
  client: Client,
  wanted: NamesWanted,
  services: Services,
): Awaitable<readonly FoundUser[]> {
  const { user: self } = client
  if (self === undefined) return []
  const { sightRule, options, presence } = services
  if (sightRule === undefined && options.seeUsers === 'self') {
    const isWanted = self.startsWith(wanted.prefix) && (wanted.after === undefined || self > wanted.after)
    return isWanted ? [{ user: self }] : []
  }
  const rest = (after: string | undefined, batch: number, seen: readonly UserId[]): Awaitable<UserId[]> =>
    whenReady(presence.onlineUsers({ ...wanted, after, most: batch }), (users) =>
      whenReady(sightOf(client, users, services), (sees) => {
        const more = [...seen, ...users.filter(sees)]
        if (more.length >= wanted.most || users.length < batch) return more.slice(0, wanted.most)
        return rest(users.at(-1), batch * 2, more)
      }),
    )
  return whenReady(rest(wanted.after, Math.max(firstBatch, wanted.most), []), (users) =>
    users.map((user) => ({ user })),
  )
}

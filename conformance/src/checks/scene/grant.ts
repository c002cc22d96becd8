import type { Grant } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { permits, type Right } from '../../target/grant.ts'

/** What the server said that a user of the kit may do; absent grants allow everything. */
export function grantsOf(t: CheckContext, user: number): readonly Grant[] | undefined {
  const grants: unknown = t.target.users[user]?.authenticated?.grants
  if (grants === undefined || Array.isArray(grants)) return grants as readonly Grant[] | undefined
  return t.couldNotRun('authenticated.grants is no list: see frames.shape')
}

/** A grant by prefix, under which the kit can make up rooms that nobody uses. */
type PrefixGrant = Grant & { readonly prefix: string }

function prefixGrants(grants: readonly Grant[]): PrefixGrant[] {
  return grants.filter(
    (grant): grant is PrefixGrant => typeof grant.prefix === 'string' && grant.prefix.length <= 96,
  )
}

/** Rooms that grants name or could be mistaken for naming; none of them is anybody's but the kit's. */
function inventedRooms(t: CheckContext, grants: readonly Grant[]): string[] {
  const tail = () => t.random.hex(20)
  const own = grants.map((grant) => grant.prefix ?? grant.room)
  // What others may do, and what the kit likes to call its rooms, might be open to this user too, although its grants do not say so.
  const foreign = t.target.users.flatMap((_, user) =>
    (grantsOf(t, user) ?? []).map((grant) => grant.prefix ?? grant.room),
  )
  const tempting = [...foreign, 'parley-']
    .filter((name) => !own.includes(name))
    .map((name) => `${name}${tail()}`)
  const near = own.flatMap((name) => {
    if (name.length > 96) return []
    return [
      `${name}${tail()}`,
      `${name}/${tail()}`,
      `${name.slice(0, -1)}~${tail()}`,
      `${name.slice(1)}${tail()}`,
      `${tail()}${name}`,
      `${tail()}${name}${tail()}`,
      `${swapCase(name)}${tail()}`,
      ` ${name}${tail()}`,
    ]
  })
  return [...new Set([...near, ...tempting.filter(isRoomName), tail(), `*${tail()}`])]
}

/** Whether a room can have this name. */
export function isRoomName(name: string): boolean {
  return /^[ -~]{1,128}$/.test(name)
}

function swapCase(text: string): string {
  return Array.from(text)
    .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
    .join('')
}

/** Invented rooms in which grants do, or do not, allow something. */
export function roomsWhere(
  t: CheckContext,
  grants: readonly Grant[],
  allowed: boolean,
  right: Right,
): string[] {
  return inventedRooms(t, grants).filter((room) => permits(grants, right, room) === allowed)
}

/** An invented room that grants allow to join, and allow or do not allow to send in. */
export function roomToJoin(
  t: CheckContext,
  grants: readonly Grant[] | undefined,
  send: boolean,
): string | undefined {
  return roomsToJoin(t, grants, send)[0]
}

/** The same, one for each prefix: where prefixes overlap, some are under several. */
export function roomsToJoin(
  t: CheckContext,
  grants: readonly Grant[] | undefined,
  send: boolean,
): readonly string[] {
  if (grants === undefined) return send ? [`parley-${t.random.hex(24)}`] : []
  return prefixGrants(grants)
    .map(({ prefix }) => `${prefix}parley-${t.random.hex(16)}`)
    .filter((room) => permits(grants, 'join', room) && permits(grants, 'send', room) === send)
}

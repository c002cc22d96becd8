import type { Grant } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import type { Right } from '../../target/grant.ts'
import { mayUser } from '../../target/target.ts'

/** Whether a user of the kit may do something in a room, as its `authenticated` says. */
function allows(t: CheckContext, user: number, right: Right, room: string): boolean {
  return mayUser(t.target, user, right, room)
}

/** A room of the kit's own that both users may join and send in. */
export function sharedRoom(t: CheckContext, first: number, second: number): string {
  for (const owner of [first, second]) {
    const room = t.room(owner)
    if ([first, second].every((user) => allows(t, user, 'join', room) && allows(t, user, 'send', room)))
      return room
  }
  return t.notObserved('The two users have no room in common: give tokens whose grants cover the same prefix')
}

/** A room in which two of the kit's users have different rights. */
export interface GrantedRoom {
  readonly room: string
  /** User who may do less. */
  readonly outsider: number
  /** User who may join and send; the same as the outsider where there is no other. */
  readonly insider: number
}

/**
 * Finds a room that one user may not join (`closed`), or may join but not send in (`listen`), and that another one is at home in. Ends
 * the check where no user of the kit has such grants.
 */
export function grantedRoom(t: CheckContext, kind: 'closed' | 'listen'): GrantedRoom {
  if (!t.target.needsAuth) t.notApplicable('The server asks for no authentication, so there are no grants')
  const users = t.target.users.map((_, index) => index)
  for (const outsider of users) {
    for (const room of candidates(t, outsider)) {
      const may = (user: number, right: Right) => allows(t, user, right, room)
      if (may(outsider, 'send') || may(outsider, 'join') !== (kind === 'listen')) continue
      const insider = users.find((user) => may(user, 'join') && may(user, 'send'))
      if (insider !== undefined) return { room, outsider, insider }
    }
  }
  const what =
    kind === 'closed' ? 'forbid a room that another one may use' : 'let it join a room but not send there'
  return t.notApplicable(`No user of the kit has grants that ${what}`)
}

/** Rooms of the kit's own at the borders of a user's grants. */
function candidates(t: CheckContext, user: number): string[] {
  const grants: unknown = t.target.users[user]?.authenticated?.grants
  if (!Array.isArray(grants)) return []
  const prefixes = (grants as Grant[]).flatMap((grant) => ('prefix' in grant ? [grant.prefix] : []))
  const name = `none-${t.random.hex(24)}`
  return [
    name,
    ...prefixes.flatMap((prefix) => [`${prefix}${name}`, `${prefix.slice(0, -1)}${name}`]),
  ].filter((room) => room.length <= 128)
}

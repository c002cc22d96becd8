import type { Grant, RoomName } from '@parley/schemas'

/** What a grant can allow. */
export type Right = 'join' | 'send'

/**
 * Whether grants allow something in a room.
 *
 * @param grants - `undefined` allows everything.
 */
export function permits(grants: readonly Grant[] | undefined, right: Right, room: RoomName): boolean {
  // auth.grants: any one of them is enough
  return grants === undefined || grants.some((grant) => grant[right] && covers(grant, room))
}

function covers(grant: Grant, room: RoomName): boolean {
  return grant.room === undefined ? room.startsWith(grant.prefix) : grant.room === room
}

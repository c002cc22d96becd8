import type { Grant } from '@parley/schemas'

/** What a grant can allow. */
export type Right = 'join' | 'send'

/** Whether grants allow something in a room; absent grants allow everything. */
export function permits(grants: readonly Grant[] | undefined, right: Right, room: string): boolean {
  return grants === undefined || grants.some((grant) => grant[right] && covers(grant, room))
}

function covers(grant: Grant, room: string): boolean {
  return grant.prefix === undefined ? grant.room === room : room.startsWith(grant.prefix)
}

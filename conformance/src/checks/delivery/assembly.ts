import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { grantsOf } from '../scene/grant.ts'
import { permits } from '../../target/grant.ts'
import { announcedLimit, enter, knowsOf, leaveRoom, placesFor } from '../scene/membership.ts'

/** Members of one room, each of which has come to it in another way. */
export interface Assembly {
  readonly room: string
  readonly members: readonly Endpoint[]
}

/** Members that are wanted: a server may treat the first few otherwise than those who come later. */
const wanted = 8

/**
 * Brings together what a server may keep apart: users, members of another room, who has left and come back, who has taken over from an
 * earlier connection, and many of them. All know each other.
 */
export async function assemble(t: CheckContext): Promise<Assembly> {
  const room = t.room()
  const count = placesFor(t, wanted, 3)
  const second = maySend(t, 1, room) ? 1 : 0
  const came = await Promise.all(
    Array.from({ length: count }, (_, place) => t.client({ user: place % 2 === 1 ? second : 0 })),
  )
  const [first, other] = came as [Endpoint, Endpoint]
  // The last is yet to take over.
  const leaver = came[Math.min(2, count - 2)] as Endpoint
  // For these two it is their second room.
  if ((announcedLimit(t, 'roomsPerPeer') ?? 2) >= 2 && second === 0) {
    const elsewhere = t.room()
    await enter(t, first, elsewhere)
    await enter(t, other, elsewhere)
  } else if ((announcedLimit(t, 'roomsPerPeer') ?? 2) >= 2) await enter(t, first, t.room())
  for (const member of came.slice(0, -1)) await enter(t, member, room)
  await leaveRoom(leaver, room)
  await enter(t, leaver, room)
  const last = came.at(-1) as Endpoint
  const heir = await t.client({
    user: (count - 1) % 2 === 1 ? second : 0,
    hello: { replaces: last.session },
  })
  await enter(t, heir, room)
  const members = [...came.slice(0, -1), heir]
  for (const member of members)
    for (const each of members) if (each !== member) await knowsOf(member, room, each)
  return { room, members }
}

/** Whether the kit has another user, who may join a room and send there. */
function maySend(t: CheckContext, user: number, room: string): boolean {
  if (!t.target.needsAuth || t.target.users[user] === undefined) return false
  const grants = grantsOf(t, user)
  return permits(grants, 'join', room) && permits(grants, 'send', room)
}

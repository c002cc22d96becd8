import type { Grant } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { permits, type Right } from '../../target/grant.ts'
import { grantsOf, roomsWhere } from './grant.ts'
import { hangupTo } from './negotiation-message.ts'
import { expectAccepted, expectRefusal } from './refusal.ts'
import { requireToken, userOf } from './token.ts'

/** A token of the kit, by the place of its user, and what it grants. */
export interface GrantingToken {
  readonly user: number
  readonly grants: readonly Grant[] | undefined
}

/** Rooms in which one of two tokens gives a right that the other does not. */
export interface ChangedRight {
  readonly before: GrantingToken
  readonly after: GrantingToken
  /** Rooms in which the second token takes the right away. */
  readonly lost: readonly string[]
  /** Rooms in which the second token adds it. */
  readonly won: readonly string[]
}

/** Rooms that a check tries of each kind. */
const mostRooms = 8

/**
 * What becomes of a right where one token of a user follows the other, in both orders. Ends the check where the kit has no two tokens of one
 * user that differ in it.
 */
export function changesOf(t: CheckContext, right: Right): readonly ChangedRight[] {
  requireToken(t)
  const what = right === 'join' ? 'what they let it join' : 'where they let it send'
  const wanted = `two tokens of one user that differ in ${what} (--token given twice)`
  if (t.target.users.length < 2 || userOf(t, 0) !== userOf(t, 1)) return t.notObserved(`This takes ${wanted}`)
  const [one, other] = [0, 1].map((user) => ({ user, grants: grantsOf(t, user) })) as [
    GrantingToken,
    GrantingToken,
  ]
  const found = [changeOf(t, right, one, other), changeOf(t, right, other, one)].filter(
    ({ lost, won }) => lost.length + won.length > 0,
  )
  if (found.length === 0) t.notObserved(`Both tokens of the user grant the same: give ${wanted}`)
  return found
}

function changeOf(t: CheckContext, right: Right, before: GrantingToken, after: GrantingToken): ChangedRight {
  const named = [...(before.grants ?? []), ...(after.grants ?? [])]
  // Who may not join cannot send: only rooms that both let it into tell something of sending.
  const rooms = [true, false]
    .flatMap((isNamed) => roomsWhere(t, named, isNamed, 'join'))
    .filter(
      (room) => right === 'join' || [before, after].every(({ grants }) => permits(grants, 'join', room)),
    )
  const gives = ({ grants }: GrantingToken, room: string) => permits(grants, right, room)
  const only = (one: GrantingToken, other: GrantingToken) =>
    rooms.filter((room) => gives(one, room) && !gives(other, room)).slice(0, mostRooms)
  return { before, after, lost: only(before, after), won: only(after, before) }
}

/** Sends a member of a room a message, which its sender may or may not do there. */
export async function expectSending(
  t: CheckContext,
  [from, to]: readonly [Endpoint, Endpoint],
  room: string,
  isAllowed: boolean,
  when: string,
): Promise<void> {
  const call = t.callId()
  const pending = from.post(hangupTo({ room, to: to.peer, call }))
  if (!isAllowed) {
    await expectRefusal(from, pending.id, ['forbidden'], `a hangup that no grant allows ${when}`)
    return
  }
  const what = `a hangup that grants allow ${when}`
  await expectAccepted(pending, 'ok', what)
  await to.expect('hangup', (hangup) => hangup.call === call, `the delivery of ${what}`)
}

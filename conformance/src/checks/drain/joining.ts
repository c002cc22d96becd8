import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import type { ToldCast } from './cast.ts'
import type { MemberWatch } from './ending.ts'

/** drain.joins: the connection of who is in no room may have ended already. */
export async function refusesJoins(t: CheckContext, told: ToldCast): Promise<void> {
  const { membersPerRoom = Infinity, roomsPerPeer = Infinity } = t.target.welcome.limits
  const { room, member, outsider } = told
  try {
    await refusesJoinsOf(outsider, [
      ['a room that the peer was in before', told.elsewhere],
      ['a new room', t.room()],
      ...(membersPerRoom > 2 ? [['a room that others are in', room] as const] : []),
    ])
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    if (roomsPerPeer < 2)
      throw new Undecided(
        'not-observed',
        'The server has ended the connections of those who could join a room',
      )
    await refusesJoinsOf(member, [['a second room', t.room()]])
  }
}

async function refusesJoinsOf(
  joiner: Endpoint,
  rooms: readonly (readonly [what: string, room: string])[],
): Promise<void> {
  for (const [what, name] of rooms) {
    const expected = `draining for the join of ${what} after goaway`
    const { type, code, text } = await requestInTime(joiner, { type: 'join', room: name })
    if (code !== 'draining')
      throw new CheckFailure(
        expected,
        `the outcome was ${code === undefined ? type : `the error ${code}`}`,
      ).shownBy(text)
  }
}

/**
 * drain.joins: a session that goes on while the server drains begins nothing new either.
 *
 * @param resumed - The connection on which it goes on; `undefined` where it does not.
 */
export async function refusesJoinsOfResumed(
  t: CheckContext,
  { keeps }: Pick<ToldCast, 'keeps'>,
  resumed: MemberWatch | undefined,
): Promise<void> {
  if (keeps === undefined) throw new Undecided('not-applicable', 'The server does not offer resume')
  if (resumed === undefined)
    throw new Undecided('could-not-run', 'No session was resumed while the server drains: see resume.resumed')
  const { roomsPerPeer = Infinity } = t.target.welcome.limits
  if (roomsPerPeer < 2)
    throw new Undecided(
      'not-applicable',
      'This takes a peer in 2 rooms; the server allows 1: it would refuse the join all the same',
    )
  const { member } = resumed
  await presupposing('drain.newcomer', member.expect('goaway', undefined, 'a goaway on a later connection'))
  await refusesJoinsOf(member, [['a new room, by a peer whose session was resumed meanwhile,', t.room()]])
}

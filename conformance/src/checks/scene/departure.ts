import type { LeaveReason } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { enter, seesJoin } from './membership.ts'

/**
 * A connection has ended right after, or before, a join, which may still have been under way. Whether the join counts is another matter: whoever
 * is shown to a member has to be taken back.
 *
 * @param what - Of what connection, in words.
 */
export async function takenBack(
  t: CheckContext,
  { room, witness, gone }: { readonly room: string; readonly witness: Endpoint; readonly gone: Endpoint },
  what: string,
): Promise<void> {
  // Another connection is welcomed, and has joined, after all that the one that has ended had sent.
  const newcomer = await t.client()
  const { members } = await enter(t, newcomer, room)
  await seesJoin(witness, room, newcomer)
  const joins = witness.all('peer-joined', (m) => m.room === room && m.member.peer === gone.peer).length
  const leaves = (at: Endpoint, nth: number, shown: string) =>
    at.expect(
      'peer-left',
      (m) => m.room === room && m.peer === gone.peer,
      `peer-left about the peer of ${what}, ${shown}`,
      { nth },
    )
  for (let nth = 1; nth <= joins; nth += 1) await leaves(witness, nth, 'who was announced as joined')
  if (members.some(({ peer }) => peer === gone.peer)) await leaves(newcomer, 1, 'whom members lists')
}

/** A way of going, and what the others are told of it. */
export interface Departure {
  readonly way: string
  readonly reason: LeaveReason
  /** The requirement that the others are told of it. */
  readonly told: ServerRequirementId
  /** Sends the frame, or cuts the connection. */
  readonly go: (t: CheckContext, member: Endpoint, room: string) => Promise<void>
}

/** Every way in which a client can end its memberships. */
export const departures = {
  leave: {
    way: 'leave',
    reason: 'leave',
    told: 'rooms.leave',
    go: (_t, member, room) => {
      member.send({ type: 'leave', room })
      return Promise.resolve()
    },
  },
  bye: {
    way: 'bye',
    reason: 'bye',
    told: 'rooms.bye',
    go: (_t, member) => {
      member.send({ type: 'bye', reason: 'the page is closed' })
      return Promise.resolve()
    },
  },
  close: {
    way: 'the end of its connection without bye',
    reason: 'lost',
    told: 'rooms.lost',
    go: (_t, member) => {
      member.close()
      return Promise.resolve()
    },
  },
  cut: {
    way: 'a cut connection',
    reason: 'lost',
    told: 'rooms.lost',
    go: async (_t, member) => {
      await member.drained()
      member.link.abort()
    },
  },
  replaced: {
    way: 'a later connection that replaces its own',
    reason: 'replaced',
    told: 'replaces.peer-left',
    go: async (t, member) => {
      await t.client({ hello: { replaces: member.session } })
    },
  },
} as const satisfies Record<string, Departure>

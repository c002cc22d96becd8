import type { LeaveReason } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'

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

import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { answerTo, type Answer, type Plays } from './walk.ts'

/** A membership in a walk: of one client, in a room in which another one stays. */
export interface MembershipStage {
  readonly t: CheckContext
  readonly a: Endpoint
  readonly b: Endpoint
  readonly room: string
}

function relay({ t, a, room }: MembershipStage, to: string): Promise<Answer> {
  return answerTo(a, hangupTo({ room, to, call: t.callId() }))
}

const otherChecks = 'Needs a token with such grants or a full room, which checks of their own have.'

/** How a walk brings about what the machine `membership` has. */
export const membershipPlays: Plays<'membership', MembershipStage> = {
  join: {
    always: {
      play: ({ t, a, room }) => {
        const data = t.random.integer(3)
        return answerTo(a, { type: 'join', room, ...(data === 0 ? {} : { data }) })
      },
    },
    noRight: otherChecks,
    noPlace: otherChecks,
  },
  update: {
    always: { play: ({ t, a, room }) => answerTo(a, { type: 'update', room, data: t.random.integer(9) }) },
  },
  relay: {
    always: { play: (stage) => relay(stage, stage.b.peer) },
    noReceiver: { play: (stage) => relay(stage, stage.t.strangerId()) },
    noRight: otherChecks,
  },
  leave: { always: { play: ({ a, room }) => answerTo(a, { type: 'leave', room }) } },
  removal: { always: 'Nothing outside makes a server do it.' },
  end: { always: 'A connection of its own begins then: the walk through the machine connection ends them.' },
}

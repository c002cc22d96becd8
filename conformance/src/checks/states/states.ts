import { machines } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { announcedLimit } from '../scene/membership.ts'
import { walkCalls, walkDevices } from './call-walk.ts'
import { connectionPlays, type ConnectionStage } from './connection.ts'
import { sessionPlays, type SessionStage } from './session.ts'
import { membershipPlays, type MembershipStage } from './membership.ts'
import { Walk, type Walked } from './walk.ts'

/** Steps of each walk. */
const steps = { connection: 28, membership: 34, session: 30 } as const

/** Connections that a walk opens one after another at most. */
const mostConnections = 10

/** Tokens that a walk takes besides those with which its clients come. */
const mostTokens = 6

/** From the opening of a connection to its end, again and again. */
async function walkConnections(t: CheckContext): Promise<void> {
  const walk = new Walk<'connection', ConnectionStage>(t, 'connection', connectionPlays)
  let authentications = mostTokens
  let left: number = steps.connection
  for (let opened = 0; opened < mostConnections && left > 0; opened += 1) {
    const stage = { t, a: await t.open(), room: t.room(), failures: 0, authentications }
    const walked: Walked<'connection', ConnectionStage> = { state: machines.connection.initial, stage }
    while (walked.state !== 'ended' && left > 0 && (await walk.step(walked))) left -= 1
    authentications = stage.authentications
  }
  t.evidence.push(...walk.evidence)
}

/** In and out of two rooms. */
async function walkMemberships(t: CheckContext): Promise<void> {
  const walk = new Walk<'membership', MembershipStage>(t, 'membership', membershipPlays)
  const [a, b] = await Promise.all([t.client(), t.client()])
  const rooms = Array.from({ length: Math.min(2, announcedLimit(t, 'roomsPerPeer') ?? 2) }, () => t.room())
  for (const room of rooms) await t.join(room, b)
  const walked = rooms.map((room): Walked<'membership', MembershipStage> => ({
    state: machines.membership.initial,
    stage: { t, a, b, room },
  }))
  try {
    for (let left: number = steps.membership; left > 0; left -= 1) {
      const next = walked[t.random.integer(walked.length)]
      if (next) await walk.step(next)
    }
  } catch (error) {
    // rooms.unasked-left
    const removed = [a, b].some((member) => member.all('left', ({ ref }) => ref === undefined).length > 0)
    if (removed && error instanceof CheckFailure)
      t.notObserved('The server has ended a membership of the walk by itself')
    throw error
  }
  t.evidence.push(...walk.evidence)
}

/** Lost and resumed, again and again, until it is over; then the next. */
async function walkSessions(t: CheckContext): Promise<void> {
  const walk = new Walk<'session', SessionStage>(t, 'session', sessionPlays, true)
  const [b, room] = [await t.client({ capabilities: [] }), t.room()]
  let walked: Walked<'session', SessionStage> | undefined
  for (let left: number = steps.session; left > 0; left -= 1) {
    if (walked === undefined || (walked.state === 'over' && t.random.integer(2) === 0)) {
      const a = await t.client()
      await t.join(room, b, a)
      walked = { state: machines.session.initial, stage: { t, room, b, a, lost: undefined } }
    }
    await walk.step(walked)
  }
  t.evidence.push(...walk.evidence)
}

/** Random walks through the state machines of the specification. */
export const stateChecks: readonly Check[] = [
  check('connection.states', 'a walk through the states of connections', walkConnections, {
    net: true,
    lengthy: true,
  }),
  check('rooms.states', 'a walk through the states of memberships', walkMemberships, {
    net: true,
    lengthy: true,
  }),
  check('ring.states', 'a walk through the states of calls', walkCalls, {
    net: true,
    lengthy: true,
    capability: 'calls',
  }),
  check('ring.states', 'a walk through the states of calls that ring on two devices', walkDevices, {
    name: 'devices',
    net: true,
    lengthy: true,
    capability: 'calls',
  }),
  check('resume.states', 'a walk through the states of sessions', walkSessions, {
    net: true,
    lengthy: true,
    capability: 'resume',
  }),
]

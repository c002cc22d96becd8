import type { CapabilityName } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting } from '../../engine/failure.ts'
import type { Outcome } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { sampleOf } from '../scene/client-sample.ts'
import { brokenMessages, postRefused, refusedMessages } from '../scene/refused-message.ts'
import { relayedTypes } from '../scene/stream.ts'

/** What came of each step, by the step in words. */
type Tour = ReadonlyMap<string, string>

/**
 * Does once what Core has: comes into rooms, speaks to others, is refused, goes.
 *
 * @param capabilities - What the one who does it asks for, and one of those who see it.
 */
async function coreTour(t: CheckContext, capabilities: readonly CapabilityName[]): Promise<Tour> {
  const tour = new Map<string, string>()
  const room = t.room()
  const { membersPerRoom = Infinity } = t.target.welcome.limits
  const [a, b, c] = await Promise.all([
    t.client({ capabilities }),
    t.client({ capabilities }),
    t.client({ capabilities: [] }),
  ])
  const others = membersPerRoom > 2 ? [b, c] : [b]
  const note = (step: string, { type, code }: Outcome) => {
    tour.set(step, code ?? type)
    return type
  }
  const where = capabilities.length > 0 ? 'where drain is in force' : 'where drain is not in force'
  const heard = (step: string, frame: Promise<unknown>) =>
    expecting(`the others to be told of ${step} ${where}`, frame)
  for (const other of others) {
    const joined = note('the join of a room', await requestInTime(other, { type: 'join', room }))
    if (joined !== 'joined') return tour
  }
  note('a further join of a room', await requestInTime(a, { type: 'join', room }))
  for (const other of others)
    await heard(
      'the join of a room',
      other.expect('peer-joined', ({ member }) => member.peer === a.peer),
    )
  note('a second join', await requestInTime(a, { type: 'join', room }))
  note('a ping', await a.request({ type: 'ping' }))
  note('an update', await a.request({ type: 'update', room, data: 1 }))
  for (const other of others) await heard('an update', other.expect('peer-updated'))
  for (const type of relayedTypes)
    for (const { peer } of others) {
      const message = sampleOf(type, { room, to: peer, call: t.callId(), token: '' })
      note(`${type}, relayed`, await a.request(message))
    }
  for (const other of others) await t.barrier(a, other, room)
  for (const refused of [...refusedMessages(t, room), ...brokenMessages(t, room, b)])
    note(refused.what, await a.outcome(postRefused(a, refused)))
  await t.barrier(b, a, room)
  note('a leave', await a.request({ type: 'leave', room }))
  for (const other of others)
    await heard(
      'a leave',
      other.expect('peer-left', ({ peer }) => peer === a.peer),
    )
  b.send({ type: 'bye' })
  await b.expectEnd('the end of the connection after bye')
  if (others.includes(c))
    await heard(
      'a bye',
      c.expect('peer-left', ({ peer }) => peer === b.peer),
    )
  if ([a, b].some((each) => each.all('goaway').length > 0))
    t.couldNotRun('The server has begun to drain while the check looked at what comes before')
  return tour
}

/** What Core has comes out the same, whether `drain` is in force or not. */
async function sameAsCore(t: CheckContext): Promise<void> {
  const bare = await coreTour(t, []).catch((error: unknown) => {
    if (!(error instanceof CheckFailure)) throw error
    return t.couldNotRun(`Core fails already where drain is not in force: ${error.message}`)
  })
  const asked = await coreTour(t, ['drain'])
  for (const [step, words] of bare) {
    const other = asked.get(step)
    if (other === words) continue
    throw new CheckFailure(
      `${words} for ${step} where drain is in force, as where it is not`,
      `it was ${other ?? 'nothing'}`,
    )
  }
  t.evidence.push(`${String(bare.size)} steps with and without drain`)
}

/** Checks of spec/drain.md: what holds before a server drains. */
export const asCoreChecks: readonly Check[] = [
  check('drain.as-core', 'Core with drain in force, and without', sameAsCore, {
    capability: 'drain',
    hostile: true,
  }),
]

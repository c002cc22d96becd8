import { setTimeout as sleep } from 'node:timers/promises'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { Undecided } from '../../engine/failure.ts'
import { lostOf, unlessLate } from '../resume/stage.ts'
import { tokenIfNeeded } from '../scene/token.ts'
import type { ToldCast } from './cast.ts'
import type { MemberWatch } from './ending.ts'
import { NoticeWatch } from './notice.ts'

/** The share of the announced time after which a client comes back, and the most that is, in milliseconds. */
const comingBack = { share: 0.25, mostMs: 500 } as const

/**
 * resume.resumed: a session goes on also where its client comes back to a server that drains; that may welcome nobody. It comes back when some
 * of the time is over, so that the whole of it can be told from what is left.
 *
 * @param inMs - What the first `goaway` has announced.
 * @returns What the connection is told on which it goes on, as a member of a room.
 */
export async function resumesMeanwhile(
  t: CheckContext,
  { keeps }: Pick<ToldCast, 'keeps'>,
  inMs: number,
): Promise<MemberWatch> {
  if (keeps === undefined) throw new Undecided('not-applicable', 'The server does not offer resume')
  const { endpoint, comesBack } = keeps
  const token = await tokenIfNeeded(t)
  await sleep(Math.min(comingBack.mostMs, comingBack.share * inMs))
  const lost = lostOf(endpoint)
  endpoint.link.abort()
  await endpoint.endsInTime()
  const watch = new NoticeWatch(comesBack)
  t.defer(() => {
    watch.stop()
    return Promise.resolve()
  })
  comesBack.send({ type: 'hello', versions: [1], capabilities: { drain: {}, resume: {} } })
  await comesBack.comes(({ message }) => message['type'] === 'welcome')
  const inForce = comesBack.welcome['capabilities']
  const names = typeof inForce === 'object' && inForce !== null ? Object.keys(inForce) : []
  if (!names.includes('drain') || !names.includes('resume'))
    throw new Undecided('not-observed', 'The server welcomes nobody with resume in force while it drains')
  if (token !== '') comesBack.send({ type: 'auth', method: 'token', token })
  const what = 'resumed for a resume of a session that was lost after goaway'
  const outcome = await comesBack.resume(lost.numbers).outcome(what)
  unlessLate(lost)
  if (outcome.type !== 'resumed') throw unexpected(outcome, what)
  return { member: comesBack, watch, who: 'a member of a room that has resumed its session meanwhile' }
}

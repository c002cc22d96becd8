import { unexpected, type CheckContext } from '../../engine/context.ts'
import { Undecided } from '../../engine/failure.ts'
import { lostOf, unlessLate } from '../resume/stage.ts'
import { tokenIfNeeded } from '../scene/token.ts'
import type { ToldCast } from './cast.ts'

/** resume.resumed: a session goes on also where its client comes back to a server that drains; that may welcome nobody. */
export async function resumesMeanwhile(t: CheckContext, { keeps }: Pick<ToldCast, 'keeps'>): Promise<void> {
  if (keeps === undefined) throw new Undecided('not-applicable', 'The server does not offer resume')
  const { endpoint, comesBack } = keeps
  const token = await tokenIfNeeded(t)
  const lost = lostOf(endpoint)
  endpoint.link.abort()
  await endpoint.endsInTime()
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
}

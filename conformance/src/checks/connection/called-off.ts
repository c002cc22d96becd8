import type { CheckContext } from '../../engine/context.ts'
import { presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { longestTimeoutMs } from '../../observer/timer-observer.ts'
import { authenticate, invalidToken, tokenIfNeeded } from '../scene/token.ts'
import { announcedIdleMs, leeway } from './patience.ts'

/** Keeps a connection alive for as long as a time-out that was not called off may take. */
async function keepAlive(t: CheckContext, a: Endpoint): Promise<void> {
  const everyMs = announcedIdleMs(t) / 3
  const until = performance.now() + longestTimeoutMs + leeway(t)
  for (let left = until - performance.now(); left > 0; left = until - performance.now()) {
    if (await a.endsWithin(Math.min(everyMs, left))) return
    a.send({ type: 'ping' })
  }
  await a.sync()
}

/** First messages that are refused. A server may end the connection at those that are no hello. */
const refusedFirst: readonly Wire[] = [{ type: 'hello', versions: '1' }, {}]

/** A client whose first message is refused, and that says hello after that. */
async function afterRefused(t: CheckContext, refused: Wire): Promise<void> {
  const token = await tokenIfNeeded(t)
  const a = await t.open()
  await presupposing('frames.bad-shape', a.outcome(a.sendBroken(refused)))
  if (a.end ?? a.all('error', ({ fatal }) => fatal).at(0)) return
  const { type } = await presupposing('connection.welcome', a.request({ type: 'hello', versions: [1] }))
  // Whether it is welcomed is judged elsewhere.
  if (type !== 'welcome') return
  if (token !== '') await presupposing('auth.token', authenticate(a, token))
  await keepAlive(t, a)
}

/** A client that fails to authenticate, and succeeds after that. */
async function afterFailedAuth(t: CheckContext): Promise<void> {
  const token = await tokenIfNeeded(t)
  if (token === '') return
  const a = await t.client({ anonymous: true })
  await presupposing('auth.failed', authenticate(a, invalidToken(t)))
  await presupposing('auth.token', authenticate(a, token))
  await keepAlive(t, a)
}

/** A client whose second auth fails: the first one goes on. */
async function afterFailedRefresh(t: CheckContext): Promise<void> {
  if (!t.target.needsAuth) return
  const a = await t.client()
  await presupposing('auth.failed', authenticate(a, invalidToken(t)))
  await keepAlive(t, a)
}

/**
 * What a server may wait for has come: it waits no longer. Seen on every connection of the run that lasts, and on some that are kept for it;
 * a time-out may be forgotten where the first attempt was refused.
 */
export async function calledOff(t: CheckContext, requirement: ServerRequirementId): Promise<void> {
  if (t.exhaustive)
    await Promise.all([
      t.shared('kept alive', async (scene) => keepAlive(scene, await scene.client())),
      t.shared('kept alive after a first message that was refused', (scene) =>
        Promise.all(refusedFirst.map((refused) => afterRefused(scene, refused))),
      ),
      t.shared('kept alive after an auth that failed', afterFailedAuth),
      t.shared('kept alive after a further auth that failed', afterFailedRefresh),
    ])
  const seconds = String(longestTimeoutMs / 1000)
  t.judgeWatched(requirement, `No connection of the run lasted ${seconds} s: run with --exhaustive to look`)
}

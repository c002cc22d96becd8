import type { CheckContext } from '../../engine/context.ts'
import { Late, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { ownTime } from '../../endpoint/holdup.ts'

/** A ping takes longer than this share of the time that an answer may take only where the machine or the network is at its limits. */
const promptShare = 5

/**
 * Fails for what comes later than the specification allows, unless a ping that somebody else sends at the same moment takes long as well:
 * then nothing can be said.
 *
 * @param clients.waiter - Gets what is waited for. What had not come when it was due may have been let go only by what the kit did then: it
 *   is late, however little time the clock of the kit counts.
 * @param clients.bystander - Sends the ping; has nothing to do with what is looked at.
 * @param what - What has to come, in words.
 * @param wait - Sends, and waits for it.
 */
export async function expectInTime(
  t: Pick<CheckContext, 'dueMs'>,
  {
    waiter,
    bystander,
  }: { readonly waiter: Pick<Endpoint, 'overdue'>; readonly bystander: Pick<Endpoint, 'request'> },
  what: string,
  wait: () => Promise<unknown>,
): Promise<void> {
  const { overdue } = waiter
  const began = ownTime()
  const waited = wait()
  const asked = bystander.request({ type: 'ping' }).then(
    () => ownTime() - began,
    () => Infinity,
  )
  await waited
  const took = ownTime() - began
  if (took < t.dueMs && waiter.overdue === overdue) return
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const other = await asked
  if (other < t.dueMs / promptShare) throw new Late(`${what} within 5 s`, `it came after ${seconds(took)}`)
  const both = `${what} came after ${seconds(took)}, the pong of somebody else after ${seconds(other)}`
  throw new Undecided('inconclusive', `The server or the kit is held up: ${both}`)
}

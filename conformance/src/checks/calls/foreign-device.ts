import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Turn } from './in-turn.ts'
import { ring } from './stage.ts'

/**
 * Ends the check where the second user has a device that is not the kit's: it rings with those of the kit, and leaves every call unanswered. It
 * is seen by a call that goes on when the only device of the kit is busy.
 *
 * @param caller - Whoever may ring that user.
 * @param only - The only device of the user that the kit has connected.
 */
export async function unlessForeignDevice(
  t: CheckContext,
  { excuse }: Turn,
  caller: Endpoint,
  only: Endpoint,
  user: string,
): Promise<void> {
  const call = await ring(t, caller, [only], { callee: { user } })
  const isEnd = ({ message: { type, call: of } }: (typeof caller.log)[number]) =>
    of === call && (type === 'reject' || type === 'call-ended')
  const { type } = await only.request({ type: 'reject', call, reason: 'busy' })
  if (type === 'error' || (await caller.comes(isEnd))) return
  caller.send({ type: 'cancel', call, reason: 'normal' })
  const told = await excuse(new CheckFailure('the end of a call that the only device rejects', 'it rings on'))
  if (!(told instanceof CheckFailure)) throw told
  t.notObserved('The second user has a device that is not of this run: give a token that nobody else uses')
}

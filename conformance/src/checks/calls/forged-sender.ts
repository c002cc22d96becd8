import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import { expectAllRefused, quoted, refusedMessage } from '../scene/answer.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { hear, inCall, say, stage, talk, toldOf } from './stage.ts'

/** frames.forged-from: whoever names a sender in a message of a call is refused, and nothing is delivered in that name. */
async function refusesForgedSenders(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { call } = await talk(t, a, b)
  const place = { room: '', to: b.peer, call }
  const letters = [
    ['an offer', offerTo(place)],
    ['an answer', answerTo(place)],
    ['a candidate', candidateTo(place)],
    ['a hangup', hangupTo(place)],
  ] as const
  const frames = letters.flatMap(([what, message]) =>
    [b.peer, t.strangerId(), a.peer, null].map((from) =>
      refusedMessage(a, `${what} of a call with from ${JSON.stringify(from)}`, ['bad-message'], {
        ...inCall(message),
        from,
      }),
    ),
  )
  const since = b.log.length
  await expectAllRefused(a, frames)
  await t.barrier(a, b, room)
  const [leaked] = toldOf(b, call, since)
  if (leaked)
    throw new CheckFailure(
      'no delivery in a call of what names a sender',
      `it was delivered: ${quoted(leaked.text)}`,
    ).shownBy(leaked.text)
  const { reason } = hangupTo(place)
  await say(a, { type: 'hangup', to: b.peer, call, reason }, 'a hangup without from')
  await hear(b, 'hangup', call, 'the delivery of a hangup without from')
}

/** Checks of what names a sender in a call made by `invite`. */
export const forgedSenderChecks: readonly Check[] = [
  check('frames.forged-from', 'a forged sender in messages of a call that was taken', refusesForgedSenders, {
    capability: 'calls',
    name: 'in-call',
    hostile: true,
  }),
]

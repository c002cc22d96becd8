import type { CallRelay } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { presupposing } from '../../engine/failure.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { messageBytesOf, paddedTo } from '../scene/message-size.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { hear, inCall, stage, talk } from './stage.ts'

/** limits.accept-size: every type that a call carries; it is the message as it was sent that counts, without what the server adds. */
async function acceptsSize(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const { call } = await talk(t, a, b)
  const place = { room: '', to: b.peer, call }
  const messages = [offerTo(place), answerTo(place), candidateTo(place), hangupTo(place)].map(inCall)
  const limit = messageBytesOf(t, messages.length)
  const sent = messages.map((message: CallRelay) => {
    const id = a.nextId()
    a.sendText(paddedTo(limit, { ...message, id }))
    const what = `${indefinite(message.type)} of ${String(limit)} bytes, the announced limit, in a call`
    return { id, type: message.type, what }
  })
  for (const { id, type, what } of sent) {
    const outcome = await a.outcome(id, { what: `ok for ${what}` })
    if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${what}`)
    await presupposing('talk.delivered', hear(b, type, call, `the delivery of ${what}`))
  }
}

/** Checks of how long a message of a call may be. */
export const callSizeChecks: readonly Check[] = [
  check('limits.accept-size', 'messages of a call of exactly limits.messageBytes', acceptsSize, {
    name: 'call',
    capability: 'calls',
  }),
]

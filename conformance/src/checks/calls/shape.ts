import { callForms } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { malformedMembers } from '../frames/malformed-member.ts'
import { expectAllRefused, inBursts, refusedMessage } from '../scene/answer.ts'
import { answerTo, candidateTo, hangupTo, offerTo, type Place } from '../scene/negotiation-message.ts'
import { inCall, say, stage, talk } from './stage.ts'

type CallForm = (typeof callForms)[number]

/** A message of each form, complete. */
function sampleOf({ type }: CallForm, place: Place) {
  const samples = {
    offer: offerTo(place),
    answer: answerTo(place),
    candidate: candidateTo(place),
    hangup: hangupTo(place),
  }
  return inCall(samples[type])
}

/** Every malformed message of a form is refused in a call that has been taken, and the valid one that follows is not. */
async function refusesMalformed(t: CheckContext, form: CallForm): Promise<void> {
  const { a, b } = await stage(t)
  const { call } = await talk(t, a, b)
  const sample = sampleOf(form, { room: '', to: b.peer, call })
  const base: Wire = { ...sample, id: 'x' }
  for (const burst of inBursts(malformedMembers(form, base, t.judge.inCalls))) {
    const frames = burst.map(({ what, member, message }) => {
      const { id: _id, ...rest } = message
      const also = member === 'to' && 'to' in message ? ['peer-not-found'] : []
      return refusedMessage(
        a,
        `${what} in a call`,
        ['bad-message', ...also],
        member === 'id' ? message : rest,
      )
    })
    await expectAllRefused(a, frames)
  }
  await say(a, sample, `the valid ${form.type} that follows, in a call`)
}

/** Checks of the shape of what is carried in calls; that of the other messages of the capability follows from the table of messages. */
export const callShapeChecks: readonly Check[] = callForms.map((form) =>
  check(
    'frames.bad-shape',
    `each member of ${form.type} in a call missing, of another kind, or beyond its bounds`,
    (t) => refusesMalformed(t, form),
    { name: form.name, capability: 'calls', hostile: true },
  ),
)

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { announcedLimit, leaveRoom, seesLeave } from '../scene/membership.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import {
  brokenMessages,
  postRefused,
  refusedMessages,
  toldWithoutId,
  type RefusedMessage,
} from '../scene/refused-message.ts'
import { sideBySide } from '../scene/side-by-side.ts'

/** Sends each with an `id`, and where it is refused also without: that is told as well. */
async function failuresTold(
  t: CheckContext,
  select: (t: CheckContext, room: string, member: Endpoint) => readonly RefusedMessage[],
): Promise<void> {
  await sideBySide(t, async ({ room, a, b, mine }) => {
    await tellsEach(a, mine(select(t, room, b)))
    await t.barrier(a, b, room)
  })
}

async function tellsEach(a: Endpoint, messages: readonly RefusedMessage[]): Promise<void> {
  for (const refused of messages) {
    // Whether it has to be refused, and with which code, is for other checks to say.
    const { type } = await a.outcome(postRefused(a, refused))
    if (type === 'error') await toldWithoutId(a, refused)
  }
}

/** Bytes of data that are sent only to be refused, at most. */
const largestRefused = 16_384

/** Messages of a member with more data than is announced, where that is little enough. */
function tooLarge(t: CheckContext, room: string): readonly RefusedMessage[] {
  const limit = announcedLimit(t, 'dataBytes')
  if (limit === undefined || limit > largestRefused) return []
  const data = 'd'.repeat(limit - 1)
  const codes = ['too-large'] as const
  return [
    { what: 'an update above limits.dataBytes', message: { type: 'update', room, data }, codes },
    { what: 'a second join above limits.dataBytes', message: { type: 'join', room, data }, codes },
  ]
}

/** Who has been a member is as little reached as who never was, and its sender hears of that as well. */
async function formerMemberTold(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  await leaveRoom(b, room)
  await seesLeave(a, room, b)
  const place = { room, to: b.peer, call: t.callId() }
  const messages: readonly (readonly [string, Wire])[] = [
    ['an offer', { ...offerTo(place) }],
    ['an answer', { ...answerTo(place) }],
    ['a candidate', { ...candidateTo(place) }],
    ['an end of candidates', { ...candidateTo(place, { candidate: '' }) }],
    ['a hangup', { ...hangupTo(place) }],
  ]
  await tellsEach(
    a,
    messages.map(([what, message]) => ({
      what: `${what} to a peer that has left the room`,
      message,
      codes: ['peer-not-found'],
    })),
  )
}

/** Checks of `outcomes.failure-told`. */
export const failureToldChecks: readonly Check[] = [
  check(
    'outcomes.failure-told',
    'messages that are not allowed at this moment',
    (t) => failuresTold(t, (_t, room) => [...refusedMessages(t, room), ...tooLarge(t, room)]),
    { lengthy: true },
  ),
  check('outcomes.failure-told', 'messages to a peer that has left', formerMemberTold, {
    name: 'former-member',
  }),
  check(
    'outcomes.failure-told',
    'messages that are not well formed',
    (t) => failuresTold(t, brokenMessages),
    { name: 'malformed', hostile: true, lengthy: true },
  ),
]

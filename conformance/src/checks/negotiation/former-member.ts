import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { departures, type Departure } from '../scene/departure.ts'
import { announcedLimit, knowsOf, seesLeave } from '../scene/membership.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { answersAlike } from '../scene/same-answer.ts'

/** Ways of going that leave a peer which the room once knew. */
const ways: readonly Departure[] = [departures.leave, departures.bye, departures.cut, departures.replaced]

/** Who was in this very room and has gone, in whichever way, is answered about like one who never was. */
async function formerMembers(t: CheckContext): Promise<void> {
  const room = t.room()
  const a = await t.client()
  await t.join(room, a)
  const places = announcedLimit(t, 'membersPerRoom') ?? ways.length + 1
  const gone = ways.slice(0, places - 1)
  const former = await t.clients(gone.length)
  await t.join(room, ...former)
  for (const [index, { go, told }] of gone.entries()) {
    const member = former[index] as Endpoint
    await knowsOf(a, room, member)
    await go(t, member, room)
    await presupposing(told, seesLeave(a, room, member))
  }
  const ask = async (to: string, whom: string): Promise<Wire> => {
    const { id } = a.post(hangupTo({ room, to, call: t.callId() }))
    return await expectRefusal(a, id, ['peer-not-found'], `a hangup to ${whom}`)
  }
  const stranger = t.strangerId()
  const peers = [stranger, ...former.map(({ peer }: Endpoint) => peer)]
  const nobody = 'a peer that never existed'
  for (const [index, member] of former.entries()) {
    const whom = `a member that has gone by ${gone[index]?.way ?? ''}`
    await answersAlike(
      () => ask(stranger, nobody),
      () => ask(member.peer, whom),
      `${nobody} and ${whom}`,
      peers,
    )
  }
}

/** Checks of spec/negotiation.md: what is told of those who were in the room before. */
export const formerMemberChecks: readonly Check[] = [
  check('relay.no-oracle', 'the answer tells nothing of former members', formerMembers, {
    name: 'former-member',
    lengthy: true,
  }),
]

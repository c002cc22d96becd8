import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Call } from '../../peer/call.ts'
import { withPeers } from '../end-to-end/audit.ts'
import { callPair, carriesData, framesArrive, withMedia, type CallPair } from '../end-to-end/truth.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { placesFor } from '../scene/membership.ts'
import { hasTwoUsers, userOf } from '../scene/token.ts'
import { inTurn } from './in-turn.ts'
import { partyWith, type Party } from './party.ts'
import { hearEnd, ring, take } from './stage.ts'

const media = { setup: withMedia }

/** Rings a peer, or a user on all its devices, lets one take the call, and negotiates: there is media both ways. */
async function connect(
  t: CheckContext,
  from: Party,
  to: Party,
  others: readonly Endpoint[] = [],
): Promise<CallPair> {
  const callee = others.length > 0 ? { user: userOf(t, 1) } : { peer: to.address }
  const call = await ring(t, from.endpoint, [to.endpoint, ...others], { callee })
  await take(from.endpoint, to.endpoint, call)
  for (const other of others)
    await hearEnd(other, 'cancel', call, 'answered-elsewhere', 'where another accepts')
  from.nextCall(call)
  const pair = await callPair(from, to, media)
  await carriesData(t, pair)
  await Promise.all([framesArrive(pair.caller, 10, 3), framesArrive(pair.callee, 10, 3)])
  return pair
}

const heardEnd = (call: Call) =>
  call.log.steps('candidate-received').some(({ candidate }) => candidate === '')

/** Hangs up, when nothing more is under way that would meet the end of the call. */
async function hangUp({ caller, callee }: CallPair, by: 'caller' | 'callee'): Promise<void> {
  await Promise.all([caller, callee].map((call) => call.until(heardEnd, 'the end of candidates')))
  const [one, other] = by === 'caller' ? [caller, callee] : [callee, caller]
  await one.hangup()
  await other.ended
}

/** A user is rung on two devices and answers on one, where the kit has a token of a second user; one peer otherwise. */
async function answersAndTalks(t: CheckContext): Promise<void> {
  const { membersPerRoom = Infinity } = t.target.welcome.limits
  const byUser = hasTwoUsers(t) && membersPerRoom > 2
  if (!byUser) {
    const { a, b } = await t.pair()
    const [caller, callee] = [partyWith(t, a, media), partyWith(t, b, media)]
    await withPeers(t, [caller, callee], async () => {
      await connect(t, caller, callee)
    })
    return
  }
  await inTurn(t, async ({ device }) => {
    const room = sharedRoom(t, 0, 1)
    const [a, phone, laptop] = await Promise.all([t.client(), device(), device()])
    await t.join(room, a, phone, laptop)
    const [caller, callee] = [partyWith(t, a, media), partyWith(t, laptop, media)]
    await withPeers(t, [caller, callee], async () => {
      await connect(t, caller, callee, [phone])
    })
    t.evidence.push('rung on two devices of one user, answered on one')
  })
}

/** A second call goes beside the first, and either side hangs up; then the two call each other again. */
async function talksTwice(t: CheckContext): Promise<void> {
  placesFor(t, 2, 2)
  const { a, b } = await t.pair()
  const [one, other] = [partyWith(t, a, media), partyWith(t, b, media)]
  await withPeers(t, [one, other], async () => {
    const first = await connect(t, one, other)
    const second = await connect(t, other, one)
    await first.caller.echo('while the second call is up')
    await hangUp(second, 'callee')
    await first.caller.echo('after the second call')
    await hangUp(first, 'caller')
    await connect(t, one, other)
  })
}

const options = { capability: 'calls', peers: true } as const

/** Checks of spec/calls.md with real peers. */
export const callWithPeersChecks: readonly Check[] = [
  check('talk.delivered', 'a call is rung, taken, and media flows', answersAndTalks, {
    ...options,
    name: 'peers',
  }),
  check('talk.hangup', 'a second call beside the first, and either side hangs up', talksTwice, {
    ...options,
    name: 'peers',
  }),
]

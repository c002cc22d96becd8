import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { departures } from '../scene/departure.ts'
import { grantedRoom } from '../scene/granted-room.ts'
import {
  announcedLimit,
  enter,
  leaveRoom,
  needsRooms,
  placesFor,
  seesJoin,
  seesLeave,
  tryEnter,
} from '../scene/membership.ts'
import { candidateTo, hangupTo, offerTo, type Place } from '../scene/negotiation-message.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { answersAlike } from '../scene/same-answer.ts'
import { numbered, relayedTypes } from '../scene/stream.ts'
import { indefinite } from '../../observer/indefinite.ts'

/** Sends one message of each type, and an end of candidates; each has to be refused, and nobody may get it: see {@link expectUndelivered}. */
export async function refusesEach(
  t: CheckContext,
  from: Endpoint,
  place: Omit<Place, 'call'>,
  code: 'not-in-room' | 'peer-not-found' | 'forbidden',
  what: string,
): Promise<string[]> {
  const call = t.callId()
  const messages = [
    ...relayedTypes.map((type) => [type, numbered({ ...place, call }, 3, { type })] as const),
    ['end of candidates', candidateTo({ ...place, call }, { candidate: '' })] as const,
  ]
  const pending = messages.map(([, message]) => from.post(message))
  // The answer to a message without an id is the same.
  from.send(hangupTo({ ...place, call: t.callId() }))
  for (const [index, { id }] of pending.entries()) {
    await expectRefusal(from, id, [code], `${messages[index]?.[0] ?? ''}: ${what}`)
  }
  return [call]
}

/** Fails if a message of one of these calls came to anybody. */
export function expectUndelivered(
  holders: readonly Endpoint[],
  calls: readonly string[],
  what: string,
): void {
  for (const holder of holders) {
    const got = holder.log.find(({ message }) => 'from' in message && calls.includes(String(message['call'])))
    if (got)
      throw new CheckFailure(
        `no delivery of ${what}`,
        `${indefinite(String(got.message['type']))} came to ${holder.name}`,
      )
  }
}

async function outsidersCannotSend(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const outsider = await t.client()
  const calls = await refusesEach(
    t,
    outsider,
    { room, to: b.peer },
    'not-in-room',
    'a message of a peer that never joined',
  )
  const own = t.room()
  await enter(t, outsider, own)
  calls.push(
    ...(await refusesEach(
      t,
      outsider,
      { room, to: b.peer },
      'not-in-room',
      'a message of a peer in another room',
    )),
  )
  calls.push(
    ...(await refusesEach(
      t,
      outsider,
      { room: t.room(), to: b.peer },
      'not-in-room',
      'a message in a room that nobody is in',
    )),
  )
  await leaveRoom(outsider, own)
  await leaveRoom(a, room)
  calls.push(
    ...(await refusesEach(t, a, { room, to: b.peer }, 'not-in-room', 'a message of a peer that has left')),
  )
  // The control, and the marker on the same paths.
  await enter(t, a, room)
  await t.barrier(a, b, room)
  if ((announcedLimit(t, 'membersPerRoom') ?? 3) < 3) await leaveRoom(a, room)
  await enter(t, outsider, room)
  await t.barrier(outsider, b, room)
  expectUndelivered([b, a], calls, 'a message whose sender is not in the room')
}

/** A room that both share elsewhere does not count, nor one that only the receiver is in. */
async function sharedElsewhere(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const { room: shared, a, b } = await t.pair()
  const [ofA, ofB] = [t.room(), t.room()]
  await enter(t, a, ofA)
  await enter(t, b, ofB)
  const calls = await refusesEach(
    t,
    a,
    { room: ofB, to: b.peer },
    'not-in-room',
    "a message in the receiver's other room",
  )
  await t.barrier(a, b, shared)
  expectUndelivered([b], calls, "a message in the receiver's other room")
}

async function missingReceivers(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const [elsewhere, gone] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, elsewhere, t.room())
  if ((announcedLimit(t, 'membersPerRoom') ?? 3) >= 3) {
    await enter(t, gone, room)
    await seesJoin(a, room, gone)
    await presupposing('relay.delivered', a.request(hangupTo({ room, to: gone.peer, call: t.callId() })))
    await departures.bye.go(t, gone)
    await seesLeave(a, room, gone)
  } else await departures.bye.go(t, gone)
  const receivers = [
    ['a peer that never existed', t.strangerId()],
    ['a peer in another room', elsewhere.peer],
    ['a peer that is gone', gone.peer],
    ['its own sender', a.peer],
  ] as const
  const calls: string[] = []
  for (const [who, to] of receivers)
    calls.push(...(await refusesEach(t, a, { room, to }, 'peer-not-found', `a message to ${who}`)))
  // Whoever was reached before is not found for that.
  const reached = a.request(hangupTo({ room, to: b.peer, call: t.callId() }))
  await presupposing('relay.delivered', reached)
  await leaveRoom(b, room)
  const early = hangupTo({ room, to: b.peer, call: t.callId() })
  calls.push(early.call)
  const leaving = 'a hangup to a peer whose leave has just been answered'
  await expectRefusal(a, a.post(early).id, ['peer-not-found'], leaving)
  await seesLeave(a, room, b)
  calls.push(
    ...(await refusesEach(t, a, { room, to: b.peer }, 'peer-not-found', 'a message to a peer that has left')),
  )
  const since = a.log.length
  await enter(t, b, room)
  await seesJoin(a, room, b, since)
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
  await elsewhere.sync()
  expectUndelivered([a, b, elsewhere], calls, 'a message whose receiver is not another member')
}

/** Both share a room, but the message names one that only its sender is in. */
async function receiverInSharedRoom(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const { room: shared, a, b } = await t.pair()
  const own = t.room()
  await enter(t, a, own)
  const calls = await refusesEach(
    t,
    a,
    { room: own, to: b.peer },
    'peer-not-found',
    'a message in a room that only its sender is in',
  )
  await t.barrier(a, b, shared)
  expectUndelivered([b], calls, 'a message in a room that its receiver is not in')
  await enter(t, b, own)
  await seesJoin(a, own, b)
  await t.barrier(a, b, own)
}

async function noOracle(t: CheckContext): Promise<void> {
  const { room, a } = await t.pair()
  const [idle, elsewhere, gone] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  const other = t.room()
  await enter(t, elsewhere, other)
  const once = gone.peer
  await enter(t, gone, other)
  await seesJoin(elsewhere, other, gone)
  await departures.bye.go(t, gone)
  await seesLeave(elsewhere, other, gone)
  for (const type of ['offer', 'candidate'] as const) {
    const ask = async (to: string) => {
      const { id } = a.post(numbered({ room, to, call: t.callId() }, 5, { type }))
      return (await expectRefusal(
        a,
        id,
        ['peer-not-found'],
        `a message of type ${type} to a peer that is not in the room`,
      )) as unknown as Wire
    }
    const stranger = t.strangerId()
    const peers = [stranger, idle.peer, elsewhere.peer, once]
    for (const [peer, whom] of [
      [idle.peer, 'one that is connected'],
      [elsewhere.peer, 'one that is in another room'],
      [once, 'one that was connected once'],
    ] as const) {
      const cases = `a peer that never existed and ${whom}`
      await answersAlike(
        () => ask(stranger),
        () => ask(peer),
        cases,
        peers,
      )
    }
  }
}

/** An outsider learns nothing of a room's members either: all that it is told is that it is not in the room. */
async function noOracleForOutsiders(t: CheckContext): Promise<void> {
  const { room, b } = await t.pair()
  const outsider = await t.client()
  const ask = async (where: string, to: string) => {
    const { id } = outsider.post(hangupTo({ room: where, to, call: t.callId() }))
    return (await expectRefusal(
      outsider,
      id,
      ['not-in-room'],
      'a hangup of a peer that is not in the room',
    )) as unknown as Wire
  }
  const [stranger, unused] = [t.strangerId(), t.room()]
  await answersAlike(
    () => ask(unused, stranger),
    () => ask(room, b.peer),
    'a room with members and one without',
    [stranger, unused, b.peer, room],
  )
}

/** Who may join but not send. */
async function listenersCannotSend(t: CheckContext): Promise<void> {
  const { room, outsider: listener, insider } = grantedRoom(t, 'listen')
  placesFor(t, 3, 3)
  const a = await t.client({ user: listener })
  const [b, c] = (await t.clients(2, { user: insider })) as [Endpoint, Endpoint]
  for (const member of [b, c, a]) await enter(t, member, room)
  await seesJoin(b, room, a)
  const calls = await refusesEach(
    t,
    a,
    { room, to: b.peer },
    'forbidden',
    'a message of a member that may not send',
  )
  await a.sync()
  // The control: another member sends the same.
  const control = t.callId()
  for (const type of relayedTypes) c.send(numbered({ room, to: b.peer, call: control }, 3, { type }))
  await t.barrier(c, b, room)
  await t.barrier(b, a, room)
  expectUndelivered([b, c], calls, 'a message of a member that may not send')
}

/** A refused join gives no right to send. */
async function refusedJoinCannotSend(t: CheckContext): Promise<void> {
  const { room, outsider, insider } = grantedRoom(t, 'closed')
  const a = await t.client({ user: outsider })
  const [b, c] = (await t.clients(2, { user: insider })) as [Endpoint, Endpoint]
  await enter(t, b, room)
  await tryEnter(t, a, room)
  const call = t.callId()
  const { id } = a.post(offerTo({ room, to: b.peer, call }))
  // It is not a member, and it may not send: either may be said.
  await expectRefusal(a, id, ['not-in-room', 'forbidden'], 'an offer of a peer whose join was refused')
  await enter(t, c, room)
  await seesJoin(b, room, c)
  await t.barrier(c, b, room)
  expectUndelivered([b], [call], 'a message of a peer whose join was refused')
}

/** Checks of spec/negotiation.md: what the server does not relay. */
export const relayRefusalChecks: readonly Check[] = [
  check('relay.not-in-room', 'who is not in the room cannot send there', outsidersCannotSend, {
    name: 'outsider',
  }),
  check('relay.not-in-room', 'who shares another room cannot either', sharedElsewhere, {
    name: 'shared-elsewhere',
  }),
  check('relay.not-in-room', 'who was refused cannot either', refusedJoinCannotSend, { name: 'refused' }),
  check('relay.peer-not-found', 'receivers that are not in the room', missingReceivers, {
    name: 'receivers',
    lengthy: true,
  }),
  check('relay.peer-not-found', 'a receiver in another common room', receiverInSharedRoom, {
    name: 'shared-elsewhere',
  }),
  check('relay.no-oracle', 'the answer tells nothing of the receiver', noOracle, {
    name: 'member',
    lengthy: true,
  }),
  check('relay.no-oracle', 'the answer tells an outsider nothing', noOracleForOutsiders, {
    name: 'outsider',
  }),
  check('relay.forbidden', 'who may only listen cannot send', listenersCannotSend),
]

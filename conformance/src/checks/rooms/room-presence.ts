import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint, Pending } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { isRelayed } from '../../observer/relayed.ts'
import { grantedRoom } from '../scene/granted-room.ts'
import {
  announcedLimit,
  dataKinds,
  dataNumber,
  enter,
  expectNothingOf,
  knowsOf,
  leaveRoom,
  messagesOf,
  needsRooms,
  placesFor,
  seesData,
  seesJoin,
  seesLeave,
  tryEnter,
  unlessJoinsLimited,
} from '../scene/membership.ts'
import { hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { msAtRate } from '../scene/rate-cost.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import { indefinite } from '../../observer/indefinite.ts'

/** While a room is busy a peer joins it again and again: each time `joined` comes first. */
async function joinedComesFirst(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const newcomer = await t.client()
  placesFor(t, 3, 3)
  for (let round = 0; round < 4; round += 1) {
    const since = newcomer.log.length
    for (const member of [a, b]) member.send({ type: 'update', room, data: round })
    const entering = enter(t, newcomer, room)
    for (const member of [a, b]) member.send({ type: 'update', room, data: round + 5 })
    await entering
    const [first] = messagesOf(newcomer, room, since)
    if (first?.['type'] !== 'joined') {
      throw new CheckFailure(
        'joined before anything else of the membership',
        `a ${String(first?.['type'])} came first`,
      )
    }
    await leaveRoom(newcomer, room)
  }
}

/** Newcomers write to everybody the moment they know them; each receiver has to know the newcomer by then. */
async function knownBeforeHeard(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 6, 2))
  const entered = members.map(async (member) => {
    const { members: others } = await enter(t, member, room)
    for (const { peer } of others) member.send(hangupTo({ room, to: peer, call: t.callId() }))
  })
  await Promise.all(entered)
  await Promise.all(
    members.flatMap((member) =>
      members.filter((other) => other !== member).map((other) => knowsOf(member, room, other)),
    ),
  )
  // Whoever was found in members has been written to; the marker travels behind.
  for (const [index, member] of members.entries()) {
    const next = members[(index + 1) % members.length]
    if (next && next !== member) await t.barrier(member, next, room)
  }
  for (const member of members) expectKnownSenders(member, room)
}

/** Fails if a peer was heard before it was made known, or after it had left. */
function expectKnownSenders(member: Endpoint, room: string): void {
  const known = new Set<string>()
  for (const message of messagesOf(member, room)) {
    const type = String(message['type'])
    if (type === 'joined') {
      known.clear()
      for (const { peer } of message['members'] as { peer: string }[]) known.add(peer)
    } else if (type === 'peer-joined') known.add((message['member'] as { peer: string }).peer)
    else if (type === 'peer-left') known.delete(String(message['peer']))
    else if (isRelayed(type) && !known.has(String(message['from']))) {
      throw new CheckFailure(
        'the sender made known by members or peer-joined first',
        `${member.name} got ${indefinite(type)} from ${String(message['from'])}, which it did not know then`,
      )
    }
  }
}

/** Leave, join and relay in one go: the receiver has to see them as three. */
async function knownAgainAfterReturn(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (let round = 0; round < 3; round += 1) {
    const call = t.callId()
    a.send({ type: 'leave', room })
    a.send({ type: 'join', room })
    a.send(offerTo({ room, to: b.peer, call }))
    await a.sync()
    unlessJoinsLimited(a)
    await b.expect('offer', (m) => m.call === call, 'an offer sent right after leave and join')
  }
  expectKnownSenders(b, room)
}

/** All that a member sent before it left comes before `peer-left`, and nothing of it after. */
async function leftComesLast(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (let round = 0; round < 3; round += 1) {
    const since = b.log.length
    const calls = Array.from({ length: 8 }, () => t.callId())
    for (const call of calls) a.send(offerTo({ room, to: b.peer, call }))
    a.send({ type: 'update', room, data: round })
    const { id } = a.post({ type: 'leave', room })
    const tooLate = a.post(hangupTo({ room, to: b.peer, call: calls[0] ?? '' }))
    await a.outcome(id)
    await seesLeave(b, room, a, since)
    await expectRefusal(a, tooLate.id, ['not-in-room'], 'a hangup sent after leave')
    await enter(t, a, room)
    await t.barrier(a, b, room)
    const seen = messagesOf(b, room, since)
    const end = seen.findIndex((m) => m['type'] === 'peer-left' && m['peer'] === a.peer)
    const back = seen.findIndex((m, index) => index > end && m['type'] === 'peer-joined')
    expectLeftLast(seen, end, back, calls, a.peer)
  }
}

function expectLeftLast(
  seen: readonly Wire[],
  end: number,
  back: number,
  calls: readonly string[],
  peer: string,
): void {
  const before = seen
    .slice(0, end)
    .filter((m) => m['from'] === peer)
    .map((m) => m['call'])
  const missing = calls.filter((call) => !before.includes(call))
  if (missing.length > 0) {
    throw new CheckFailure(
      `all ${String(calls.length)} accepted messages before the peer-left about their sender`,
      `${String(missing.length)} were not there when it came`,
    )
  }
  const after = seen.slice(end + 1, back).find((m) => {
    const about = (m['member'] as { peer?: unknown } | undefined)?.peer
    return m['from'] === peer || about === peer
  })
  if (after)
    throw new CheckFailure(
      'nothing from a peer after its peer-left',
      `a ${String(after['type'])} came after it`,
    )
}

/** Who has left hears nothing more, until it joins again. */
async function silentAfterLeft(t: CheckContext): Promise<void> {
  placesFor(t, 3, 3)
  const room = t.room()
  const [a, b, c] = (await t.clients(3)) as [Endpoint, Endpoint, Endpoint]
  await t.join(room, a, b, c)
  await seesJoin(b, room, c)
  b.send({ type: 'update', room, data: 1 })
  await leaveRoom(a, room)
  const since = a.log.length
  b.send({ type: 'update', room, data: 2 })
  await seesData(c, room, b, 2)
  await leaveRoom(c, room)
  await seesLeave(b, room, c)
  const { id } = b.post(hangupTo({ room, to: a.peer, call: t.callId() }))
  await expectRefusal(b, id, ['peer-not-found'], 'a hangup to a member that has left')
  const sinceReturn = b.log.length
  await enter(t, c, room)
  await seesJoin(b, room, c, sinceReturn)
  await enter(t, a, room)
  await seesJoin(b, room, a, sinceReturn)
  await t.barrier(b, a, room)
  const joined = a.log.find(({ index, message }) => index >= since && message['type'] === 'joined')
  expectNothingOf(a, room, 'a peer after its left', since, joined?.index)
}

/** A connected peer that never joined, and one that was refused, hear nothing of a room that is busy. */
async function outsidersHearNothing(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const outsider = await t.client()
  const elsewhere = await t.client()
  const another = t.room()
  await enter(t, elsewhere, another)
  const refused = [outsider, elsewhere].map((each) => ({
    each,
    ids: [
      each.post({ type: 'update', room, data: 0 }).id,
      each.post(hangupTo({ room, to: a.peer, call: t.callId() })).id,
    ],
  }))
  for (const { each, ids } of refused) {
    for (const id of ids)
      await expectRefusal(each, id, ['not-in-room'], 'a message of a peer that is no member')
  }
  a.send({ type: 'update', room, data: 1 })
  await seesData(b, room, a, 1)
  a.send(offerTo({ room, to: b.peer, call: t.callId() }))
  await enter(t, b, room, 2)
  await leaveRoom(b, room)
  await enter(t, b, room)
  const places = announcedLimit(t, 'membersPerRoom') ?? 4
  for (const [index, each] of [outsider, elsewhere].entries()) {
    if (places < 3) await leaveRoom(b, room)
    if (index > 0) await leaveRoom(outsider, room)
    if (each === elsewhere && announcedLimit(t, 'roomsPerPeer') === 1) await leaveRoom(elsewhere, another)
    await enter(t, each, room)
    await seesJoin(a, room, each)
    await t.barrier(a, each, room)
    const joined = each.log.find(({ message }) => message['type'] === 'joined' && message['room'] === room)
    expectNothingOf(each, room, 'a peer that is no member', 0, joined?.index)
    if (places < 3) return
  }
}

/** Counts revisions at every member while others come, change and go. */
async function revisionCountsPresence(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 5, 2))
  await Promise.all(members.map((member) => enter(t, member, room)))
  const [first, second, ...rest] = members as [Endpoint, Endpoint, ...Endpoint[]]
  for (const [index, member] of rest.entries()) member.send({ type: 'update', room, data: index })
  await enter(t, second, room, 7)
  await Promise.all(rest.map((member) => leaveRoom(member, room)))
  for (const member of rest) await seesLeave(first, room, member)
  await enter(t, first, room)
  await Promise.all(rest.map((member) => enter(t, member, room)))
  for (const member of rest) await seesLeave(second, room, member)
  second.send({ type: 'update', room, data: 8 })
  await seesData(first, room, second, 8)
  for (const member of members) await t.barrier(member, member === first ? second : first, room)
  for (const member of members) expectRevisions(member, room)
}

/** More presence messages of one membership than a byte counts. */
async function revisionGoesOnCounting(t: CheckContext): Promise<void> {
  t.cost({ messages: 300, ms: msAtRate(t, 300) }, 'Making many presence messages')
  const { room, a, b } = await t.pair()
  for (let data = 0; data < 300; data += 1) a.send({ type: 'update', room, data })
  await t.barrier(a, b, room)
  expectRevisions(b, room)
}

function expectRevisions(member: Endpoint, room: string): void {
  let last: number | undefined
  for (const message of messagesOf(member, room)) {
    const type = String(message['type'])
    if (type !== 'joined' && !type.startsWith('peer-')) continue
    const revision = message['revision']
    if (typeof revision !== 'number') throw new CheckFailure('a revision', `a ${type} had none`)
    if (type !== 'joined' && last !== undefined && revision !== last + 1) {
      throw new CheckFailure(
        `revision ${String(last + 1)} after ${String(last)}`,
        `a ${type} came with ${String(revision)} at ${member.name}`,
      )
    }
    last = revision
  }
}

/** Every other member is told of each update, in order, and the sender is not. */
async function updatesReachEverybody(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 4, 2))
  for (const member of members) await enter(t, member, room, dataNumber(t, 0))
  const accepted: Pending[] = []
  for (const sender of members) {
    const others = members.filter((member) => member !== sender)
    for (const other of others) await knowsOf(other, room, sender)
    const since = others.map(({ log }) => log.length)
    const pending = [1, 2, 3].map((number) =>
      sender.post({ type: 'update', room, data: dataNumber(t, number) }),
    )
    for (const [index, other] of others.entries()) {
      let from = since[index] ?? 0
      for (const number of [1, 2, 3]) {
        const told: unknown = await seesData(other, room, sender, dataNumber(t, number), from)
        from = other.log.findIndex(({ message }) => message === told) + 1
      }
    }
    accepted.push(...pending)
  }
  for (const each of accepted) await expectAccepted(each, 'ok', 'an update of a member')
}

async function updatesCarryAnyData(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  for (const data of dataKinds(t)) {
    const since = b.log.length
    a.send({ type: 'update', room, data })
    await seesData(b, room, a, data, since)
  }
}

/** Who may join but not send relayed messages has the right to update all the same. */
async function listenersMayUpdate(t: CheckContext): Promise<void> {
  const { room, outsider: listener, insider } = grantedRoom(t, 'listen')
  const a = await t.client({ user: listener })
  const b = await t.client({ user: insider })
  await enter(t, b, room)
  await enter(t, a, room)
  const pending = a.post({ type: 'update', room, data: dataNumber(t, 1) })
  await seesData(b, room, a, dataNumber(t, 1))
  await expectAccepted(pending, 'ok', 'an update of a member that may not send')
}

async function updateNeedsMembership(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const outsider = await t.client()
  const data = dataNumber(t, 6)
  const refuse = async (why: string) => {
    const { id } = outsider.post({ type: 'update', room, data })
    await expectRefusal(outsider, id, ['not-in-room'], `an update by a peer that ${why}`)
  }
  await refuse('never joined')
  const other = t.room()
  await enter(t, outsider, other)
  await refuse('is in another room')
  await leaveRoom(outsider, other)
  await leaveRoom(b, room)
  const since = a.log.length
  await enter(t, outsider, room)
  await leaveRoom(outsider, room)
  await refuse('has left')
  const nobody = outsider.post({ type: 'update', room: t.room(), data })
  await expectRefusal(outsider, nobody.id, ['not-in-room'], 'an update for a room that nobody is in')
  // The control, and the marker on the same path: the same update by a member.
  await enter(t, outsider, room)
  await t.barrier(outsider, a, room)
  // A peer-updated that changes nothing may come at any time; one with the refused data may not.
  if (a.all('peer-updated', ({ member }) => isDeepStrictEqual(member.data, data)).length > 0) {
    throw new CheckFailure('no peer-updated for a refused update', `${a.name} got one`)
  }
  const pending = outsider.post({ type: 'update', room, data })
  await seesData(a, room, outsider, data, since)
  await expectAccepted(pending, 'ok', 'the update of a member')
}

/** A refused join is no membership. */
async function refusedJoinHearsNothing(t: CheckContext): Promise<void> {
  const { room, outsider, insider } = grantedRoom(t, 'closed')
  const out = await t.client({ user: outsider })
  const [a, b] = (await t.clients(2, { user: insider })) as [Endpoint, Endpoint]
  await t.join(room, a)
  const outcome = await tryEnter(t, out, room)
  if (outcome.code === undefined)
    t.couldNotRun('A join that no grant allows was not refused: see rooms.forbidden')
  await t.join(room, b)
  b.send({ type: 'update', room, data: 1 })
  await seesData(a, room, b, 1)
  await out.sync()
  expectNothingOf(out, room, 'a peer whose join was refused')
}

/** An update of one of two rooms stays there, also for a peer that is in both. */
async function roomsOfOnePeer(t: CheckContext): Promise<void> {
  needsRooms(t, 2)
  const { room, a, b } = await t.pair()
  const other = t.room()
  await enter(t, a, other)
  a.send({ type: 'update', room: other, data: 5 })
  a.send({ type: 'leave', room: other })
  await t.barrier(a, b, room)
  expectNothingOf(b, other, 'a peer that shares another room with its member')
}

/** Checks of spec/rooms.md: presence. */
export const roomPresenceChecks: readonly Check[] = [
  check('rooms.joined-first', 'joined comes first in a busy room', joinedComesFirst, { name: 'busy' }),
  check('rooms.known-first', 'newcomers are known before they are heard', knownBeforeHeard, {
    name: 'newcomers',
  }),
  check('rooms.known-first', 'leave, join and relay in one go', knownAgainAfterReturn, { name: 'returning' }),
  check('rooms.left-last', 'messages come before the peer-left of their sender', leftComesLast, {
    name: 'burst',
  }),
  check('rooms.after-left', 'who has left hears nothing more', silentAfterLeft, { name: 'left' }),
  check('rooms.outsiders', 'who never joined hears nothing', outsidersHearNothing, { name: 'connected' }),
  check('rooms.outsiders', 'who was refused hears nothing', refusedJoinHearsNothing, { name: 'refused' }),
  check('rooms.outsiders', 'who is in another room hears nothing', roomsOfOnePeer, { name: 'other-room' }),
  check('rooms.revision', 'revisions count presence at every member', revisionCountsPresence, {
    name: 'counted',
  }),
  check('rooms.revision', 'many presence messages of one membership', revisionGoesOnCounting, {
    name: 'many',
  }),
  check('rooms.update', 'every other member is told of each update', updatesReachEverybody, {
    name: 'everybody',
  }),
  check('rooms.update', 'updates carry any data', updatesCarryAnyData, { name: 'data' }),
  check('rooms.update', 'who may only listen may update', listenersMayUpdate, { name: 'listener' }),
  check('rooms.update-not-in-room', 'an update needs a membership', updateNeedsMembership),
]

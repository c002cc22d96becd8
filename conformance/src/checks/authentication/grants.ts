import type { Grant } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { isAboutEnd } from '../../engine/judge-check.ts'
import { CheckFailure, expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { clip } from '../../observer/frame-observer.ts'
import { permits } from '../../target/grant.ts'
import { grantsOf, isRoomName, roomToJoin, roomsToJoin, roomsWhere } from '../scene/grant.ts'
import { announcedLimit, enter, leaveRoom, seesData, seesLeave, tryEnter } from '../scene/membership.ts'
import { authenticatedAt, endOf, expectExpiry, shortLived } from '../scene/expiry.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import { authenticate, requireAuth, requireToken, tokenOf } from '../scene/token.ts'
import { changesOf, expectSending, type GrantingToken } from '../scene/two-grants.ts'
import { indefinite } from '../../observer/indefinite.ts'

/** A user of the kit, and what it may do. */
interface Granted {
  readonly user: number
  readonly grants: readonly Grant[] | undefined
}

/** The users of the kit that the server gave grants; ends the check where there is none. */
export function usersWithGrants(
  t: CheckContext,
): { readonly user: number; readonly grants: readonly Grant[] }[] {
  requireToken(t)
  const found = t.target.users.flatMap((_, user) => {
    const grants = grantsOf(t, user)
    return grants ? [{ user, grants }] : []
  })
  if (found.length === 0) t.notApplicable('No user of the kit has grants: each may do everything')
  return found
}

/** Joins a room that grants allow, and leaves it. */
export async function expectJoin(t: CheckContext, a: Endpoint, room: string, may: string): Promise<void> {
  const outcome = await tryEnter(t, a, room)
  if (outcome.type !== 'joined')
    throw unexpected(outcome, `joined for room ${clip(JSON.stringify(room))}, which ${may} may join`)
  await expectAccepted(a.post({ type: 'leave', room }), 'left', 'a leave of a member')
}

export async function expectForbidden(
  t: CheckContext,
  a: Endpoint,
  room: string,
  why: string,
  data?: number,
): Promise<void> {
  const outcome = await tryEnter(t, a, room, data)
  if (outcome.code !== 'forbidden')
    throw unexpected(outcome, `forbidden for the join of room ${clip(JSON.stringify(room))}, ${why}`)
}

async function joins(t: CheckContext): Promise<void> {
  for (const { user, grants } of usersWithGrants(t)) {
    const a = await t.client({ user })
    for (const room of roomsWhere(t, grants, false, 'join'))
      await expectForbidden(t, a, room, 'which no grant covers')
    for (const room of roomsWhere(t, grants, true, 'join'))
      await expectJoin(t, a, room, 'this user by its grants')
  }
}

/** A room that is named exactly like a prefix begins with it. Others may use it, so nothing is said there. */
async function joinsPrefixItself(t: CheckContext): Promise<void> {
  const wanted = usersWithGrants(t).flatMap(({ user, grants }) =>
    grants.flatMap(({ prefix }) =>
      prefix !== undefined && isRoomName(prefix) && permits(grants, 'join', prefix) ? [{ user, prefix }] : [],
    ),
  )
  if (wanted.length === 0) t.notApplicable('No grant of the kit’s users names a prefix that is a room name')
  for (const { user, prefix } of wanted) {
    const a = await t.client({ user })
    const outcome = await tryEnter(t, a, prefix)
    if (outcome.code === 'forbidden') {
      throw unexpected(
        outcome,
        `joined for room ${clip(JSON.stringify(prefix))}, which begins with the granted prefix`,
      )
    }
    if (outcome.type === 'joined') await leaveRoom(a, prefix)
  }
}

/** A name is forbidden to one user alone: who may join does, whoever else has been refused. */
async function joinsWithoutGrants(t: CheckContext): Promise<void> {
  requireToken(t)
  const free = [...t.target.users.keys()].filter((user) => grantsOf(t, user) === undefined)
  if (free.length === 0) t.notApplicable('Each user of the kit has grants')
  for (const user of free) {
    const a = await t.client({ user })
    for (const room of [
      t.random.hex(20),
      `~ ${t.random.hex(20)}`,
      `${t.random.hex(10)}/*/${t.random.hex(10)}`,
    ]) {
      await expectJoin(t, a, room, 'a user without grants')
    }
  }
}

/** A room that a grant names by itself. Others may use it, so nothing is said there. */
async function joinsNamedRoom(t: CheckContext): Promise<void> {
  const wanted = usersWithGrants(t).flatMap(({ user, grants }) =>
    grants.flatMap((grant) =>
      grant.prefix === undefined && grant.join && isRoomName(grant.room) ? [{ user, room: grant.room }] : [],
    ),
  )
  if (wanted.length === 0) t.notApplicable('No grant of the kit’s users names a room by itself')
  for (const { user, room } of wanted) {
    const a = await t.client({ user })
    const outcome = await tryEnter(t, a, room)
    if (outcome.code === 'forbidden')
      throw unexpected(outcome, `joined for room ${clip(JSON.stringify(room))}, which a grant names`)
    if (outcome.type === 'joined') await leaveRoom(a, room)
  }
}

/** Two clients of one user in a room of their own in which that user may, or may not, send. */
async function pairOf(t: CheckContext, user: number, room: string): Promise<[Endpoint, Endpoint]> {
  const [a, b] = (await t.clients(2, { user })) as [Endpoint, Endpoint]
  await t.join(room, a, b)
  return [a, b]
}

function relaysTo(room: string, to: string, call: string) {
  const place = { room, to, call }
  return [offerTo(place), answerTo(place), candidateTo(place), hangupTo(place)]
}

async function sends(t: CheckContext): Promise<void> {
  const users: Granted[] = usersWithGrants(t)
  const listeners = users.flatMap(({ user, grants }) => {
    const room = roomToJoin(t, grants, false)
    return room === undefined ? [] : [{ user, room, other: roomToJoin(t, grants, true) }]
  })
  if (listeners.length === 0)
    t.notApplicable('No grant of the kit’s users allows to join where it does not allow to send')
  for (const { user, room, other } of listeners) {
    const [a, b] = await pairOf(t, user, room)
    const call = t.callId()
    for (const relay of relaysTo(room, b.peer, call)) {
      await expectRefusal(
        a,
        a.post(relay).id,
        ['forbidden'],
        `a ${relay.type} where grants do not allow to send`,
      )
    }
    if (other !== undefined && announcedLimit(t, 'roomsPerPeer') !== 1)
      await sendsInOne(t, [a, b], { listening: room, sending: other })
    // What every member may do still works, and shows that nothing was delivered before it.
    await expectAccepted(
      a.post({ type: 'update', room, data: 1 }),
      'ok',
      'an update where grants do not allow to send',
    )
    await seesData(b, room, a, 1)
    await expectAccepted(a.post({ type: 'leave', room }), 'left', 'a leave where grants do not allow to send')
    await seesLeave(b, room, a)
    const leaked = b.log.find(({ message }) => message['call'] === call)
    if (leaked)
      throw new CheckFailure(
        'no delivery where grants do not allow to send',
        `${indefinite(String(leaked.message['type']))} came`,
      )
  }
}

/** What a peer may do in one room says nothing of another: not to who was refused at first, and not to who was let at first. */
async function sendsInOne(
  t: CheckContext,
  [a, b]: readonly [Endpoint, Endpoint],
  rooms: { readonly listening: string; readonly sending: string },
): Promise<void> {
  await t.join(rooms.sending, a, b)
  const refused = 'to one that was refused its first in another room'
  const sent = 'to one that has sent its first in another room'
  await expectSending(t, [a, b], rooms.sending, true, refused)
  await expectSending(t, [b, a], rooms.sending, true, 'to one that has sent nothing yet')
  await expectSending(t, [b, a], rooms.listening, false, sent)
  for (const member of [a, b]) await leaveRoom(member, rooms.sending)
}

/** Prefixes under which the kit sends. */
const mostPrefixes = 4

async function sendsAllowed(t: CheckContext): Promise<void> {
  requireToken(t)
  for (const user of t.target.users.keys()) {
    // Of prefixes that overlap each room is under several: any of them is enough.
    for (const room of roomsToJoin(t, grantsOf(t, user), true).slice(0, mostPrefixes)) {
      const [a, b] = await pairOf(t, user, room)
      const call = t.callId()
      const posted = relaysTo(room, b.peer, call).map((relay) => ({ relay, pending: a.post(relay) }))
      for (const { relay, pending } of posted)
        await expectAccepted(pending, 'ok', `${indefinite(relay.type)} where grants allow to send`)
      await b.expect('hangup', (m) => m.call === call, 'a hangup where grants allow to send')
    }
  }
}

/** Authenticates again with another token of the same user. */
async function refreshWith(t: CheckContext, a: Endpoint, { user }: GrantingToken): Promise<void> {
  const outcome = await authenticate(a, await tokenOf(t, user))
  if (outcome.type !== 'authenticated')
    throw unexpected(outcome, 'authenticated for another token of the same user')
}

/** Two tokens of one user: the grants of the later one hold. */
async function refreshedGrants(t: CheckContext): Promise<void> {
  for (const { before, after, lost, won } of changesOf(t, 'join')) {
    const a = await t.client({ user: before.user })
    for (const room of lost) await expectJoin(t, a, room, 'this user by its first grants')
    for (const room of won) await expectForbidden(t, a, room, 'which only later grants cover')
    await refreshWith(t, a, after)
    for (const room of lost) await expectForbidden(t, a, room, 'which only earlier grants cover')
    for (const room of won) await expectJoin(t, a, room, 'this user by its new grants')
  }
}

/** The same for sending, in a room that both let it join. */
async function refreshedSending(t: CheckContext): Promise<void> {
  for (const { before, after, lost, won } of changesOf(t, 'send')) {
    for (const room of [...lost.slice(0, 1), ...won.slice(0, 1)]) {
      const pair = await pairOf(t, before.user, room)
      await expectSending(t, pair, room, lost.includes(room), 'before a refresh')
      await refreshWith(t, pair[0], after)
      await expectSending(t, pair, room, won.includes(room), 'after a refresh')
    }
  }
}

/** A refresh takes from a member the right to join the room that it is in: what is refused then has no effect. */
async function rejoinsWithoutRight(t: CheckContext): Promise<void> {
  for (const { before, after, lost } of changesOf(t, 'join')) {
    const [room, other] = lost
    if (room === undefined) continue // the other order of the two tokens takes away what this one gives
    const [a, b] = await pairOf(t, before.user, room)
    const since = b.log.length
    await presupposing('auth.refresh', refreshWith(t, a, after))
    // Whether the later grants hold at all is what the checks of a refresh judge.
    if (other !== undefined)
      await presupposing('auth.refresh', expectForbidden(t, a, other, 'which only earlier grants cover'))
    const why = 'in which the peer is a member by earlier grants, and which its grants no longer cover'
    await expectForbidden(t, a, room, why)
    await expectForbidden(t, a, room, `${why}, by a join that brings data`, 1)
    await expectStaysAsItWas(a, b, room, since)
  }
}

/** A member that was refused a join is a member as before, unless the server has ended its membership with `left`. */
async function expectStaysAsItWas(a: Endpoint, b: Endpoint, room: string, since: number): Promise<void> {
  const update = a.post({ type: 'update', room, data: 2 })
  const { code } = await update.outcome('an outcome of an update after a join that was refused')
  const hasLeft = a.all('left', (left) => left.room === room).length > 0
  if (code !== undefined && !hasLeft)
    throw new CheckFailure(
      'the membership to go on, or to end with left, where a join was refused with forbidden',
      `no left came, and an update afterwards was answered with ${code}`,
    )
  if (code === undefined) await seesData(b, room, a, 2, since)
  else await seesLeave(b, room, a, since)
  const changed = b.all('peer-updated', ({ member }) => member.peer === a.peer && member.data === 1)
  if (changed.length > 0)
    throw new CheckFailure(
      'no effect of a join that was refused with forbidden',
      `peer-updated with its data came to ${b.name}`,
    )
}

async function expires(t: CheckContext): Promise<void> {
  const { user, ms } = shortLived(t, 1)
  const token = await tokenOf(t, user)
  const a = await t.client({ user, anonymous: true })
  const { sentAt, expiresInMs } = await authenticatedAt(t, a, token)
  // What it says meanwhile prolongs nothing.
  const lasts = `an authentication that lasts the ${String(expiresInMs)} ms of expiresInMs`
  if (!(await a.endsWithin(ms / 2))) await expecting(lasts, a.sync())
  await expectExpiry(t, a, sentAt, expiresInMs)
}

/** Time before the end from which on a client talks, in milliseconds: whatever the round trip, something is under way when the end comes. */
const talkMs = 100

/** A client that is in the middle of a conversation is ended like one that is silent. */
async function expiresTalking(t: CheckContext): Promise<void> {
  const { user } = shortLived(t, 1)
  const token = await tokenOf(t, user)
  const a = await t.client({ user, anonymous: true })
  const { sentAt, expiresInMs } = await authenticatedAt(t, a, token)
  const talk = async () => {
    await a.endsWithin(Math.max(0, sentAt + expiresInMs - talkMs - performance.now()))
    // Each ping goes when the one before is answered; the last one is answered by the end, or goes nowhere.
    while (a.end === undefined && a.all('error').length === 0) await a.sync()
  }
  await Promise.all([
    talk().catch((error: unknown) => {
      if (a.end === undefined && a.all('error').length === 0) throw error
    }),
    expectExpiry(t, a, sentAt, expiresInMs),
  ])
}

/** What a server is given to notice that an authentication has ended, where it must not, in milliseconds. */
const glanceMs = 1000

/** When a connection authenticates again, in shares of the time for which it is authenticated. */
const refreshTimes: readonly (readonly number[])[] = [[0.6], [0.3, 0.6]]

async function refreshProlongs(t: CheckContext): Promise<void> {
  const { user, ms } = shortLived(t, 1.6)
  const outcomes = await Promise.allSettled(refreshTimes.map((times) => prolongs(t, user, ms, times)))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}

/** Each refresh counts from itself, whichever it is. */
async function prolongs(t: CheckContext, user: number, ms: number, times: readonly number[]): Promise<void> {
  const token = await tokenOf(t, user)
  const a = await t.client({ user, anonymous: true })
  await authenticatedAt(t, a, token)
  const began = performance.now()
  const refresh = async (share: number) => {
    await a.endsWithin(began + ms * share - performance.now())
    const later = await tokenOf(t, user) // not earlier: a token may end at a time of its own, as a JWT does
    if (performance.now() - began > ms * 0.9) t.notObserved('A fresh token came too late to refresh with')
    return authenticatedAt(t, a, later, { endless: true })
  }
  for (const share of times.slice(0, -1)) await refresh(share)
  const { sentAt, expiresInMs } = await refresh(times.at(-1) ?? 0)
  if (expiresInMs === Infinity) {
    const expected = 'a connection that goes on: the refresh was answered without expiresInMs'
    const ended = await a.endsWithin(ms + glanceMs)
    if (ended) throw new CheckFailure(expected, `it ended with ${endOf(a)}`)
    return
  }
  if (expiresInMs < ms * 0.5)
    t.notObserved('The end of this token does not move: give one that lasts from each authentication')
  const since = times.length === 1 ? undefined : 'the authenticated of a second refresh'
  await expectExpiry(t, a, sentAt, expiresInMs, since)
}

/** A user with grants authenticates again, and stays where it is. */
async function membershipsGoOn(t: CheckContext): Promise<void> {
  const { user, grants } = usersWithGrants(t)[0] ?? t.notApplicable('No user of the kit has grants')
  const room = roomToJoin(t, grants, true) ?? roomToJoin(t, grants, false)
  if (room === undefined) t.notApplicable('No grant names a prefix under which the kit may join')
  const [a, b] = await pairOf(t, user, room)
  const outcome = await authenticate(a, await tokenOf(t, user))
  if (outcome.type !== 'authenticated')
    throw unexpected(outcome, 'authenticated for a token of the same user')
  a.send({ type: 'update', room, data: 2 })
  await seesData(b, room, a, 2)
  await enter(t, a, room)
  // Absent grants are a right to everything: what the first ones did not allow is allowed now.
  if (outcome.message['grants'] === undefined)
    for (const other of roomsWhere(t, grants, false, 'join').slice(0, 1))
      await expectJoin(t, a, other, 'this user, whose refresh was answered without grants')
  const gone = a.all('left')[0] ?? b.all('peer-left')[0]
  if (gone) throw new CheckFailure('memberships that the new grants allow to go on', `a ${gone.type} came`)
}

/** auth.expiry: of any connection of the run, whatever its check was about. */
function noneEndsEarly(t: CheckContext): Promise<void> {
  requireAuth(t)
  // What waits for an end judges it, and knows more of it.
  t.judgeWatched('auth.expiry', 'Nobody authenticated in this run', (check) =>
    isAboutEnd('token-expired', check),
  )
  return Promise.resolve()
}

/** Checks of spec/authentication.md about grants and expiry. */
export const grantChecks: readonly Check[] = [
  check('auth.grants', 'joins that grants allow and do not allow', joins, { name: 'join', lengthy: true }),
  check('auth.grants', 'joins of a user without grants', joinsWithoutGrants, { name: 'none' }),
  check('auth.grants', 'a room that is named like a granted prefix', joinsPrefixItself, {
    name: 'prefix-itself',
    hostile: true,
  }),
  check('auth.grants', 'a room that a grant names by itself', joinsNamedRoom, { name: 'named-room' }),
  check(
    'auth.grants',
    'a join by a member whose right to join a refresh has taken away',
    rejoinsWithoutRight,
    { name: 'rejoin' },
  ),
  check('auth.grants', 'relayed messages where grants allow only to join', sends, { name: 'send' }),
  check('auth.grants', 'relayed messages where grants allow to send', sendsAllowed, { name: 'send-allowed' }),
  check('auth.refresh', 'the grants of another token of the same user', refreshedGrants, { name: 'grants' }),
  check('auth.refresh', 'what another token of the same user lets it send', refreshedSending, {
    name: 'send',
  }),
  check('auth.refresh', 'memberships of a user with grants', membershipsGoOn, { name: 'memberships' }),
  check('auth.refresh', 'a refresh prolongs the authentication', refreshProlongs, { name: 'expiry' }),
  check('auth.expiry', 'the end of an authentication', expires),
  check('auth.expiry', 'the end of an authentication amid messages', expiresTalking, { name: 'talking' }),
  check('auth.expiry', 'no end before its time, on any connection of the run', noneEndsEarly, {
    name: 'throughout',
    last: true,
  }),
]

import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { shortRing } from '../calls/answering.ts'
import { hear as hearOfCall, hearEnd } from '../calls/stage.ts'
import { findPage, inRooms, tryFind } from '../discovery/stage.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { enter, needsRooms } from '../scene/membership.ts'
import { needsCapability } from './meanwhile.ts'
import { cut, hear, resume, say, seenBy, stage, unlessLate } from './stage.ts'

const withCalls = { capabilities: ['resume', 'calls'] } as const
const withDiscovery = { capabilities: ['resume', 'discovery'] } as const

/** A caller, and a peer with a session that the server lets it invite. */
async function callers(
  t: CheckContext,
): Promise<{ readonly room: string; readonly a: Endpoint; readonly b: Endpoint }> {
  needsCapability(t, 'calls')
  const room = t.room()
  const [a, b] = [await t.client(withCalls), await t.client(withCalls)]
  await t.join(room, a, b)
  return { room, a, b }
}

/** resume.goes-on: who has resumed calls as the peer that it is, not as that of the connection on which it came back. */
async function callsAsItself(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  const lost = await cut(t, b)
  const later = await resume(t, lost, { later: await t.client(withCalls) })
  const call = t.callId()
  const outcome = await requestInTime(later, { type: 'invite', call, callee: { peer: a.peer } })
  if (outcome.type !== 'ok')
    t.couldNotRun('The server refuses the invite of a member of a room for another one: see ring.members')
  const { message } = await hearOfCall(a, 'invite', call, 'the invite of a peer that has resumed its session')
  const { peer } = message['caller'] as { readonly peer?: unknown }
  later.send({ type: 'cancel', call, reason: 'normal' })
  if (peer === lost.numbers.peer) return
  throw new CheckFailure(
    `an invite whose caller is the peer of the session, ${lost.numbers.peer}`,
    `caller.peer is ${String(peer)}`,
  )
}

/** resume.meanwhile: the end of a call whose time was over while the session of its endpoint waited. */
async function hearsOfTimeout(t: CheckContext): Promise<void> {
  const { a, b } = await callers(t)
  const call = t.callId()
  const outcome = await requestInTime(a, {
    ...{ type: 'invite', call, callee: { peer: b.peer }, ringSeconds: shortRing },
  } as const)
  if (outcome.type !== 'ok')
    t.couldNotRun('The server refuses the invite of a member of a room for another one: see ring.members')
  await hearOfCall(b, 'invite', call, 'an invite at the peer that callee names')
  const lost = await cut(t, b)
  const isOver = () => a.log.some(({ message }) => message['call'] === call && message['type'] === 'reject')
  await a.comesWithin(isOver, 1000 * shortRing + t.dueMs)
  await presupposing('ring.timeout', hearEnd(a, 'reject', call, 'timeout', 'when the call has rung in vain'))
  unlessLate(lost)
  const later = await resume(t, lost, { later: await t.client(withCalls) })
  await hearEnd(later, 'cancel', call, 'timeout', 'that was over while the session of the endpoint waited')
}

/** find.members: a member whose session waits is one. */
async function countsWhoWaits(t: CheckContext): Promise<void> {
  needsCapability(t, 'resume')
  const { a, prefix, rooms } = await inRooms(t, ['a'])
  const [room = ''] = rooms
  const b = await t.client({ capabilities: ['resume'] })
  await enter(t, b, room)
  const lost = await cut(t, b)
  const { items, text } = await findPage(t, a, { kind: 'rooms', prefix })
  unlessLate(lost)
  const found = items.find((item) => item.room === room)
  const members = found?.room === undefined ? undefined : found.members
  await resume(t, lost, { later: await t.client({ capabilities: ['resume'] }) })
  if (members === 2) return
  throw new CheckFailure(
    'members 2 for a room of two members, the session of one of which waits',
    `it was ${String(members)}`,
  ).shownBy(text)
}

/** resume.goes-on: a search goes on where it was. */
async function searchesOn(t: CheckContext): Promise<void> {
  needsCapability(t, 'discovery')
  needsRooms(t, 2)
  const a = await t.client(withDiscovery)
  const prefix = t.room()
  for (const tail of ['a', 'b']) await enter(t, a, `${prefix}${tail}`)
  const find = { kind: 'rooms', prefix, limit: 1 } as const
  const { cursor } = await findPage(t, a, find)
  if (cursor === undefined) return t.notObserved('The first page has no cursor')
  const lost = await cut(t, a)
  const later = await resume(t, lost, { later: await t.client(withDiscovery) })
  const outcome = await tryFind(t, later, { ...find, cursor })
  if (outcome.type !== 'found')
    throw unexpected(outcome, 'found for the cursor of the page before, after a resume between them')
}

/** resume.again: what a member `ack` has acknowledged is done with, and nothing else is. */
async function sendsAgainAfterMember(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const first = say(t, b, a.peer, room)
  await presupposing('relay.delivered', hear(a, first, 'the delivery of a hangup'))
  // joined, and the hangup; where b was told of first, peer-joined.
  const acknowledged = seenBy(a, 2)
  const id = a.sendBroken({ ...hangupTo({ room, to: b.peer, call: t.callId() }), ack: acknowledged })
  const isOutcome = ({ message }: { readonly message: Wire }) => message['ref'] === id
  await presupposing('outcomes.ok', a.waitFor(isOutcome, 'ok for a hangup with a member ack'))
  const calls = [1, 2, 3].map(() => say(t, b, a.peer, room))
  await presupposing('relay.delivered', hear(a, calls.at(-1) ?? '', 'the delivery of several hangups'))
  const last = seenBy(a, acknowledged + 4)
  const lost = await cut(t, a)
  const later = await resume(t, lost, { ack: acknowledged })
  const what = `the numbers ${String(acknowledged + 1)} to ${String(last)} again, after an ack of ${String(acknowledged)} beside another message`
  await later.waitFor(({ message }) => message['seq'] === last, what)
  const came = later.log.flatMap(({ message: { seq } }) => (typeof seq === 'number' ? [seq] : []))
  const isAll = Array.from({ length: last - acknowledged }, (_, index) => acknowledged + 1 + index).every(
    (number, index) => came[index] === number,
  )
  if (!isAll) throw new CheckFailure(what, `there came ${came.join(', ')}`)
}

/** Checks of what a session keeps where it meets other capabilities, and other ways to acknowledge. */
export const besideOthersChecks: readonly Check[] = [
  check('resume.goes-on', 'a peer that has resumed calls', callsAsItself, {
    capability: 'resume',
    name: 'caller',
  }),
  check('resume.meanwhile', 'a call whose time is over while a session waits', hearsOfTimeout, {
    capability: 'resume',
    name: 'timeout',
    waits: true,
  }),
  check('resume.goes-on', 'a search with a resume between its pages', searchesOn, {
    capability: 'resume',
    name: 'cursor',
  }),
  check('resume.again', 'what came after an ack beside another message', sendsAgainAfterMember, {
    capability: 'resume',
    name: 'member-ack',
  }),
]

/** Checks of searches for who has a session. */
export const waitingMemberChecks: readonly Check[] = [
  check('find.members', 'a member whose session waits', countsWhoWaits, {
    capability: 'discovery',
    name: 'waiting',
  }),
]

import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { check, type Check } from '../../engine/check.ts'
import { requireInForce } from '../../engine/arrival.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { withoutNumbers } from '../../endpoint/numbers.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { apart, clip } from '../../observer/clip.ts'
import { announcedLimit, dataNumber, expectData, messagesOf, placesFor } from '../scene/membership.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import {
  callsAt,
  cut,
  farBeyond,
  expectResumed,
  hear,
  numbersOf,
  resume,
  say,
  seenBy,
  stage,
  tryResume,
  unlessLate,
} from './stage.ts'

/** resume.resumed: the peer that it was, and how far the server has come, each time. */
async function resumes(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { peer } = a
  let current = a
  for (const time of ['', ', when the session is resumed for the second time']) {
    const said = say(t, current, b.peer, room)
    const delivered = hear(b, said, 'the delivery of a hangup')
    await presupposing(current === a ? 'relay.delivered' : 'resume.goes-on', delivered)
    const lost = await cut(t, current)
    const resuming = expectResumed(t, lost)
    current = await (current === a ? resuming : presupposing('resume.secret', resuming))
    const message = await current.expect('resumed')
    const sent = lost.numbers.sent.length
    if (message.peer !== peer)
      throw new CheckFailure(
        `resumed with peer ${peer}, that of the session${time}`,
        `it was ${message.peer}`,
      )
    if (message.ack !== sent)
      throw new CheckFailure(
        `resumed with ack ${String(sent)}, the number of the last message that was delivered${time}`,
        `it was ${String(message.ack)}`,
      )
  }
}

/** Messages of one check of what is sent again. */
const manyMessages = 12

/** resume.again: all that came after `ack`, wherever that lies. */
async function sendsAgain(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const calls = Array.from({ length: manyMessages }, () => say(t, b, a.peer, room))
  const last = calls.at(-1) ?? ''
  await presupposing('delivery.no-gap', hear(a, last, 'the delivery of several hangups'))
  // Of what is sent again the last are outcomes, one of each kind.
  // A join of the room that it is in, where it may be in no other.
  const isSeveral = (announcedLimit(t, 'roomsPerPeer') ?? 2) > 1
  const other = isSeveral ? t.room() : room
  await presupposing(
    'rooms.joined',
    expectAccepted(a.post({ type: 'join', room: other }), 'joined', 'a join'),
  )
  const refused = a.post(hangupTo({ room, to: t.strangerId(), call: t.callId() }))
  await presupposing(
    'relay.peer-not-found',
    expectRefusal(a, refused.id, ['peer-not-found'], 'a hangup to a peer that nobody is'),
  )
  if (isSeveral)
    await presupposing(
      'rooms.leave',
      expectAccepted(a.post({ type: 'leave', room: other }), 'left', 'a leave'),
    )
  const asked = a.post(hangupTo({ room, to: b.peer, call: t.callId() }))
  await presupposing('outcomes.ok', expectAccepted(asked, 'ok', 'a hangup with id'))
  const before = new Map(a.log.map(({ message }) => [message['seq'], withoutNumbers(message)]))
  const seen = seenBy(a, manyMessages + (isSeveral ? 6 : 5))
  let lost = await cut(t, a)
  // Each time a little more is acknowledged, as if the rest had been lost on its way.
  for (const lacking of [manyMessages, 5, 1, 0]) {
    const meanwhile = say(t, b, lost.numbers.peer, room)
    const later = await resume(t, lost, { ack: seen - lacking })
    await presupposing(
      'resume.meanwhile',
      hear(later, meanwhile, 'a hangup that was sent to the peer while it was away'),
    )
    const came = later.log.filter(({ message }) => typeof message['seq'] === 'number')
    for (let index = 0; index < lacking; index += 1) {
      const number = seen - lacking + 1 + index
      const { message = {}, text = '' } = came[index] ?? {}
      const [due, again] = apart(
        before.get(number),
        message['seq'] === number ? withoutNumbers(message) : message,
      )
      const expected = `number ${String(number)} again, ${due}, as message ${String(index + 1)} after resumed`
      if (message['seq'] !== number || !isDeepStrictEqual(withoutNumbers(message), before.get(number)))
        throw new CheckFailure(expected, `${again} came`).shownBy(text)
    }
    const repeated = came
      .map(({ message }) => message['seq'])
      .filter((seq, index, all) => all.indexOf(seq) < index)
    if (repeated.length > 0)
      throw new CheckFailure('each number once', `number ${String(repeated[0])} came more often`)
    lost = await cut(t, later)
  }
}

/** resume.goes-on: in both directions, for what is new. */
async function goesOn(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { peer } = a
  const lost = await cut(t, a)
  const later = await resume(t, lost)
  const pending = later.post(hangupTo({ room, to: b.peer, call: t.callId() }))
  await expectAccepted(pending, 'ok', 'the next numbered message after resumed, to a member of the room')
  const call = say(t, later, b.peer, room)
  const delivered = await hear(b, call, 'the delivery of a hangup that was sent after resumed')
  if (delivered['from'] !== peer)
    throw new CheckFailure(`the peer of the session, ${peer}, in from`, `it was ${String(delivered['from'])}`)
  const answer = say(t, b, peer, room)
  const { seen } = numbersOf(later)
  const since = later.log.length
  const heard = await hear(later, answer, 'the delivery of a hangup to the peer of the session')
  // What a member is told unasked has numbers, too.
  const numbered = later.log.slice(since).filter(({ message }) => message['seq'] !== undefined)
  const due =
    seen +
    1 +
    Math.max(
      0,
      numbered.findIndex(({ message }) => message['call'] === answer),
    )
  if (heard['seq'] !== due)
    throw new CheckFailure(`the next number, ${String(due)}`, `seq was ${JSON.stringify(heard['seq'])}`)
  const data = dataNumber(t, 5)
  await presupposing(
    'rooms.update',
    expectAccepted(b.post({ type: 'update', room, data }), 'ok', 'the update of a member'),
  )
  await later.expect(
    'peer-updated',
    ({ member }) => member.peer === b.peer && isDeepStrictEqual(member.data, data),
    'peer-updated at a member that has resumed, for an update after that',
  )
}

function dataIn(message: Wire): unknown {
  return (message['member'] as Wire | undefined)?.['data']
}

/** What a member has been told of another one. */
function toldOf(peer: string, member: Endpoint, room: string, since: number): Wire | undefined {
  return messagesOf(member, room, since).find(
    (message) => message['peer'] === peer || (message['member'] as Wire | undefined)?.['peer'] === peer,
  )
}

/** Milliseconds in which a server that tells again what is known does so also where nothing has happened. */
const idleMs = 1500

/** Whether a server that has told again what was known of the peer of a session does so also without a loss, or not at each loss. */
async function repeatsAnyway(
  t: CheckContext,
  session: Endpoint,
  peer: string,
  { member, room }: { readonly member: Endpoint; readonly room: string },
): Promise<boolean> {
  const idle = member.log.length
  await sleep(idleMs)
  if (messagesOf(member, room, idle).some(({ type }) => type === 'peer-updated')) return true
  const since = member.log.length
  const lost = await cut(t, session)
  const later = await resume(t, lost)
  await t.barrier(later, member, room)
  unlessLate(lost)
  return toldOf(peer, member, room, since) === undefined
}

/** resume.unseen: by a member that stays, and by one that comes. */
async function isUnseen(t: CheckContext): Promise<void> {
  placesFor(t, 3, 3)
  const room = t.room()
  const [a, b, c] = await Promise.all([
    t.client(),
    t.client({ capabilities: [] }),
    t.client({ capabilities: [] }),
  ])
  const data = dataNumber(t, 7)
  await expectAccepted(a.post({ type: 'join', room, data }), 'joined', 'the join of a room')
  await t.join(room, b)
  const since = b.log.length
  const { peer } = a
  const lost = await cut(t, a)
  const arrival = await presupposing('rooms.joined', t.join(room, c))
  const shown = arrival[0]?.members.find((member) => member.peer === peer)
  unlessLate(lost)
  if (shown === undefined)
    throw new CheckFailure(`${peer}, whose session waits, in members`, 'it was not there')
  expectData(shown, data, 'members, for a peer whose session waits')
  const later = await resume(t, lost)
  await t.barrier(later, b, room)
  unlessLate(lost)
  const told = toldOf(peer, b, room, since)
  const isRepeat = told?.['type'] === 'peer-updated' && isDeepStrictEqual(dataIn(told), data)
  if (told && !(isRepeat && (await repeatsAnyway(t, later, peer, { member: b, room }))))
    throw new CheckFailure(
      'nothing about a member whose connection was lost and resumed',
      `${clip(JSON.stringify(told))} came`,
    )
  // A join of a room that one is in shows all members once more.
  const again = await presupposing('rooms.rejoin', t.join(room, c))
  const after = again[0]?.members.find((member) => member.peer === peer)
  if (after === undefined)
    throw new CheckFailure(`${peer}, whose session was resumed, in members`, 'it was not there')
  expectData(after, data, 'members, for a peer whose session was resumed')
}

/** resume.meanwhile */
async function acceptsMeanwhile(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const lost = await cut(t, a)
  const call = t.callId()
  const outcome = await b.request(hangupTo({ room, to: lost.numbers.peer, call }))
  unlessLate(lost)
  if (outcome.type !== 'ok')
    throw new CheckFailure(
      'ok for a hangup to a member whose session waits',
      `the outcome was the ${outcome.type} ${outcome.code ?? ''}`,
    )
  const later = await resume(t, lost)
  await hear(later, call, 'a hangup that was sent to the peer while its session waited')
}

/** resume.secret: the one of the beginning, again and again, and no other. */
async function keepsItsSecret(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  let lost = await cut(t, a)
  const voided: string[] = []
  const nobodys: string[] = []
  for (let count = 0; count < 2; count += 1) {
    const later = await expectResumed(t, lost)
    voided.push(String(later.welcome['session']))
    nobodys.push(String(later.welcome['peer']))
    lost = await cut(t, later)
  }
  const later = await expectResumed(t, lost)
  for (const session of voided) {
    const on = await t.client()
    const what = 'a resume with the secret from the welcome of a connection that has resumed another session'
    // An ack that would do for the session.
    const { seen: ack } = numbersOf(later)
    await expectRefusal(on, on.post({ type: 'resume', session, ack }).id, ['resume-failed'], what)
    await t.client({ capabilities: [], hello: { replaces: session } })
  }
  for (const peer of nobodys) {
    const sent = b.post(hangupTo({ room, to: peer, call: t.callId() }))
    const what =
      'a hangup to the peer id from the welcome of a connection that has resumed a session since, that of a member of the room'
    await expectRefusal(b, sent.id, ['peer-not-found'], what)
  }
  const call = say(t, later, b.peer, room)
  await hear(b, call, 'the delivery of a hangup of the session, which no other secret can end')
}

/** Everything at once: hello, perhaps auth, and resume, before anything is read. */
async function resumesBlindly(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const lost = await cut(t, a)
  const call = say(t, b, lost.numbers.peer, room)
  const token = t.target.needsAuth ? await t.token() : undefined
  const later = await t.open()
  later.send({ type: 'hello', versions: [1], capabilities: { resume: {} } })
  if (token !== undefined) later.send({ type: 'auth', method: 'token', token })
  const pending = later.resume(lost.numbers)
  const outcome = await pending.outcome('resumed for a resume that was sent right behind hello')
  unlessLate(lost)
  if (outcome.type !== 'resumed') {
    // A server that takes them in another order than they were sent refuses before it has welcomed.
    await presupposing('connection.welcome', later.expect('welcome'))
    requireInForce(later, ['resume'], t.target)
    throw new CheckFailure(
      'resumed for a resume that was sent right behind hello',
      `the outcome was the ${outcome.type} ${outcome.code ?? ''}`,
    )
  }
  await presupposing(
    'resume.meanwhile',
    hear(later, call, 'a hangup that was sent to the peer while its session waited'),
  )
  if (callsAt(later).filter((each) => each === call).length > 1)
    throw new CheckFailure('it once', 'it came more often')
}

/** resume.failure-keeps */
async function failureKeeps(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const lost = await cut(t, a)
  const { later, outcome } = await tryResume(t, lost, { ack: lost.numbers.seen + farBeyond })
  if (outcome.code !== 'resume-failed')
    throw Object.assign(
      new CheckFailure(
        'resume-failed for an ack far beyond what was sent',
        `the outcome was the ${outcome.type} ${outcome.code ?? ''}`,
      ),
      {
        presupposes: 'resume.failed',
      } as const,
    )
  const joined = later.post({ type: 'join', room: t.room() })
  const reply = await expectAccepted(joined, 'joined', 'a join with number 1 after resume-failed')
  const self = reply.message['self'] as Wire | undefined
  if (self?.['peer'] !== later.welcome['peer'])
    throw new CheckFailure(
      "the connection's own peer after resume-failed",
      `self.peer was ${String(self?.['peer'])}`,
    )
  // A connection on which one was refused is as good as another for one that is right.
  const patient = await t.client()
  const wrong = patient.post({ type: 'resume', session: t.strangerId(), ack: 0 })
  await presupposing(
    'resume.failed',
    expectRefusal(patient, wrong.id, ['resume-failed'], 'a resume with a secret that nobody has'),
  )
  const resumed = await expectResumed(t, lost, { later: patient })
  const call = say(t, resumed, b.peer, room)
  await presupposing('resume.goes-on', hear(b, call, 'the delivery of a hangup that was sent after resumed'))
}

/** Checks of going on with a session. */
export const resumingChecks: readonly Check[] = [
  check('resume.resumed', 'a session whose connection was cut', resumes, { capability: 'resume' }),
  check('resume.resumed', 'hello, auth and resume back to back', resumesBlindly, {
    name: 'back-to-back',
    capability: 'resume',
  }),
  check('resume.again', 'what the client has not acknowledged, of all and of some', sendsAgain, {
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.goes-on', 'what is new after a resume, both ways', goesOn, { capability: 'resume' }),
  check('resume.unseen', 'a member that stays and one that comes', isUnseen, { capability: 'resume' }),
  check('resume.meanwhile', 'a message to a peer whose session waits', acceptsMeanwhile, {
    capability: 'resume',
  }),
  check('resume.secret', 'the secret of the session, and those of later connections', keepsItsSecret, {
    capability: 'resume',
    lengthy: true,
  }),
  check(
    'resume.failure-keeps',
    'the connection and the session after a resume that was refused',
    failureKeeps,
    {
      capability: 'resume',
    },
  ),
]

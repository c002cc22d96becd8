import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, expecting, presupposing } from '../../engine/failure.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { tryEnter } from '../scene/membership.ts'
import { expectTooLarge, messageBytesOf, paddedTo } from '../scene/message-size.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import { authenticate, tokenOf, unlessRunOut } from '../scene/token.ts'
import { callsAt, cut, hear, lostOf, numbersOf, resume, say, stage } from './stage.ts'

/** seq.taken: what is refused takes its number, and the next one is right. */
async function refusedTakeTheirs(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const faults: readonly (readonly [string, Wire])[] = [
    ['a join whose room is a number', { type: 'join', room: 7 }],
    ['a message of an unknown type', { type: 'no-such-type' }],
    ['a hangup to a peer that is not there', { ...hangupTo({ room, to: t.strangerId(), call: t.callId() }) }],
    ['a message without a type', { room }],
    ['a hangup in a room that it is not in', hangupTo({ room: t.room(), to: b.peer, call: t.callId() })],
    ['a leave of a room that it is not in', { type: 'leave', room: t.room() }],
    ['an update in a room that it is not in', { type: 'update', room: t.room(), data: 1 }],
    [
      'a hangup with an ack of what was never sent',
      { ...hangupTo({ room, to: b.peer, call: t.callId() }), ack: 1_000_000 },
    ],
  ]
  for (const [what, fault] of faults) {
    const id = a.sendBroken(fault)
    const outcome = await presupposing('outcomes.ref', a.outcome(id, { what: `an error for ${what}` }))
    if (outcome.code === undefined) throw unexpected(outcome, `an error for ${what}`)
    const next = a.post(hangupTo({ room, to: b.peer, call: t.callId() }))
    await expectAccepted(next, 'ok', `the message with the number after that of ${what}, which was refused`)
  }
  // Whether a number is an integer is a matter of its value.
  for (const written of ['.0', 'e0', '00e-2']) {
    const id = a.nextId()
    const numbers = numbersOf(a)
    const seq = numbers.sent.length + 1
    const message = { ...hangupTo({ room, to: b.peer, call: t.callId() }), id, seq }
    numbers.sent.push(message)
    a.sendText(JSON.stringify(message).replace(/\d+\}$/, (digits) => `${digits.slice(0, -1)}${written}}`))
    const pending = { outcome: (what?: string) => a.outcome(id, { what }) }
    await expectAccepted(pending, 'ok', `a hangup whose seq is written ${String(seq)}${written}`)
  }
}

/** seq.taken: a frame that is refused unread takes none, so that the next message has the number that it carries. */
async function tooLargeTakesNone(t: CheckContext): Promise<void> {
  const bytes = messageBytesOf(t, 1) + 1
  const { room, a, b } = await stage(t)
  const lost = lostOf(a)
  const seq = numbersOf(a).sent.length + 1
  const since = a.log.length
  a.sendRaw(paddedTo(bytes, { ...hangupTo({ room, to: b.peer, call: t.callId() }), id: a.nextId(), seq }))
  const large = `a hangup of ${String(bytes)} bytes with number ${String(seq)}`
  const how = await presupposing('limits.refuse-size', expectTooLarge(a, since, large))
  if (a.all('error', ({ fatal }) => fatal).length > 0)
    return t.notObserved('A message that is too large ends the connection here with a fatal error')
  const later = how === 'told' ? a : await resume(t, lost)
  const call = say(t, later, b.peer, room)
  await hear(
    b,
    call,
    `the delivery of a hangup with number ${String(seq)}, after ${large}, which was refused`,
  )
}

/** seq.taken: what comes before the client has authenticated is refused, and takes its number like all that is. */
async function unauthenticatedTakesIts(t: CheckContext): Promise<void> {
  const token = await tokenOf(t)
  const a = await t.client({ anonymous: true })
  const early = a.post({ type: 'join', room: t.room() })
  const before = 'a join with number 1, before auth'
  await presupposing('auth.required', expectRefusal(a, early.id, ['unauthenticated'], before))
  const authenticated = await authenticate(a, token)
  unlessRunOut(authenticated, token)
  if (authenticated.type !== 'authenticated')
    throw Object.assign(unexpected(authenticated, 'authenticated for a valid token'), {
      presupposes: 'auth.token',
    } as const)
  const what = 'a join with number 2 after auth, where number 1 was refused as unauthenticated'
  const outcome = await expecting(`joined for ${what}`, tryEnter(t, a, t.room()))
  if (outcome.type !== 'joined') throw unexpected(outcome, `joined for ${what}`)
}

/** seq.seen: on one connection. */
async function seenIsIgnored(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const first = say(t, a, b.peer, room)
  await presupposing('relay.delivered', hear(b, first, 'the delivery of a hangup'))
  const taken = numbersOf(a).sent.length
  const again = [t.callId(), t.callId()]
  const ids = again.map((call, index) => {
    const message = { ...hangupTo({ room, to: b.peer, call }), seq: taken - index, id: a.nextId() }
    a.sendText(JSON.stringify(message))
    return message.id
  })
  await t.barrier(a, b, room)
  await a.sync()
  const acted = callsAt(b).filter((call) => again.includes(call))
  if (acted.length > 0)
    throw new CheckFailure('no delivery of a message whose number was taken before', 'it was delivered')
  const answered = a.log.find(({ message }) => ids.includes(String(message['ref'])))
  if (answered)
    throw new CheckFailure(
      'no outcome of a message whose number was taken before',
      `${clip(answered.text)} came`,
    ).shownBy(answered.text)
}

/** seq.seen: what a client sends again because it has not read how far the server has come. */
async function sentAgainIsIgnored(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const calls = [say(t, a, b.peer, room), say(t, a, b.peer, room)]
  await presupposing('relay.delivered', hear(b, calls[1] ?? '', 'the delivery of a hangup'))
  const lost = await cut(t, a)
  const later = await resume(t, lost)
  const again = lost.numbers.sent.map((message) => ({ ...message, id: later.nextId() }))
  for (const message of again) later.sendText(JSON.stringify(message))
  const next = later.post(hangupTo({ room, to: b.peer, call: t.callId() }))
  await expectAccepted(
    next,
    'ok',
    'the next numbered message after those that were sent again after a resume',
  )
  await t.barrier(later, b, room)
  for (const call of calls) {
    const { length } = callsAt(b).filter((each) => each === call)
    if (length > 1)
      throw new CheckFailure(
        'one delivery of a message that was sent before a loss and again after the resume',
        `${String(length)} came`,
      )
  }
  const answered = later.log.find(({ message }) => again.some(({ id }) => id === message['ref']))
  if (answered)
    throw new CheckFailure(
      'no outcome of a message that was sent again after a resume, and has come before',
      `${clip(answered.text)} came`,
    ).shownBy(answered.text)
}

/** seq.gap */
async function gapEnds(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const before = say(t, a, b.peer, room)
  await presupposing('relay.delivered', hear(b, before, 'the delivery of a hangup'))
  const lost = lostOf(a)
  const call = t.callId()
  const seq = numbersOf(a).sent.length + 2
  a.sendText(JSON.stringify({ ...hangupTo({ room, to: b.peer, call }), seq }))
  const what = `the fatal error seq-gap for number ${String(seq)} where ${String(seq - 1)} is next`
  await a.expect('error', ({ code, fatal }) => code === 'seq-gap' && fatal, what, {
    like: ({ message, text }) => (message['type'] === 'error' ? clip(text) : undefined),
  })
  await a.expectEnd('the end of the connection after seq-gap')
  // What the session says next takes the path of what must not have come.
  const later = await resume(t, lost)
  await t.barrier(later, b, room)
  if (callsAt(b).includes(call))
    throw new CheckFailure('no delivery of a message after a gap', 'it was delivered')
}

/** seq.missing */
async function missingIsRefused(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const wrong: readonly (readonly [string, Wire])[] = [
    ['without seq', {}],
    ...[0, -1, 1.5, 2 ** 53, '2', null, true, [2]].map(
      (seq) => [`whose seq is ${JSON.stringify(seq)}`, { seq }] as const,
    ),
  ]
  const calls: string[] = []
  for (const [how, more] of wrong) {
    const call = t.callId()
    calls.push(call)
    const id = a.nextId()
    a.sendRaw(JSON.stringify({ ...hangupTo({ room, to: b.peer, call }), id, ...more }))
    await expectRefusal(a, id, ['bad-message'], `a hangup ${how}`)
  }
  const ofConnection: readonly Wire[] = [
    { type: 'ping' },
    { type: 'ack', ack: 0 },
    { type: 'resume', session: t.strangerId(), ack: 0 },
  ]
  for (const message of ofConnection) {
    const id = a.nextId()
    a.sendRaw(JSON.stringify({ ...message, id, seq: numbersOf(a).sent.length + 1 }))
    await expectRefusal(a, id, ['bad-message'], `${indefinite(String(message['type']))} with seq`)
  }
  const next = a.post(hangupTo({ room, to: b.peer, call: t.callId() }))
  await expectAccepted(next, 'ok', 'the next numbered message after messages that have taken no number')
  await t.barrier(a, b, room)
  if (callsAt(b).some((call) => calls.includes(call)))
    throw new CheckFailure('no delivery of a message that was to be numbered and was not', 'it was delivered')
}

/** Checks of numbers. */
export const numberingChecks: readonly Check[] = [
  check('seq.taken', 'messages that are refused, each before one that is not', refusedTakeTheirs, {
    capability: 'resume',
    hostile: true,
  }),
  check('seq.taken', 'a message that is too large, before one that is not', tooLargeTakesNone, {
    name: 'too-large',
    capability: 'resume',
    hostile: true,
  }),
  check('seq.taken', 'a message before auth, and one after it', unauthenticatedTakesIts, {
    name: 'unauthenticated',
    capability: 'resume',
  }),
  check('seq.seen', 'other messages with numbers that were taken', seenIsIgnored, { capability: 'resume' }),
  check('seq.seen', 'what is sent again after a resume, and had come', sentAgainIsIgnored, {
    name: 'resumed',
    capability: 'resume',
  }),
  check('seq.gap', 'a number too high', gapEnds, { capability: 'resume' }),
  check('seq.missing', 'messages without seq, with a bad one, and one where none belongs', missingIsRefused, {
    capability: 'resume',
    hostile: true,
  }),
  ...(['seq.numbered', 'seq.unnumbered', 'seq.hop', 'ack.true'] as const).map((requirement) =>
    check(
      requirement,
      'watched in every frame of the run',
      (t) => {
        t.judgeWatched(requirement)
        return Promise.resolve()
      },
      { name: 'throughout', capability: 'resume', last: true },
    ),
  ),
]

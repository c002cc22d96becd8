import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectAccepted, expectRefusal, saysOk } from '../scene/refusal.ts'
import { callsAt, cut, farBeyond, hear, numbersOf, resume, say, seenBy, stage, tryResume } from './stage.ts'

/** ack.sent: of a message that has no outcome. */
async function isAcknowledged(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  for (let count = 0; count < 2; count += 1) {
    say(t, a, b.peer, room)
    const last = numbersOf(a).sent.length
    await a.waitFor(
      ({ message: { ack } }) => typeof ack === 'number' && ack >= last,
      `an ack of number ${String(last)}, a hangup without id`,
    )
  }
}

/** ack.sent: on the connection that has resumed a session. */
async function isAcknowledgedAfterResume(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const later = await resume(t, await cut(t, a))
  say(t, later, b.peer, room)
  const last = numbersOf(later).sent.length
  const since = (await later.waitFor(({ message }) => message['type'] === 'resumed', 'resumed')).index
  await later.waitFor(
    ({ message: { ack } }) => typeof ack === 'number' && ack >= last,
    `an ack of number ${String(last)}, a hangup without id that was sent after resumed`,
    { since },
  )
}

/** outcomes.ok: an ack that acknowledges something, the same again, and one that comes in a row with others. */
async function saysOkToAcks(t: CheckContext): Promise<void> {
  const { a } = await stage(t)
  const ack = seenBy(a, 1)
  const pending = [a.post({ type: 'ack', ack }), a.post({ type: 'ack', ack: 0 })]
  for (const each of pending) await saysOk(each, 'an ack with an id', 'ack.old')
}

/** ack.old: by itself and as a member. */
async function oldIsIgnored(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const seen = seenBy(a, 2)
  for (const ack of [seen, seen, seen - 1, 0]) {
    const what =
      ack === seen ? 'an ack of what was received' : `an ack of ${String(ack)} after one of ${String(seen)}`
    await expectAccepted(a.post({ type: 'ack', ack }), 'ok', what)
  }
  const seq = numbersOf(a).sent.length + 1
  const message = { ...hangupTo({ room, to: b.peer, call: t.callId() }), id: a.nextId(), seq, ack: 0 }
  numbersOf(a).sent.push(message)
  a.sendText(JSON.stringify(message))
  const pending = { outcome: (what?: string) => a.outcome(message.id, { what }) }
  await expectAccepted(pending, 'ok', `a hangup with ack 0 after an ack of ${String(seen)}`)
  // What was acknowledged once stays so: it need not be there any more.
  const lost = await cut(t, a)
  const { outcome } = await tryResume(t, lost, { ack: seen - 1 })
  if (outcome.code !== 'resume-failed')
    throw unexpected(
      outcome,
      `resume-failed for a resume with an ack of ${String(seen - 1)}, after one of ${String(seen)} and lower ones that count for nothing`,
    )
  await resume(t, lost)
}

/** ack.beyond: nothing is acknowledged by it. */
async function beyondIsRefused(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const seen = seenBy(a, 2)
  // To who is in no room nothing is sent that the kit does not know of.
  const apart = await t.client()
  for (const [who, ack] of [
    [apart, numbersOf(apart).seen + 1],
    [a, seen + farBeyond],
  ] as const) {
    const what = `an ack of ${String(ack)}, where ${String(numbersOf(who).seen)} was the last number sent`
    await expectRefusal(who, who.post({ type: 'ack', ack }).id, ['unexpected-message'], what)
  }
  // As a member of another message, which takes its number and is refused.
  const unheard = t.callId()
  const refused = a.sendBroken({ ...hangupTo({ room, to: b.peer, call: unheard }), ack: seen + farBeyond })
  const member = 'a hangup with an ack of what was never sent'
  await expectRefusal(a, refused, ['unexpected-message'], member)
  await t.barrier(a, b, room)
  if (callsAt(b).includes(unheard))
    throw new CheckFailure(`no delivery of ${member}, which was refused`, 'it was delivered')
  const call = say(t, b, a.peer, room)
  await presupposing('relay.delivered', hear(a, call, 'the delivery of a hangup'))
  const lost = await cut(t, a)
  const later = await resume(t, lost, { ack: 0 })
  const last = numbersOf(later).seen
  const what = `number ${String(last)} again: only an ack that was refused has acknowledged it`
  const again = await later.waitFor(({ message }) => message['seq'] === last, what)
  const first = later.log.find(({ message }) => message['seq'] !== undefined) ?? again
  if (first.message['seq'] !== 1)
    throw new CheckFailure(
      'number 1 first, since nothing was acknowledged',
      `number ${String(first.message['seq'])} came`,
    )
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

/** Checks of acknowledgements. */
export const acknowledgingChecks: readonly Check[] = [
  check('ack.sent', 'messages that have no outcome', isAcknowledged, { capability: 'resume', waits: true }),
  check('ack.sent', 'a message on a connection that has resumed', isAcknowledgedAfterResume, {
    name: 'resumed',
    capability: 'resume',
    waits: true,
  }),
  check('outcomes.ok', 'acks', saysOkToAcks, { name: 'ack', capability: 'resume' }),
  check('ack.old', 'an ack again, and a lower one', oldIsIgnored, { capability: 'resume' }),
  check('ack.beyond', 'an ack of what was never sent', beyondIsRefused, { capability: 'resume' }),
  check('resume.again', 'what came after an ack beside another message', sendsAgainAfterMember, {
    capability: 'resume',
    name: 'member-ack',
  }),
]

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint, Received } from '../../endpoint/endpoint.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { callsAt, cut, expectResumed, hear, lostOf, say, stage, unlessLate, type Stage } from './stage.ts'

/** resume.takes-over: a connection that is still there, the first of the session and one that has resumed it. */
async function takesOver(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const later = await takeOver(t, { room, a, b }, '')
  await takeOver(t, { room, a: later, b }, ', itself one that had resumed it')
}

/** Takes over a connection. */
async function takeOver(t: CheckContext, { room, a, b }: Stage, which: string): Promise<Endpoint> {
  const lost = lostOf(a)
  const resuming = expectResumed(t, lost)
  const later = await presupposing(which === '' ? 'resume.resumed' : 'resume.secret', resuming)
  // Whoever writes on the old connection now is heard no more.
  const unheard = t.callId()
  const seq = lost.numbers.sent.length + 1
  if (a.end === undefined)
    a.sendText(JSON.stringify({ ...hangupTo({ room, to: b.peer, call: unheard }), seq }))
  await a.expect(
    'error',
    ({ code, fatal }) => code === 'replaced' && fatal,
    `the fatal error replaced at the connection that a resume has ended${which}`,
  )
  await a.expectEnd(`the end of the connection whose session was resumed on another one${which}`)
  const call = say(t, later, b.peer, room)
  await b.comesWithin(({ message }) => message['call'] === call || message['call'] === unheard, t.dueMs)
  if (callsAt(b).includes(unheard))
    throw new CheckFailure(
      'no delivery of what came on the old connection after resumed on the new one',
      'it was delivered',
    )
  await presupposing('resume.goes-on', hear(b, call, 'the delivery of a hangup that was sent after resumed'))
  return later
}

/** resume.takes-over: of two connections that ask for a session at the same time one has it. */
async function takesOverAtOnce(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const pair = await t.clients(2)
  const lost = await cut(t, a)
  for (const each of pair) each.resume(lost.numbers)
  const isAnswer = ({ message: { type } }: Received) => type === 'resumed' || type === 'error'
  await Promise.all(pair.map((each) => each.comes(isAnswer)))
  await Promise.race(pair.map((each) => each.endsInTime()))
  const replaced = pair.filter((each) => each.all('error', ({ code }) => code === 'replaced').length > 0)
  for (const each of replaced) await each.endsInTime()
  const there = pair.filter(({ end }) => end === undefined)
  const [winner] = there
  if (
    winner === undefined ||
    pair.some((each) => each.all('error', ({ code }) => code !== 'replaced').length > 0)
  ) {
    unlessLate(lost)
    return t.notObserved(
      'Of two connections that ask for a session at the same time the server refuses one, or ends both',
    )
  }
  for (const each of there) await presupposing('resume.resumed', each.expect('resumed'))
  if (there.length === 2)
    throw new CheckFailure(
      'the end of one of two connections that resume a session at the same time',
      'both were told resumed, and both go on',
    )
  const call = say(t, winner, b.peer, room)
  const delivery =
    'the delivery of a hangup on the other one of two connections that have resumed a session at the same time'
  await presupposing('resume.goes-on', hear(b, call, delivery))
}

/** Checks of a session that has another connection when it is resumed. */
export const takingOverChecks: readonly Check[] = [
  check('resume.takes-over', 'a session whose connection is still there', takesOver, {
    capability: 'resume',
  }),
  check('resume.takes-over', 'two connections that resume a session at the same time', takesOverAtOnce, {
    name: 'at-once',
    capability: 'resume',
  }),
]

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { expectRefusal } from '../scene/refusal.ts'

/** Asking for `resume` does not put it in force: only `welcome` does. */
async function resumeOnlyAsked(t: CheckContext): Promise<void> {
  const [a, b] = await Promise.all([t.client({ hello: { capabilities: { resume: {} } } }), t.client()])
  const inForce = a.welcome['capabilities']
  if (typeof inForce === 'object' && inForce !== null && 'resume' in inForce)
    t.notApplicable('The server has the capability resume')
  const room = t.room()
  await t.join(room, b, a)
  const calls: string[] = []
  for (const name of ['seq', 'ack']) {
    const call = t.callId()
    calls.push(call)
    const what = `a hangup with ${name}, where hello named resume and welcome did not`
    const id = a.sendBroken({ ...hangupTo({ room, to: b.peer, call }), [name]: 1 })
    await expectRefusal(a, id, ['bad-message'], what)
  }
  await t.barrier(a, b, room)
  if (b.all('hangup', ({ call }) => calls.includes(call)).length > 0)
    throw new CheckFailure('no delivery of a message with seq or ack', 'one was delivered')
}

/** What belongs to `resume` is refused on a connection that has not asked for it, with either of the codes that apply, and has no effect. */
async function messagesOfResume(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const session = a.session
  const messages: readonly Wire[] = [
    { type: 'ack', ack: 0 },
    { type: 'ack', ack: 1, seq: 1 },
    { type: 'resume', session: t.strangerId(), ack: 0 },
    { type: 'resume', session, ack: 0 },
    { type: 'resume', session, ack: 0, seq: 1 },
  ]
  for (const message of messages) {
    const what = `${indefinite(String(message['type']))} with ${'seq' in message ? 'seq and ack' : 'ack'} where resume is not in force`
    await expectRefusal(a, a.sendBroken(message), ['bad-message', 'unsupported-type'], what)
  }
  await t.barrier(a, b, room)
  await t.barrier(b, a, room)
}

/** Checks of spec/frames.md: members that are kept for the capability `resume`. */
export const hopMemberChecks: readonly Check[] = [
  check('frames.hop-members', 'resume that was asked for and not granted', resumeOnlyAsked, {
    name: 'resume-not-granted',
    hostile: true,
  }),
  check('frames.hop-members', 'messages of resume where it is not in force', messagesOfResume, {
    name: 'resume',
    hostile: true,
  }),
]

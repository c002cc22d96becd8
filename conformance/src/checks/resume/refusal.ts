import type { CapabilityName } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { expecting, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { leaveRoom } from '../scene/membership.ts'
import { answersAlike } from '../scene/same-answer.ts'
import { requireTwoUsers } from '../scene/token.ts'
import { expectAccepted, expectRefusal } from '../scene/refusal.ts'
import {
  cut,
  farBeyond,
  hear,
  lostOf,
  numbersOf,
  resume,
  say,
  seenBy,
  stage,
  toldOf,
  tryResume,
  unlessLate,
  type Lost,
} from './stage.ts'

/** A resume that has to be refused. */
interface Attempt {
  readonly what: string
  readonly later?: Endpoint
  readonly session: string
  readonly ack: number
}

/** Says `resume` as given, and requires its refusal. */
async function expectFailed(t: CheckContext, { what, later, session, ack }: Attempt): Promise<Wire> {
  const on = later ?? (await t.client())
  const expected = `resume-failed for a resume ${what}`
  const outcome = await on.post({ type: 'resume', session, ack }).outcome(expected)
  if (outcome.code !== 'resume-failed') throw unexpected(outcome, expected)
  return outcome.message
}

/** A resume that is refused beside one of the same session that is not. */
async function refusedBeside(t: CheckContext, attempt: (lost: Lost) => Promise<Attempt>): Promise<void> {
  const { a } = await stage(t)
  const lost = await cut(t, a)
  await expectFailed(t, await attempt(lost))
  await resume(t, lost)
}

async function unknownFails(t: CheckContext): Promise<void> {
  await refusedBeside(t, ({ numbers: { seen } }) =>
    Promise.resolve({ what: 'with a secret that nobody has', session: t.strangerId(), ack: seen }),
  )
}

async function otherUserFails(t: CheckContext): Promise<void> {
  requireTwoUsers(t)
  await refusedBeside(t, async ({ numbers: { secret, seen } }) => ({
    what: 'of the session of another user',
    later: await t.client({ user: 1 }),
    session: secret,
    ack: seen,
  }))
}

/** A capability that the server offers beside `resume`. */
function otherCapability(t: CheckContext): CapabilityName {
  return otherOffered(t) ?? t.notApplicable('The server offers no other capability')
}

/** The first capability that the server offers beside `resume`. */
export function otherOffered(t: CheckContext): CapabilityName | undefined {
  return (['drain', 'custom', 'calls', 'discovery', 'ice-servers'] as const).find((name) =>
    t.target.offered.names.has(name),
  )
}

async function otherCapabilitiesFail(t: CheckContext): Promise<void> {
  const other = otherCapability(t)
  await refusedBeside(t, async ({ numbers: { secret, seen } }) => ({
    what: `on a connection with another capability, ${other}, in force`,
    later: await t.client({ capabilities: ['resume', other] }),
    session: secret,
    ack: seen,
  }))
}

async function fewerCapabilitiesFail(t: CheckContext): Promise<void> {
  const other = otherCapability(t)
  const a = await t.client({ capabilities: ['resume', other] })
  await t.join(t.room(), a)
  const lost = await cut(t, a)
  const { secret: session, seen: ack } = lost.numbers
  await expectFailed(t, {
    what: `on a connection without a capability of the session, ${other}`,
    session,
    ack,
  })
  await resume(t, lost, { later: await t.client({ capabilities: ['resume', other] }) })
}

async function lateFails(t: CheckContext): Promise<void> {
  await refusedBeside(t, async ({ numbers: { secret, seen } }) => {
    const refused = await t.client()
    const leave = refused.post({ type: 'leave', room: t.room() })
    const of = 'a leave of a room that the sender is not in'
    await presupposing('rooms.leave-not-in-room', expectRefusal(refused, leave.id, ['not-in-room'], of))
    const after = 'after a numbered message on that connection, though that was refused'
    await expectFailed(t, { what: after, later: refused, session: secret, ack: seen })
    const later = await t.client()
    await expectAccepted(later.post({ type: 'join', room: t.room() }), 'joined', 'a join with number 1')
    return { what: 'after a numbered message on that connection', later, session: secret, ack: seen }
  })
}

async function twiceFails(t: CheckContext): Promise<void> {
  const [one, other] = [await stage(t), await stage(t)]
  const lost = await cut(t, one.a)
  const later = await resume(t, lost)
  const { secret, seen } = numbersOf(other.a)
  const what = 'on a connection that has resumed another session'
  await expectFailed(t, { what, later, session: secret, ack: seen })
  await resume(t, lostOf(other.a))
}

async function ownFails(t: CheckContext): Promise<void> {
  const own = await t.client()
  const { secret, seen } = numbersOf(own)
  const what = "with the secret of the connection's own welcome"
  await expectFailed(t, { what, later: own, session: secret, ack: seen })
  await presupposing(
    'resume.failure-keeps',
    expectAccepted(own.post({ type: 'join', room: t.room() }), 'joined', 'a join after resume-failed'),
  )
}

/** Loses a client that is in no room: nobody sends it anything more, so that what it has seen is all that was sent. */
async function cutWithNothingToHear(t: CheckContext): Promise<Lost> {
  const { room, a } = await stage(t)
  await leaveRoom(a, room)
  return await cut(t, a)
}

async function beyondFails(t: CheckContext): Promise<void> {
  const lost = await cutWithNothingToHear(t)
  const { secret: session, seen } = lost.numbers
  await expectFailed(t, { what: 'whose ack is one beyond what was sent', session, ack: seen + 1 })
  await resume(t, lost)
}

async function belowFails(t: CheckContext): Promise<void> {
  const { a } = await stage(t)
  const { secret } = numbersOf(a)
  const seen = seenBy(a, 2)
  await presupposing('ack.old', expectAccepted(a.post({ type: 'ack', ack: seen }), 'ok', 'an ack'))
  const lost = await cut(t, a)
  await expectFailed(t, { what: 'whose ack is below one before', session: secret, ack: seen - 1 })
  await expectFailed(t, { what: 'whose ack is 0, after a higher one', session: secret, ack: 0 })
  await resume(t, lost)
}

/** What is refused besides a secret that nobody has: a session, who asks for it, and how. */
type Case = (t: CheckContext) => Promise<{
  readonly lost: Lost
  readonly what: string
  readonly session: string
  readonly ack: number
  /** Opens the connection on which either secret is asked for. */
  readonly asker?: () => Promise<Endpoint>
}>

const beyond: Case = async (t) => {
  const lost = await cutWithNothingToHear(t)
  const { secret, seen } = lost.numbers
  return { lost, what: 'whose ack is one beyond what was sent', session: secret, ack: seen + 1 }
}

const ofAnother: Case = async (t) => {
  requireTwoUsers(t)
  const { a } = await stage(t)
  const lost = await cut(t, a)
  const { secret, seen } = lost.numbers
  const asker = () => t.client({ user: 1 })
  return { lost, what: 'of the session of another user', session: secret, ack: seen, asker }
}

const otherwise: Case = async (t) => {
  const other = otherCapability(t)
  const { a } = await stage(t)
  const lost = await cut(t, a)
  const { secret, seen } = lost.numbers
  const what = `on a connection with another capability, ${other}, in force`
  const asker = () => t.client({ capabilities: ['resume', other] })
  return { lost, what, session: secret, ack: seen, asker }
}

const ended: Case = async (t) => {
  const { a, b } = await stage(t)
  const lost = lostOf(a)
  a.send({ type: 'bye' })
  await presupposing('resume.bye', toldOf(b, a.peer, 'bye', 'for a peer that says bye'))
  const { secret, seen } = lost.numbers
  return { lost, what: 'of a session that is over', session: secret, ack: seen }
}

/** resume.no-oracle: nobody's secret, and one that is refused for another reason. */
async function tellsNothing(t: CheckContext, of: Case): Promise<void> {
  const { lost, what, session, ack, asker = () => t.client() } = await of(t)
  const ask = (secret: string, how: string) => async () =>
    expectFailed(t, { what: how, later: await asker(), session: secret, ack })
  await presupposing(
    'resume.failed',
    answersAlike(
      ask(session, what),
      ask(t.strangerId(), 'with a secret that nobody has'),
      `a resume ${what}, and one with a secret that nobody has`,
    ).catch((error: unknown) => {
      unlessLate(lost)
      throw error
    }),
  )
}

/**
 * Brings in a member whose session waits, and a message for it that it has not got; some who may not resume it so have tried to, and
 * acknowledged that message.
 *
 * @param afford - Looks at the member first: what comes of it may take too long.
 */
export async function afterWrongResume(
  t: CheckContext,
  afford: (a: Endpoint) => unknown = () => undefined,
): Promise<{ readonly lost: Lost; readonly a: Endpoint; readonly b: Endpoint; readonly unread: string }> {
  const { room, a, b } = await stage(t)
  afford(a)
  const lost = await cut(t, a)
  const unread = say(t, b, lost.numbers.peer, room)
  await b.sync()
  const later = await t.client()
  await expectAccepted(later.post({ type: 'join', room: t.room() }), 'joined', 'a join with number 1')
  const { secret: session, seen } = lost.numbers
  const what = 'after a numbered message on that connection'
  await presupposing('resume.failed', expectFailed(t, { what, later, session, ack: seen + 1 }))
  const beyondAll = { what: 'whose ack is far beyond what was sent', session, ack: seen + farBeyond }
  await presupposing('resume.failed', expectFailed(t, beyondAll))
  const other = otherOffered(t)
  if (other !== undefined) {
    const otherwise = await t.client({ capabilities: ['resume', other] })
    const with_ = `on a connection with another capability, ${other}, in force`
    await presupposing(
      'resume.failed',
      expectFailed(t, { what: with_, later: otherwise, session, ack: seen + 1 }),
    )
  }
  return { lost, a, b, unread }
}

/** resume.failure-keeps: what its client has not got is kept for it. */
async function failureAcknowledgesNothing(t: CheckContext): Promise<void> {
  const { lost, unread } = await afterWrongResume(t)
  const { later, outcome } = await tryResume(t, lost)
  unlessLate(lost)
  if (outcome.type !== 'resumed')
    throw unexpected(outcome, 'resumed for a resume whose ack is below that of one that was refused')
  const what = 'a hangup that only a resume that was refused has acknowledged'
  await expecting(what, hear(later, unread, what))
}

/** Checks of what is refused. */
export const resumeRefusalChecks: readonly Check[] = [
  ...(
    [
      ['unknown', 'a secret that nobody has', unknownFails],
      ['other-user', 'the session of another user', otherUserFails],
      ['other-capabilities', 'other capabilities in force', otherCapabilitiesFail],
      ['fewer-capabilities', 'a capability of the session not in force', fewerCapabilitiesFail],
      ['after-numbered', 'a resume that comes too late on its connection', lateFails],
      ['resumed-already', 'a second session on a connection that has resumed one', twiceFails],
      ['own', 'the session of the connection itself', ownFails],
      ['ack-beyond', 'an ack of what was never sent', beyondFails],
      ['ack-below', 'an ack of less than was acknowledged before', belowFails],
    ] as const
  ).map(([name, title, run]) => check('resume.failed', title, run, { name, capability: 'resume' })),
  ...(
    [
      ['', 'a session that is there and one that is not', beyond],
      ['other-user', 'the session of another user and one that is not there', ofAnother],
      ['other-capabilities', 'other capabilities in force and no session', otherwise],
      ['over', 'a session that is over and one that never was', ended],
    ] as const
  ).map(([name, title, of]) =>
    check('resume.no-oracle', title, (t) => tellsNothing(t, of), {
      ...(name && { name }),
      capability: 'resume',
    }),
  ),
  check(
    'resume.failure-keeps',
    'what waits for a session after a resume that was refused',
    failureAcknowledgesNothing,
    { name: 'unread', capability: 'resume' },
  ),
]

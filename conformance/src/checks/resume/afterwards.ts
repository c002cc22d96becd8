import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { clip } from '../../observer/frame-observer.ts'
import { expectFailed, requireMethods } from '../authentication/auth-outcome.ts'
import { hear as hearCustom, say as sayCustom } from '../custom/stage.ts'
import { dataNumber, enter, expectData, seesJoin } from '../scene/membership.ts'
import { expectAccepted } from '../scene/refusal.ts'
import { invalidToken } from '../scene/token.ts'
import { needsCapability } from './meanwhile.ts'
import { cut, hear, resume, say, stage, tryResume, unlessLate, type Lost } from './stage.ts'

/** resume.goes-on: messages of an application, to one and to all, in both directions. */
async function customGoesOn(t: CheckContext): Promise<void> {
  needsCapability(t, 'custom')
  const room = t.room()
  const both = { capabilities: ['resume', 'custom'] } as const
  const [a, b] = [await t.client(both), await t.client({ capabilities: ['custom'] })]
  await t.join(room, a, b)
  const { peer } = a
  const later = await resume(t, await cut(t, a), { later: await t.client(both) })
  const ways: readonly (readonly [Endpoint, Endpoint, string, object])[] = [
    [b, later, 'to all, at a member that has resumed', {}],
    [b, later, 'to a member that has resumed', { to: peer }],
    [later, b, 'to all, from a member that has resumed', {}],
    [later, b, 'to one member, from one that has resumed', { to: b.peer }],
  ]
  for (const [n, [from, to, how, form]] of ways.entries()) {
    const what = `the custom message of a member ${how}`
    await expectAccepted(sayCustom(from, { room, n, ...form }), 'ok', what)
    const { message, text } = await hearCustom(to, n, `the delivery of a custom message ${how}`)
    const due = from === later ? peer : from.peer
    if (message['from'] !== due)
      throw new CheckFailure(
        `${due}, the peer of its sender, as from of a custom message ${how}`,
        `it was ${clip(JSON.stringify(message['from']))}`,
      ).shownBy(text)
  }
}

/** rooms.rejoin: a member that has resumed is one still. */
async function joinsAgain(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { peer } = a
  const later = await resume(t, await cut(t, a))
  const since = b.log.length
  for (const which of ['first', 'second']) {
    await enter(t, later, room)
    await t.barrier(later, b, room)
    const told = b.log.find(
      ({ index, message }) =>
        index >= since &&
        message['type'] === 'peer-joined' &&
        (message['member'] as { readonly peer?: unknown } | undefined)?.peer === peer,
    )
    if (told)
      throw new CheckFailure(
        `no peer-joined for the ${which} join after a resume, of a room that the peer is in`,
        `${clip(told.text)} came`,
      ).shownBy(told.text)
  }
}

/** auth.third-failure: failures are those of a connection, also where it goes on with a session. */
async function countsForEachConnection(t: CheckContext): Promise<void> {
  requireMethods(t)
  const { room, a, b } = await stage(t)
  for (const which of ['first', 'second'])
    await presupposing(
      'auth.failed',
      expectFailed(a, invalidToken(t), `the ${which} token that is not valid`),
    )
  const later = await resume(t, await cut(t, a))
  for (const which of ['first', 'second']) {
    const how = `the ${which} token that is not valid on a connection that has resumed a session, after two on the one before`
    const { message } = await presupposing('auth.failed', expectFailed(later, invalidToken(t), how))
    if (message['fatal'] === true)
      throw new CheckFailure(`auth-failed that is not fatal for ${how}`, 'it was fatal')
  }
  const call = say(t, later, b.peer, room)
  await hear(b, call, 'the delivery of a hangup after two failures to authenticate on this connection')
}

/** resume.unseen: where nobody else is there to keep the room. */
async function isThereAlone(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = await Promise.all([t.client(), t.client({ capabilities: [] })])
  const data = dataNumber(t, 4)
  await enter(t, a, room, data)
  const lost = await cut(t, a)
  const { members } = await enter(t, b, room)
  unlessLate(lost)
  const { peer } = lost.numbers
  const shown = members.find((member) => member.peer === peer)
  if (shown === undefined)
    throw new CheckFailure(
      `${peer}, the only member of the room, whose session waits, in members`,
      'it was not there',
    )
  expectData(shown, data, 'members, for the only member of a room, whose session waits')
  const later = await resume(t, lost)
  await presupposing('resume.meanwhile', seesJoin(later, room, b))
  await t.barrier(later, b, room)
}

/** Asks to go on with a session, and is gone again before that is answered. */
export async function askAndLeave(t: CheckContext, { numbers }: Pick<Lost, 'numbers'>): Promise<void> {
  const brief = await t.client()
  brief.resume(numbers)
  brief.close()
  await brief.endsInTime()
}

/** resume.resumed: a session whose client has asked for it, and was gone again. */
async function outlivesBriefClient(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const lost = await cut(t, a)
  await askAndLeave(t, lost)
  const call = say(t, b, lost.numbers.peer, room)
  const { later, outcome } = await tryResume(t, lost)
  unlessLate(lost)
  if (outcome.type !== 'resumed')
    throw unexpected(
      outcome,
      'resumed for a resume of a session after one on a connection that was closed at once',
    )
  await presupposing(
    'resume.meanwhile',
    hear(later, call, 'a hangup that was sent to the peer while its session waited'),
  )
}

const capability = 'resume'

/** Checks of what is so after a resume as it was before. */
export const afterwardsChecks: readonly Check[] = [
  check('resume.goes-on', 'custom messages after a resume, both ways', customGoesOn, {
    name: 'custom',
    capability,
  }),
  check('rooms.rejoin', 'a join of a room that one was in before a resume', joinsAgain, {
    name: 'resumed',
    capability,
  }),
  check('auth.third-failure', 'failures before a resume and after it', countsForEachConnection, {
    name: 'resumed',
    capability,
  }),
  check('resume.unseen', 'the only member of a room', isThereAlone, { name: 'alone', capability }),
  check('resume.resumed', 'a resume after one whose connection was closed at once', outlivesBriefClient, {
    name: 'brief',
    capability,
  }),
]

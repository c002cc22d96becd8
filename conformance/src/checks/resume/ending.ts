import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { announcedLimit } from '../scene/membership.ts'
import { askAndLeave } from './afterwards.ts'
import { afterWrongResume } from './refusal.ts'
import {
  cut,
  expectResumed,
  hear,
  isOver,
  lostOf,
  numbersOf,
  parametersOf,
  resume,
  say,
  seenBy,
  skip,
  stage,
  toldOf,
  tryResume,
  unlessLate,
  type Lost,
} from './stage.ts'

/** What is left of the window when a session is looked at that must not have ended yet, in milliseconds. */
const marginMs = 250

/** Silence that a check waits for, in seconds. */
const longestIdleSeconds = 600

/** Milliseconds within which a session whose time is over ends. */
const endsWithinMs = 5000

/** Ends the check where the window is too long to be waited for. */
function affordWindow(t: CheckContext, a: Endpoint, moreMs = marginMs): number {
  const { windowSeconds } = parametersOf(a)
  t.cost(
    { ms: windowSeconds * 1000 + moreMs },
    `The time for which a session waits (${String(windowSeconds)} s)`,
  )
  return windowSeconds * 1000
}

/** resume.window: nobody is told, and it can be resumed, until shortly before its end. */
async function waitsForItsClient(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const windowMs = affordWindow(t, a)
  const lost = await cut(t, a)
  const left = () => windowMs - marginMs - (performance.now() - lost.cutAt)
  const isTold = () => b.all('peer-left', ({ peer }) => peer === lost.numbers.peer).length > 0
  await b.comesWithin(({ message }) => message['type'] === 'peer-left', Math.max(0, left()))
  unlessLate(lost)
  if (isTold())
    throw new CheckFailure(`a session that waits for ${String(windowMs / 1000)} s`, 'peer-left came before')
  const later = await expectResumed(t, lost)
  const call = say(t, later, b.peer, room)
  await presupposing('resume.goes-on', hear(b, call, 'the delivery of a hangup that was sent after resumed'))
}

/** resume.window: a wait that a resume has ended ends nothing when its time is over, and the next one has a time of its own. */
async function waitsAnew(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const windowMs = affordWindow(t, a, 4 * marginMs)
  const lost = await cut(t, a)
  const later = await resume(t, lost)
  const isTold = () => b.all('peer-left', ({ peer }) => peer === lost.numbers.peer).length > 0
  const wait = (ms: number) => b.comesWithin(isTold, Math.max(0, ms))
  await wait(lost.cutAt + windowMs + 2 * marginMs - performance.now())
  if (isTold() || later.end !== undefined)
    throw new CheckFailure(
      `a session that goes on when the ${String(windowMs / 1000)} s of a wait are over which a resume has ended`,
      isTold() ? 'peer-left came' : 'its connection ended',
    )
  const again = await cut(t, later)
  await wait(Math.min(windowMs / 2, 2 * marginMs))
  unlessLate(again)
  if (isTold())
    throw new CheckFailure(
      `a session that waits for ${String(windowMs / 1000)} s from its second loss`,
      'peer-left came before',
    )
  await presupposing('resume.secret', expectResumed(t, again))
}

/** resume.window: a second wait has the whole time, whenever the first one was. */
async function waitsAsLongAgain(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  // So long after the first loss that its time is over clearly before that of the second.
  const apartMs = 4 * marginMs
  const windowMs = affordWindow(t, a, apartMs)
  const lost = await cut(t, a)
  const later = await resume(t, lost)
  const isTold = () => b.all('peer-left', ({ peer }) => peer === lost.numbers.peer).length > 0
  const wait = (ms: number) => b.comesWithin(isTold, Math.max(0, ms))
  await wait(lost.cutAt + apartMs - performance.now())
  const again = await cut(t, later)
  await wait(again.cutAt + windowMs - 2 * marginMs - performance.now())
  unlessLate(again)
  if (isTold()) {
    const sinceFirst = performance.now() - lost.cutAt
    const isOfFirst = Math.abs(sinceFirst - windowMs) < marginMs
    throw new CheckFailure(
      `a session that waits for ${String(windowMs / 1000)} s from its second loss, ${String(apartMs / 1000)} s after the first`,
      isOfFirst
        ? 'peer-left came when the time from the first loss was over, which a resume had ended'
        : 'peer-left came before',
    )
  }
}

function isToldOf(message: Wire, peer: string): boolean {
  return message['type'] === 'peer-left' && message['peer'] === peer
}

/** resume.window-over: the second time that it waits, as well as the first ({@link endsWhileSpokenTo}). */
async function endsWithItsWindow(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const windowMs = affordWindow(t, a)
  const later = await resume(t, await cut(t, a))
  const isSeveral = (announcedLimit(t, 'roomsPerPeer') ?? 2) > 1
  const other = t.room()
  if (isSeveral) await t.join(other, later, b)
  const lost = await cut(t, later)
  await seesItEnd(t, b, lost, windowMs)
  const { peer } = lost.numbers
  const what = 'peer-left in the second room of a session whose time is over'
  if (isSeveral) await b.expect('peer-left', (m) => m.room === other && m.peer === peer, what)
}

/** resume.window-over: a client that was gone again as soon as it had asked for the session leaves it to wait once more. */
async function endsAfterBriefClient(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const windowMs = affordWindow(t, a)
  const lost = await cut(t, a)
  await askAndLeave(t, lost)
  const { peer } = lost.numbers
  const told = await b.comesWithin(
    ({ message }) => isToldOf(message, peer),
    windowMs + endsWithinMs + t.dueMs,
  )
  if (told) return
  throw new CheckFailure(
    `peer-left within 5 s after the ${String(windowMs / 1000)} s for which a session waits, after a resume on a connection that was closed at once`,
    'none came',
  )
}

/** Time between messages to a peer that is away, in milliseconds. */
const sayingMs = 500

/** resume.window-over: what is sent to the peer meanwhile does not prolong it. */
async function endsWhileSpokenTo(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const windowMs = affordWindow(t, a)
  const lost = await cut(t, a)
  const { peer } = lost.numbers
  const until = performance.now() + windowMs + endsWithinMs + t.dueMs
  let told = false
  while (!told && performance.now() < until) {
    say(t, b, peer, room)
    told = await b.comesWithin(({ message }) => isToldOf(message, peer), sayingMs)
  }
  if (!told)
    throw new CheckFailure(
      `peer-left within 5 s after the ${String(windowMs / 1000)} s for which a session waits, while messages come for it`,
      'none came',
    )
  await toldOf(b, peer, 'lost', 'when the time of a session is over')
}

/** resume.failure-keeps: a resume that is refused does not stop the time. */
async function endsAfterWrongResume(t: CheckContext): Promise<void> {
  const { lost, a, b } = await afterWrongResume(t, (member) => affordWindow(t, member))
  await presupposing('resume.window-over', seesItEnd(t, b, lost, parametersOf(a).windowSeconds * 1000))
}

/** Waits for the end of a session whose connection was lost. */
async function seesItEnd(t: CheckContext, b: Endpoint, lost: Lost, windowMs: number): Promise<void> {
  const { peer } = lost.numbers
  const told = await b.comesWithin(
    ({ message }) => isToldOf(message, peer),
    windowMs + endsWithinMs + t.dueMs,
  )
  if (!told)
    throw new CheckFailure(
      `peer-left within 5 s after the ${String(windowMs / 1000)} s for which a session waits`,
      'none came',
    )
  await toldOf(b, peer, 'lost', 'when the time of a session is over')
  await isOver(t, lost, 'its time was')
}

/** resume.bye */
async function byeEnds(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const lost = lostOf(a)
  a.send({ type: 'bye' })
  await toldOf(b, lost.numbers.peer, 'bye', 'for a peer that says bye')
  await isOver(t, lost, 'its client has said bye')
}

/** resume.bye: on a connection that has resumed the session. */
async function byeEndsTheResumed(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const lost = await cut(t, a)
  const later = await resume(t, lost)
  later.send({ type: 'bye' })
  await toldOf(
    b,
    lost.numbers.peer,
    'bye',
    'for a peer that says bye on the connection that has resumed its session',
  )
  await isOver(t, lost, 'its client has said bye after a resume')
}

/** resume.fatal: what ends it, also when it was resumed before. */
async function replacedEndsTheResumed(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const lost = await cut(t, a)
  const later = await resume(t, lost)
  await t.client({ capabilities: [], hello: { replaces: lost.numbers.secret } })
  const what = 'the end of a connection that has resumed a session, and was replaced with the secret of that'
  await later.expectEnd(what)
  await toldOf(b, lost.numbers.peer, 'replaced', 'for a peer that was replaced after a resume')
  await isOver(t, lost, 'another connection has replaced it')
}

/** resume.fatal: what ends it. */
async function replacedEnds(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const lost = lostOf(a)
  await t.client({ capabilities: [], hello: { replaces: lost.numbers.secret } })
  await presupposing('replaces.old-ends', a.expectEnd('the end of a connection that was replaced'))
  await presupposing(
    'replaces.peer-left',
    toldOf(b, lost.numbers.peer, 'replaced', 'for a peer that was replaced'),
  )
  await isOver(t, lost, 'another connection has replaced it')
}

/** resume.fatal: what does not. */
async function gapIsOutlived(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const lost = await skip(t, a, room, b.peer)
  // As if the last message before the gap had been lost on its way.
  const last = seenBy(a, 1)
  const again = `number ${String(last)} again, which was not acknowledged before seq-gap`
  const { later, outcome } = await tryResume(t, lost, { ack: last - 1 })
  if (outcome.type !== 'resumed') {
    await expectResumed(t, lost)
    throw new CheckFailure(
      again,
      `the resume with an ack of ${String(last - 1)} was refused, and one with ${String(last)} was not`,
    )
  }
  await later.waitFor(({ message }) => message['seq'] === last, again)
  const call = say(t, later, b.peer, room)
  await presupposing('resume.goes-on', hear(b, call, 'the delivery of a hangup that was sent after resumed'))
  if (b.all('peer-left', ({ peer }) => peer === lost.numbers.peer).length > 0)
    throw new CheckFailure('a session that outlives seq-gap', 'peer-left came')
}

/** resume.fatal: silence ends the connection alone. */
async function silenceIsOutlived(t: CheckContext): Promise<void> {
  const { idleSeconds } = t.target.welcome.limits as { readonly idleSeconds?: unknown }
  if (typeof idleSeconds !== 'number' || idleSeconds > longestIdleSeconds)
    return t.notObserved(`idleSeconds is ${String(idleSeconds)}: nobody waits that long`)
  t.cost({ ms: 2000 * idleSeconds }, 'Waiting until a silent connection is overdue')
  const a = await t.client({ connect: { answerPings: false } })
  const ended = (await a.endsWithin(2000 * idleSeconds)) || (await a.endsInTime())
  const lost = lostOf(a)
  const error = a.all('error', ({ fatal }) => fatal)[0]?.code
  if (!ended || error !== 'idle-timeout')
    return t.notObserved(
      `The silent connection ${ended ? `ended with ${error ?? 'no error'}` : 'did not end'}: see connection.idle-timeout`,
    )
  await expectResumed(t, lost)
}

/** resume.replaces: a session that waits. */
async function replacesReaches(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const lost = await cut(t, a)
  await t.client({ capabilities: [], hello: { replaces: lost.numbers.secret } })
  unlessLate(lost)
  await toldOf(b, lost.numbers.peer, 'replaced', 'for a session that waits and was replaced')
  await isOver(t, lost, 'another connection has replaced it')
}

/** A session that is alone in its room ends like any other, and its numbers are its own. */
async function newIsFresh(t: CheckContext): Promise<void> {
  const { a } = await stage(t)
  const lost = await cut(t, a)
  const later = await resume(t, lost)
  const other = await t.client()
  if (numbersOf(other).seen !== 0 || numbersOf(later).seen !== lost.numbers.seen)
    throw new CheckFailure('numbers of its own for each session', 'they were mixed')
  await t.join(t.room(), other)
  const [first] = other.log.filter(({ message }) => message['seq'] !== undefined)
  if (first?.message['seq'] !== 1)
    throw new CheckFailure(
      'number 1 first in a new session',
      `seq was ${JSON.stringify(first?.message['seq'])}`,
    )
}

/** Checks of how a session ends. */
export const sessionEndChecks: readonly Check[] = [
  check('resume.window', 'a session shortly before its time is over', waitsForItsClient, {
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.window', 'a session after a wait that has ended, and in the next', waitsAnew, {
    name: 'anew',
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.window', 'a second wait, to shortly before its end', waitsAsLongAgain, {
    name: 'again',
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.window-over', 'a session whose time is over', endsWithItsWindow, {
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.window-over', 'a resume whose connection was closed at once', endsAfterBriefClient, {
    name: 'brief',
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.window-over', 'a session for which messages come meanwhile', endsWhileSpokenTo, {
    name: 'spoken-to',
    capability: 'resume',
    lengthy: true,
  }),
  check(
    'resume.failure-keeps',
    'the time of a session after a resume that was refused',
    endsAfterWrongResume,
    {
      name: 'window',
      capability: 'resume',
      lengthy: true,
    },
  ),
  check('resume.bye', 'bye on a connection with a session', byeEnds, { capability: 'resume' }),
  check('resume.bye', 'bye on a connection that has resumed', byeEndsTheResumed, {
    name: 'resumed',
    capability: 'resume',
  }),
  check('resume.fatal', 'a session that was resumed, and then replaced', replacedEndsTheResumed, {
    name: 'resumed',
    capability: 'resume',
  }),
  check('resume.fatal', 'a session that was replaced', replacedEnds, {
    name: 'replaced',
    capability: 'resume',
  }),
  check('resume.fatal', 'a session after seq-gap', gapIsOutlived, { name: 'gap', capability: 'resume' }),
  check('resume.fatal', 'a session after idle-timeout', silenceIsOutlived, {
    name: 'idle',
    capability: 'resume',
  }),
  check('resume.replaces', 'a session that waits', replacesReaches, { capability: 'resume' }),
  check('seq.numbered', 'a new session beside one that was resumed', newIsFresh, { capability: 'resume' }),
]

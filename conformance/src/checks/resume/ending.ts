import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { clip } from '../../observer/frame-observer.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import {
  callsAt,
  cut,
  expectResumed,
  hear,
  isOver,
  lostOf,
  numbersOf,
  parametersOf,
  resume,
  say,
  stage,
  unlessLate,
} from './stage.ts'

/** What is left of the window when a session is looked at that must not have ended yet, in milliseconds. */
const marginMs = 250

/** Silence that a check waits for, in seconds. */
const longestIdleSeconds = 600

/** Milliseconds within which a session whose time is over ends. */
const endsWithinMs = 5000

/** Waits for a member to be told that a peer has left; the reason is judged. */
async function toldOf(b: Endpoint, peer: string, reason: string, when: string): Promise<void> {
  const what = `peer-left with reason ${reason} ${when}`
  const told = await b.expect('peer-left', (message) => message.peer === peer, what)
  if (told.reason !== reason)
    throw new CheckFailure(what, `the reason was ${clip(JSON.stringify(told.reason))}`)
}

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
  await expectResumed(t, again)
}

/** resume.window-over */
async function endsWithItsWindow(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  const windowMs = affordWindow(t, a)
  const lost = await cut(t, a)
  const { peer } = lost.numbers
  const told = await b.comesWithin(
    ({ message }) => message['type'] === 'peer-left' && message['peer'] === peer,
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
  const lost = lostOf(a)
  const seq = lost.numbers.sent.length + 2
  a.sendText(JSON.stringify({ ...hangupTo({ room, to: b.peer, call: t.callId() }), seq }))
  await presupposing('seq.gap', a.expectEnd('the end of the connection after seq-gap'))
  const later = await expectResumed(t, lost)
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

/** Longest message of the checks of the buffer, in bytes; what a server adds to it is less than {@link addedBytes}. */
const largeBytes = 60_000
const addedBytes = 200

/** Sends one peer as many bytes as given, as they are delivered, in messages of the kit. */
async function fill(
  t: CheckContext,
  from: Endpoint,
  to: string,
  room: string,
  bytes: number,
): Promise<readonly string[]> {
  const calls: string[] = []
  for (let left = bytes; left > 1000; left -= largeBytes) {
    const call = t.callId()
    const bare = { ...hangupTo({ room, to, call }), 'com.example.pad': '' }
    const size = Math.min(largeBytes, left)
    // Of characters of several bytes, which another unit would count for less.
    const bytesLeft = Math.max(0, size - addedBytes - JSON.stringify(bare).length)
    const pad = `${'€'.repeat(Math.floor(bytesLeft / 3))}${'x'.repeat(bytesLeft % 3)}`
    from.send({ ...bare, 'com.example.pad': pad } as typeof bare)
    calls.push(call)
  }
  await from.sync()
  return calls
}

/** resume.buffer: all that fits. */
async function keepsWhatItSays(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { bufferBytes } = parametersOf(a)
  t.cost({ bytes: bufferBytes }, 'What is kept for a session')
  // What was said before is acknowledged with the resume at the latest, and small.
  const before = 2000
  const lost = await cut(t, a)
  const calls = await fill(t, b, lost.numbers.peer, room, bufferBytes - before)
  const later = await presupposing('resume.resumed', expectResumed(t, lost))
  const what = `the last of ${String(calls.length)} messages, ${String(bufferBytes)} bytes at most, that came while the session waited`
  await hear(later, calls.at(-1) ?? '', what)
  const came = callsAt(later)
  if (calls.some((call, index) => came[index] !== call))
    throw new CheckFailure('all of them, in the order sent', 'some are missing or in another order')
}

/** Parts of the buffer that are filled and acknowledged, one after the other: more than twice as much as it holds. */
const rounds = 5

/** resume.buffer: what was acknowledged counts no more. */
async function freesWhatIsAcknowledged(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { bufferBytes } = parametersOf(a)
  const bytes = Math.ceil(bufferBytes / 2)
  t.cost({ bytes: rounds * bytes }, 'More than is kept for a session')
  for (let round = 1; round <= rounds; round += 1) {
    const calls = await fill(t, b, a.peer, room, bytes)
    const what = `the last of ${String(round * bytes)} bytes, of which never more than ${String(bytes)} wait to be acknowledged, where bufferBytes is ${String(bufferBytes)}`
    await hear(a, calls.at(-1) ?? '', what)
    await presupposing('ack.old', a.post({ type: 'ack', ack: numbersOf(a).seen }).outcome('ok for an ack'))
  }
  const lost = await cut(t, a)
  await presupposing('resume.resumed', expectResumed(t, lost))
}

/** resume.overflow: of a client that reads and does not acknowledge, and of one that is away. */
async function overflowEnds(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { bufferBytes } = parametersOf(a)
  t.cost({ bytes: 2 * bufferBytes }, 'More than is kept for a session')
  const lost = lostOf(a)
  // Every message counts for less than it has: what the server adds is left out.
  const count = Math.ceil((2 * bufferBytes) / (largeBytes - addedBytes)) + 1
  await fill(t, b, lost.numbers.peer, room, count * largeBytes)
  const what = `the fatal error session-overflow before ${String(2 * bufferBytes)} bytes wait to be acknowledged`
  await a.expect('error', ({ code, fatal }) => code === 'session-overflow' && fatal, what)
  await a.expectEnd('the end of the connection after session-overflow')
  await toldOf(b, lost.numbers.peer, 'lost', 'for a session whose buffer is full')
  await isOver(t, lost, 'its buffer was full')
}

async function overflowEndsWaiting(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { bufferBytes } = parametersOf(a)
  t.cost({ bytes: 2 * bufferBytes }, 'More than is kept for a session')
  const lost = await cut(t, a)
  const count = Math.ceil((2 * bufferBytes) / (largeBytes - addedBytes)) + 1
  await fill(t, b, lost.numbers.peer, room, count * largeBytes)
  await toldOf(b, lost.numbers.peer, 'lost', 'for a session whose buffer is full while it waits')
  await isOver(t, lost, 'its buffer was full')
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
  check('resume.window-over', 'a session whose time is over', endsWithItsWindow, {
    capability: 'resume',
    lengthy: true,
  }),
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
  check('resume.buffer', 'as much as the server says it keeps', keepsWhatItSays, {
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.buffer', 'more than that in all, acknowledged in parts', freesWhatIsAcknowledged, {
    name: 'acknowledged',
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.overflow', 'more than that for a client that does not acknowledge', overflowEnds, {
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.overflow', 'more than that for a client that is away', overflowEndsWaiting, {
    name: 'waiting',
    capability: 'resume',
    lengthy: true,
  }),
  check('seq.numbered', 'a new session beside one that was resumed', newIsFresh, { capability: 'resume' }),
]

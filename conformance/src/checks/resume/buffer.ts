import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
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
  say,
  stage,
  toldOf,
  tryResume,
  unlessLate,
} from './stage.ts'

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
  // What is sent again counts once.
  const more = say(t, b, lost.numbers.peer, room)
  await hear(later, more, 'a hangup after all that, which has still been sent only once')
}

/** Parts of the buffer that are filled and acknowledged, one after the other: more than twice as much as it holds. */
const rounds = 5

/** How a client acknowledges: in a message of its own, or in one that says something else. */
type Acknowledging = (t: CheckContext, a: Endpoint, to: string, room: string) => Promise<unknown>

const byMessage: Acknowledging = (_t, a) =>
  presupposing('ack.old', a.post({ type: 'ack', ack: numbersOf(a).seen }).outcome('ok for an ack'))

const byMember: Acknowledging = (t, a, to, room) => {
  const numbers = numbersOf(a)
  const message = {
    ...hangupTo({ room, to, call: t.callId() }),
    id: a.nextId(),
    seq: numbers.sent.length + 1,
    ack: numbers.seen,
  }
  numbers.sent.push(message)
  a.sendText(JSON.stringify(message))
  return presupposing('ack.old', a.outcome(message.id, { what: 'ok for a hangup with ack' }))
}

/** resume.buffer: what was acknowledged counts no more. */
async function freesWhatIsAcknowledged(t: CheckContext, acknowledge: Acknowledging): Promise<void> {
  const { room, a, b } = await stage(t)
  const { bufferBytes } = parametersOf(a)
  const bytes = Math.ceil(bufferBytes / 2)
  t.cost({ bytes: rounds * bytes }, 'More than is kept for a session')
  for (let round = 1; round <= rounds; round += 1) {
    const calls = await fill(t, b, a.peer, room, bytes)
    const what = `the last of ${String(round * bytes)} bytes, of which never more than ${String(bytes)} wait to be acknowledged, where bufferBytes is ${String(bufferBytes)}`
    await hear(a, calls.at(-1) ?? '', what)
    await acknowledge(t, a, b.peer, room)
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
  // Asked before its time is over, which would end it, too.
  await isOver(t, lost, 'its buffer was full while it waited')
  await toldOf(b, lost.numbers.peer, 'lost', 'for a session whose buffer is full while it waits')
}

/** Times that a session is resumed without an acknowledgement, and the share of `bufferBytes` that comes before each. */
const resumes = { times: 3, share: 0.9 } as const

/** resume.overflow: what was sent before a resume and is still not acknowledged counts after it. */
async function overflowEndsResumed(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { bufferBytes } = parametersOf(a)
  const bytes = Math.floor(resumes.share * bufferBytes)
  t.cost({ bytes: resumes.times * bytes }, 'More than is kept for a session')
  const { seen: ack } = numbersOf(a)
  const peer = a.peer
  let current = a
  for (let time = 1; time <= resumes.times; time += 1) {
    const lost = await cut(t, current)
    await fill(t, b, peer, room, bytes)
    const { later, outcome } = await tryResume(t, lost, { ack })
    unlessLate(lost)
    if (outcome.type !== 'resumed') {
      const failure = unexpected(outcome, 'resumed for a resume of a session that lasts')
      if (time === 1) throw Object.assign(failure, { presupposes: 'resume.buffer' } as const)
      if (outcome.code === 'resume-failed') return
      throw failure
    }
    current = later
  }
  throw new CheckFailure(
    `resume-failed, or session-overflow, before ${String(2 * bufferBytes)} bytes wait to be acknowledged, those from before a resume included`,
    `it was resumed where about ${String(resumes.times * bytes)} bytes wait, in parts before each of ${String(resumes.times)} resumes`,
  )
}

/** Bytes that a client is sent which has stopped reading: more than its connection holds, where the server keeps so much for a session. */
const unreadBytes = { ordinary: 5_500_000, exhaustive: 48_000_000 }

/** resume.fatal: a client that reads too slowly loses its connection at most, as long as its buffer is not full. */
async function slownessIsOutlived(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  const { bufferBytes } = parametersOf(a)
  const lost = lostOf(a)
  const most = t.exhaustive ? unreadBytes.exhaustive : unreadBytes.ordinary
  a.link.pause()
  const bytes = Math.min(bufferBytes - 2000, most)
  const calls = await fill(t, b, a.peer, room, bytes).finally(() => {
    a.link.resume()
  })
  const last = calls.at(-1) ?? ''
  const hasCome = (at: Endpoint) => callsAt(at).includes(last)
  await a.comesWithin(({ message }) => message['call'] === last, t.dueMs)
  const code = a.all('error', ({ fatal }) => fatal)[0]?.code
  if (hasCome(a) || a.end === undefined || (code !== undefined && code !== 'too-slow'))
    return t.notObserved(
      `${String(bytes)} bytes that a client did not read did not end its connection as too slow${code === undefined ? '' : `, but with ${code}`}; bufferBytes is ${String(bufferBytes)}${bytes < most || t.exhaustive ? '' : ': run with --exhaustive to send more'}`,
    )
  const later = await expectResumed(t, lost)
  await hear(later, last, 'the last of the messages that came while the client was too slow')
  const came = [...new Set([...callsAt(a), ...callsAt(later)])]
  if (calls.some((call, index) => came[index] !== call))
    throw new CheckFailure(
      'all messages that came while the client was too slow, before the end of its connection or after the resume, in the order sent',
      'some are missing or in another order',
    )
}

/** Checks of how much is kept for a session. */
export const sessionBufferChecks: readonly Check[] = [
  check('resume.buffer', 'as much as the server says it keeps', keepsWhatItSays, {
    capability: 'resume',
    lengthy: true,
  }),
  ...(
    [
      ['acknowledged', 'more than that in all, acknowledged in parts', byMessage],
      ['acknowledged-by-member', 'the same, acknowledged with other messages', byMember],
    ] as const
  ).map(([name, title, acknowledge]) =>
    check('resume.buffer', title, (t) => freesWhatIsAcknowledged(t, acknowledge), {
      name,
      capability: 'resume',
      lengthy: true,
    }),
  ),
  check('resume.fatal', 'a session after too-slow', slownessIsOutlived, {
    name: 'too-slow',
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.overflow', 'more than that for a client that does not acknowledge', overflowEnds, {
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.overflow', 'more than that in parts, with a resume after each', overflowEndsResumed, {
    name: 'resumed',
    capability: 'resume',
    lengthy: true,
  }),
  check('resume.overflow', 'more than that for a client that is away', overflowEndsWaiting, {
    name: 'waiting',
    capability: 'resume',
    lengthy: true,
  }),
]

import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import { announcedRate, type LimitRate } from '../../endpoint/announced-rate.ts'
import type { Endpoint, Pending } from '../../endpoint/endpoint.ts'
import { promptShare } from '../../endpoint/patience.ts'
import { announcedLimit, dataNumber, enter, knowsOf, placesFor, seesLeave } from '../scene/membership.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { arrivals, numbered, type Stream } from '../scene/stream.ts'

/**
 * Bytes that a reader which has stopped is sent. Linux keeps 4 MiB for the sender of a connection: what is less than that shows nothing of a
 * server that drops. Other systems and proxies keep more.
 */
const unreadBytes = { ordinary: 5_500_000, exhaustive: 48_000_000 }

/**
 * What no connection holds by itself where nobody has given it larger buffers than systems do, also behind a proxy: more than that waits in
 * the server.
 */
const bufferedBytes = 32 * 1024 * 1024

/**
 * Short messages that follow the long ones: more than the 256 or 512 places that the queue of a connection often has. So many are sent at once,
 * that the answers to them do not fill such a queue themselves.
 */
const shortMessages = { all: 600, atOnce: 150 } as const

/** Members that send to the reader, at most: so many can send more than 256 short messages within the lowest rate. */
const mostSenders = 4

/** `limits.rate`, where it is announced in the right form. */
export function rateOf(t: CheckContext): LimitRate | undefined {
  return announcedRate(t.target.welcome.limits)
}

/** Fails where a message of a stream has come and an earlier one has not; returns how many have. Order and doubles are judged elsewhere. */
export function expectNoGap(stream: Stream, what: string): number {
  const numbers = arrivals(stream)
  const arrived = new Set(numbers)
  const gap = Array.from({ length: Math.max(0, ...numbers) }, (_, index) => index + 1).find(
    (number) => !arrived.has(number),
  )
  if (gap === undefined) return arrived.size
  const later = numbers.find((number) => number > gap)
  throw new CheckFailure(
    `${what}: a beginning of what was sent, without a gap`,
    `message ${String(later)} came where message ${String(gap)} was due`,
  )
}

/** What one member has sent to the reader. */
interface Sending {
  readonly sender: Endpoint
  readonly pending: Pending[]
  /** How long they are in all, in bytes. */
  bytes: number
  /** The data of the member's update behind them, if it has sent one. */
  updated?: unknown
}

/** What a client that sends nothing to the reader waits for meanwhile. */
interface Witness {
  /** What that is, in words. */
  readonly what: string
  /** Whether it came while the reader did not read. */
  readonly came: boolean
  /** Whether it has come by now. */
  readonly hasCome: () => boolean
}

/** What came of a reader that stopped. */
interface SlowReading {
  /** How many messages it was sent, and how many came. */
  readonly sent: number
  readonly came: number
  /** How long they were in all, in bytes. */
  readonly sentBytes: number
  /** Why more was sent to it than its connection takes unread, in words; `undefined` where all may have fitted. */
  readonly full: string | undefined
  /** What is wrong with what came. */
  readonly loss: CheckFailure | undefined
  /** What did not come to others while the reader did not read, and whether it came afterwards. */
  readonly held: { readonly what: string; readonly came: boolean } | undefined
  /** How long the ping of another client took when all was over, in milliseconds. */
  readonly pongMs: number
}

/** Long messages first, until the system's buffers are full; short ones then, which make a queue of the server's own grow. */
async function stopsReading(t: CheckContext): Promise<SlowReading> {
  const room = t.room()
  const { burst } = rateOf(t) ?? { burst: Infinity }
  const places = placesFor(t, mostSenders + 3, 2)
  const senders = Number.isFinite(burst) ? Math.min(mostSenders, places - 1) : 1
  const most = Math.floor(burst) - 10
  const [reader, ...others] = (await t.clients(senders + 3)) as [Endpoint, ...Endpoint[]]
  const [c, d] = others.splice(senders) as [Endpoint, Endpoint]
  // In the same room where it has place: there one member may hold up another also where rooms do not.
  const meeting = places >= senders + 3 ? room : t.room()
  for (const member of [reader, ...others]) await enter(t, member, room)
  for (const member of [c, d]) await enter(t, member, meeting)
  for (const sender of others) await knowsOf(sender, room, reader)
  await knowsOf(c, meeting, d)

  const sendings = others.map((sender): Sending => ({ sender, pending: [], bytes: 0 }))
  const post = (sending: Sending, count: number, length: number) => {
    const { sender, pending } = sending
    const place = { room, to: reader.peer, call: t.callId() }
    for (let left = Math.min(count, most - pending.length); left > 0; left -= 1) {
      const number = pending.length + 1
      const type = (['offer', 'candidate'] as const)[number % 2] ?? 'offer'
      pending.push(sender.post(numbered(place, number, { type, length: number % 10 === 0 ? 0 : length })))
      sending.bytes += sender.lastSent.length
    }
  }
  // A server that makes its sender wait for a slow receiver answers only when that one reads again.
  const accepted = ({ sender, pending }: Sending) =>
    sender.comes(({ message }) => message['ref'] === pending.at(-1)?.id)

  reader.link.pause()
  const [first] = sendings as [Sending, ...Sending[]]
  const length = Math.min(61_500, (announcedLimit(t, 'messageBytes') ?? 65_536) - 4000)
  post(first, Math.floor((t.exhaustive ? unreadBytes.exhaustive : unreadBytes.ordinary) / length), length)
  const isAccepted = await accepted(first)
  // Nothing more in the time in which every answer is due: it waits for the reader.
  const waits = !isAccepted && !(await goesOn(first))
  if (isAccepted) {
    let left: number = shortMessages.all
    for (const each of sendings) {
      let count = 1
      while (left > 0 && count > 0) {
        const before = each.pending.length
        post(each, Math.min(left, shortMessages.atOnce), 0)
        count = each.pending.length - before
        // Where it has to wait no more is sent.
        left = (await accepted(each)) ? left - count : 0
      }
    }
    const data = dataNumber(t, 7)
    first.sender.send({ type: 'update', room, data })
    first.updated = data
  }
  const witnesses = await Promise.all([answers(c), delivers(t, c, d, meeting)])
  reader.link.resume()
  const { came, loss, isCut } = await lossOf(t, room, reader, sendings)
  const sentBytes = sendings.reduce((sum, { bytes }) => sum + bytes, 0)
  const held = witnesses.find((witness) => !witness.came)
  const asked = performance.now()
  if (held) await c.sync()
  return {
    sent: sendings.reduce((sum, { pending }) => sum + pending.length, 0),
    came,
    sentBytes,
    full: fullness({ waits, isCut, held: isAccepted ? sentBytes : 0 }),
    loss,
    held: held && { what: held.what, came: held.hasCome() },
    pongMs: performance.now() - asked,
  }
}

/** Whether a sender gets one more answer in the time in which it is due. */
function goesOn({ sender }: Sending): Promise<boolean> {
  const known = sender.log.length
  return sender.comes(({ index, message }) => index >= known && message['type'] === 'ok')
}

/** What shows that a reader was sent more than its connection takes unread. */
function fullness(seen: {
  /** Whether the server made its sender wait. */
  readonly waits: boolean
  /** Whether it ended the reader's connection before all had come. */
  readonly isCut: boolean
  /** How many bytes it accepted meanwhile. */
  readonly held: number
}): string | undefined {
  if (seen.isCut) return 'its connection was ended before all had come'
  if (seen.waits) return 'its sender had to wait'
  return seen.held > bufferedBytes ? 'more than its connection holds' : undefined
}

async function answers(c: Endpoint): Promise<Witness> {
  const { id } = c.post({ type: 'ping' })
  const came = await c.comes(({ message }) => message['ref'] === id)
  return {
    what: 'a pong for a client that sends it nothing',
    came,
    hasCome: () => c.log.some(({ message }) => message['ref'] === id),
  }
}

async function delivers(t: CheckContext, c: Endpoint, d: Endpoint, room: string): Promise<Witness> {
  const call = t.callId()
  c.send(hangupTo({ room, to: d.peer, call }))
  const came = await d.comes(({ message }) => message['call'] === call)
  return {
    what: 'the delivery of a message between two others',
    came,
    hasCome: () => d.log.some(({ message }) => message['call'] === call),
  }
}

/** Others are answered, and hear each other, while a receiver does not read. */
export async function holdsUpNobody(t: CheckContext): Promise<void> {
  const { held, pongMs, sent, sentBytes, full } = await t.shared('slow reader', stopsReading)
  const amount = `${(sentBytes / 1e6).toFixed(1)} MB`
  t.evidence.push(
    `${String(sent)} messages, ${amount}, sent to a client that did not read${full ? `: ${full}` : ''}`,
  )
  if (!held) {
    if (full !== undefined) return
    const how = t.exhaustive ? 'the announced limits allow no more' : 'run with --exhaustive to send more'
    t.notObserved(
      `Nobody was held up, but the ${amount} sent to a client that did not read may have fitted into the buffers of its connection: ${how}`,
    )
  }
  const expected = `${held.what}, while a receiver does not read`
  // Only what comes once the reader reads again, from a server that is quick then, shows that it was this that it had waited for.
  if (held.came && pongMs < t.dueMs / promptShare) {
    const within = `within ${(t.dueMs / 1000).toFixed(1)} s`
    throw new CheckFailure(expected, `it did not come ${within}, and came when that receiver read again`)
  }
  const slow = held.came ? 'the server answers slowly also when that one reads again' : 'it never came'
  throw new Undecided('inconclusive', `Expected ${expected}, but ${slow}`)
}

/** All that was accepted arrives when the receiver reads again, or its connection has ended. */
export async function losesNothing(t: CheckContext): Promise<void> {
  const { sent, came, loss } = await t.shared('slow reader', stopsReading)
  t.evidence.push(`${String(came)} of ${String(sent)} messages arrived`)
  if (loss) throw loss
}

async function lossOf(
  t: CheckContext,
  room: string,
  reader: Endpoint,
  sendings: readonly Sending[],
): Promise<{ readonly came: number; readonly loss: CheckFailure | undefined; readonly isCut: boolean }> {
  let came = 0
  let isCut = false
  try {
    const all = await Promise.all(sendings.map((sending) => arrived(t, room, reader, sending)))
    for (const each of all) came += each.came
    // Told from a connection that ended, of which only the beginning has to have come.
    const short = all.find((each) => each.came < each.accepted)
    if (!reader.end && short) {
      throw new CheckFailure(
        `all ${String(short.accepted)} accepted messages, or the end of the slow reader's connection`,
        `${String(short.came)} came, and its connection goes on`,
      )
    }
    isCut = reader.end !== undefined && all.some((each) => each.isCut)
    if (isCut) for (const { sender } of sendings) await expectLost(sender, room, reader)
    return { came, loss: undefined, isCut }
  } catch (error) {
    if (error instanceof CheckFailure) return { came, loss: error, isCut }
    throw error
  }
}

async function expectLost(sender: Endpoint, room: string, reader: Endpoint): Promise<void> {
  const { reason } = await seesLeave(sender, room, reader)
  if (reason === 'lost') return
  const expected = 'peer-left with reason lost for the reader that was too slow'
  throw new CheckFailure(expected, `the reason was ${reason}`)
}

/** What has come of one sender's messages, once a marker behind them has, or the reader's connection has ended. */
async function arrived(
  t: CheckContext,
  room: string,
  reader: Endpoint,
  { sender, pending, updated }: Sending,
): Promise<{ readonly accepted: number; readonly came: number; readonly isCut: boolean }> {
  // From the moment on at which the receiver is gone, its sender is told so.
  const outcomes = await Promise.all(pending.map(({ outcome }) => outcome())).catch((error: unknown) => {
    // What it is told of a receiver that is gone comes all at once: a server may find it too slow, too.
    if (sender.all('error', ({ fatal, code }) => fatal && code === 'too-slow').length > 0)
      throw new Undecided(
        'inconclusive',
        'The server ended the connection of the sender as well, with too-slow: it keeps less than the answers to what the check sends',
      )
    throw error
  })
  const count = outcomes.length
  const refused = outcomes.findIndex(({ type }) => type !== 'ok')
  const call = t.callId()
  if (refused === -1) sender.send(hangupTo({ room, to: reader.peer, call }))
  const marked = await reader
    .waitFor(({ message }) => message['call'] === call, 'everything that was accepted for a slow reader')
    .then(
      () => true,
      () => false,
    )
  const stream = { from: sender, to: reader, room, count }
  const came = expectNoGap(stream, 'delivery to a reader that was slow')
  // Sent before the marker, and not less a message of its own.
  const isTold = reader.all('peer-updated', ({ member }) => member.peer === sender.peer).length > 0
  if (marked && updated !== undefined && !isTold)
    throw new CheckFailure(
      'peer-updated about an update among the messages for a reader that was slow',
      'what was sent after it came, and it did not',
    )
  return { accepted: refused === -1 ? count : refused, came, isCut: !marked }
}

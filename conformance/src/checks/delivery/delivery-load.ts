import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { stringOf } from '../../endpoint/wire.ts'
import { seesLeave } from '../scene/membership.ts'
import { expectNoGap, holdsUpNobody, losesNothing, rateOf } from './slow-reader.ts'
import { arrivals, numbered } from '../scene/stream.ts'

/** Messages that are sent in one go where no rate is announced. */
const floodMessages = 400

/** Frames that an endpoint has sent so far. */
function sentBy(t: CheckContext, endpoint: Endpoint): number {
  return t.transcript.filter((entry) => entry.endpoint === endpoint.name && entry.direction === 'sent').length
}

/** More than the announced rate, or simply much: every message is taken in turn, or the connection ends. */
async function flood(
  t: CheckContext,
): Promise<{ readonly a: Endpoint; readonly b: Endpoint; readonly room: string; readonly count: number }> {
  const rate = rateOf(t)
  const count = rate ? Math.floor(rate.burst) + 20 : floodMessages
  t.cost({ messages: count, ...(rate ? { ms: (30 / rate.perSecond) * 1000 } : {}) }, 'Going beyond the rate')
  const { room, a, b } = await t.pair()
  a.unpaced()
  const call = t.callId()
  for (let number = 1; number <= count; number += 1)
    a.post({ ...numbered({ room, to: b.peer, call }, number), id: `n${String(number)}` })
  await answered(t, a, count)
  return { a, b, room, count }
}

/** Waits as long as outcomes keep coming: a server that stops reading for the rate owes none of them soon. */
async function answered(t: CheckContext, sender: Endpoint, count: number): Promise<void> {
  const outcomes = () => sender.log.filter(({ message }) => stringOf(message, 'ref')?.startsWith('n')).length
  const ended = () => sender.end !== undefined
  while (!ended()) {
    const seen = outcomes()
    if (seen >= count) return
    const failed = await sender
      .waitFor(() => outcomes() > seen, 'a further outcome')
      .then(
        () => false,
        () => true,
      )
    if (!failed || ended()) continue
    const reading = await sender.sync().then(
      () => true,
      () => false,
    )
    // What has been read and is not answered by now never will be: that is judged by what has been delivered.
    if (reading) return
    if (!ended()) t.notObserved('The server had stopped reading for longer than the kit waits')
  }
}

async function rateKeepsOrder(t: CheckContext): Promise<void> {
  const { a, b, room, count } = await flood(t)
  const kinds = Array.from({ length: count }, (_, index) =>
    a.log.find(({ message }) => message['ref'] === `n${String(index + 1)}`),
  )
  const refused = kinds.findIndex((frame) => frame !== undefined && frame.message['type'] === 'error')
  const later = kinds.findIndex((frame, index) => index > refused && frame?.message['type'] === 'ok')
  if (refused !== -1 && later !== -1) {
    const code = String(kinds[refused]?.message['code'])
    throw new CheckFailure(
      'no relayed message refused for its rate while a later one is accepted',
      `message ${String(refused + 1)} was refused with ${code}, and message ${String(later + 1)} was accepted`,
    )
  }
  if (!a.end) {
    if (refused !== -1) {
      throw new CheckFailure(
        'every message accepted, or the end of the connection',
        `message ${String(refused + 1)} was refused, and the connection goes on`,
      )
    }
    await t.barrier(a, b, room)
  } else {
    expectRateLimited(a)
    await seesLeave(b, room, a)
  }
  const arrived = expectNoGap({ from: a, to: b, room, count }, 'delivery beyond the rate')
  const oks = kinds.filter((frame) => frame?.message['type'] === 'ok').length
  if (arrived < (a.end ? oks : count)) {
    throw new CheckFailure(`all ${String(a.end ? oks : count)} accepted messages`, `${String(arrived)} came`)
  }
}

function expectRateLimited(sender: Endpoint): void {
  const fatal = sender.all('error').find((error) => error.fatal)
  // Where the connection no longer took an error, its end says the same.
  if (!fatal || fatal.code === 'rate-limited') return
  throw new CheckFailure('the fatal error rate-limited', `the connection ended with ${fatal.code}`)
}

async function noSingleRefusals(t: CheckContext): Promise<void> {
  const { a } = await flood(t)
  const single = a.all('error', ({ code, fatal }) => code === 'rate-limited' && !fatal)
  const [first] = single
  if (first)
    throw new CheckFailure(
      'no rate-limited with fatal false for a relayed message',
      `${String(single.length)} came, for ${first.of ?? 'no type'}`,
    )
}

/** Joins that come fast may be refused one by one, but say when to come back. */
async function joinsMayWait(t: CheckContext): Promise<void> {
  const a = await t.client()
  const room = t.room()
  const pending = Array.from({ length: 40 }, () => a.post({ type: 'join', room }))
  for (const { outcome } of pending) {
    const { code, message } = await outcome()
    if (code !== 'rate-limited') continue
    if (typeof message['retryAfterMs'] === 'number') continue
    throw new CheckFailure('retryAfterMs in a rate-limited that is not fatal', 'it was absent')
  }
}

/** As many messages at once as announced, and more as time passes. */
async function burstIsTaken(t: CheckContext): Promise<void> {
  const rate = rateOf(t)
  if (!rate) t.notApplicable('The server announces no limits.rate')
  const more = Math.max(1, Math.floor(rate.perSecond / 4))
  const pauseMs = (more / rate.perSecond) * 1000 + 50
  t.cost({ messages: rate.burst + more, ms: pauseMs }, 'Using up the announced burst')
  const { room, a, b } = await t.pair()
  // It counts for itself, and to the last message.
  a.unpaced()
  const place = { room, to: b.peer, call: t.callId() }
  const count = Math.floor(rate.burst) - sentBy(t, a)
  for (let number = 1; number <= count; number += 1) a.send(numbered(place, number))
  const all = async (upTo: number, what: string) => {
    await b
      .waitFor(({ message }) => message['from'] === a.peer && message['call'] === place.call, what, {
        nth: upTo,
      })
      .catch((error: unknown) => {
        const refused = a.all('error')[0]
        if (!refused) throw error
        throw new CheckFailure(
          what,
          `${String(arrivals({ from: a, to: b, room, count }).length)} came, and the error ${refused.code}`,
        )
      })
  }
  await all(count, `${String(count)} messages in one go, within the announced burst of ${String(rate.burst)}`)
  // Time is what this is about: the bucket fills only while it passes.
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
  for (let number = 1; number <= more; number += 1) a.send(numbered(place, count + number))
  await all(
    count + more,
    `${String(more)} messages more, for which ${String(Math.round(pauseMs))} ms have passed`,
  )
  if (a.end) throw new CheckFailure('a connection that goes on within the announced rate', 'it ended')
  const refused = a.all('error').find(({ code }) => code === 'rate-limited')
  if (refused) throw new CheckFailure('no rate-limited within the announced rate', 'it came')
}

/** Checks of spec/delivery.md: slow readers and fast writers. */
export const deliveryLoadChecks: readonly Check[] = [
  check('delivery.slow-receiver', 'a receiver that stops reading for a while', losesNothing),
  check('delivery.slow-alone', 'others, while a receiver does not read', holdsUpNobody),
  check('delivery.rate', 'messages beyond the rate', rateKeepsOrder),
  check('delivery.rate-single', 'no single refusal of a relayed message', noSingleRefusals, {
    name: 'relayed',
  }),
  check('delivery.rate-single', 'joins that come fast', joinsMayWait, { name: 'join' }),
  check('delivery.burst', 'as many messages at once as announced', burstIsTaken),
]

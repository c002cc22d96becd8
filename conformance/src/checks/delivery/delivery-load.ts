import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { stringOf } from '../../endpoint/wire.ts'
import { deliveryBurstChecks } from './delivery-burst.ts'
import { seesLeave } from '../scene/membership.ts'
import { expectNoGap, holdsUpNobody, losesNothing, rateOf } from './slow-reader.ts'
import { numbered } from '../scene/stream.ts'

/** Messages that are sent in one go where no rate is announced. */
const floodMessages = 400

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

/** A server that can say with which code it closes can say why before. */
async function saysWhyItEnds(t: CheckContext): Promise<void> {
  const { a } = await flood(t)
  if (a.end?.code === undefined) return
  const { code } = a.end
  if (a.all('error').some(({ fatal }) => fatal)) return
  throw new CheckFailure(
    'the fatal error rate-limited before the end of a connection that goes beyond its rate',
    `it was closed with ${String(code)} and without an error`,
  )
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

/** Checks of spec/delivery.md: slow readers and fast writers. */
export const deliveryLoadChecks: readonly Check[] = [
  check('delivery.slow-receiver', 'a receiver that stops reading for a while', losesNothing),
  check('delivery.slow-alone', 'others, while a receiver does not read', holdsUpNobody),
  check('delivery.rate', 'messages beyond the rate', rateKeepsOrder),
  check('delivery.rate-single', 'no single refusal of a relayed message', noSingleRefusals, {
    name: 'relayed',
  }),
  check('delivery.rate-single', 'joins that come fast', joinsMayWait, { name: 'join' }),
  check('errors.fatal-first', 'the end of a connection beyond its rate', saysWhyItEnds, {
    name: 'rate-limited',
  }),
  ...deliveryBurstChecks,
]

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { arrivals, numbered } from '../scene/stream.ts'
import { bytesOf, opcodes } from '../scene/web-socket-frame.ts'
import { rateOf } from './slow-reader.ts'

/** A sender that goes to the end of its rate, and whoever it sends to. */
interface Burst {
  readonly room: string
  readonly call: string
  readonly a: Endpoint
  readonly b: Endpoint
}

/** Frames that an endpoint has sent so far. */
function sentBy(t: CheckContext, endpoint: Endpoint): number {
  return t.transcript.filter((entry) => entry.endpoint === endpoint.name && entry.direction === 'sent').length
}

async function begin(t: CheckContext): Promise<Burst> {
  const { room, a, b } = await t.pair()
  // It counts for itself, and to the last message.
  a.unpaced()
  return { room, call: t.callId(), a, b }
}

/** Waits until so many messages have arrived. */
async function arrive({ room, call, a, b }: Burst, count: number, what: string): Promise<void> {
  const isOwn = (from: unknown, of: unknown) => from === a.peer && of === call
  await b
    .waitFor(({ message }) => isOwn(message['from'], message['call']), what, { nth: count })
    .catch((error: unknown) => {
      const limited = a.all('error', ({ code, fatal }) => fatal || code === 'rate-limited')[0]
      if (!limited) throw error
      const came = arrivals({ from: a, to: b, room, count }).length
      throw new CheckFailure(what, `${String(came)} came, and the error ${limited.code}`)
    })
}

function expectUnlimited(a: Endpoint): void {
  if (a.end) throw new CheckFailure('a connection that goes on within the announced rate', 'it ended')
  const refused = a.all('error').find(({ code }) => code === 'rate-limited')
  if (refused) throw new CheckFailure('no rate-limited within the announced rate', 'it came')
}

/** As many messages at once as announced, and more as time passes. */
async function burstIsTaken(t: CheckContext): Promise<void> {
  const rate = rateOf(t)
  if (!rate) t.notApplicable('The server announces no limits.rate')
  const least = Math.max(1, Math.floor(rate.perSecond / 4))
  t.cost(
    { messages: rate.burst + least, ms: (least / rate.perSecond) * 1000 + slackMs },
    'Using up the announced burst',
  )
  const burst = await begin(t)
  const { room, call, a, b } = burst
  const place = { room, to: b.peer, call }
  const count = Math.floor(rate.burst) - sentBy(t, a)
  const began = performance.now()
  for (let number = 1; number <= count; number += 1) a.send(numbered(place, number))
  const limit = `within the announced burst of ${String(rate.burst)}`
  await arrive(burst, count, `${String(count)} messages in one go, ${limit}`)
  // While the burst was on its way the bucket filled, too: what comes after has to be twice that, to tell half of the rate from all of it.
  const onItsWay = Math.ceil(((performance.now() - began) / 1000) * rate.perSecond * 2)
  const most = Math.max(least, Math.floor(rate.perSecond * longestPauseSeconds))
  const more = Math.min(Math.max(least, onItsWay), Math.floor(rate.burst), most)
  const pauseMs = (more / rate.perSecond) * 1000 + slackMs
  // Time is what this is about: the bucket fills only while it passes.
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
  for (let number = 1; number <= more; number += 1) a.send(numbered(place, count + number))
  const passed = `for which ${String(Math.round(pauseMs))} ms have passed`
  await arrive(burst, count + more, `${String(more)} messages more, ${passed}`)
  expectUnlimited(a)
}

/** What a timer may be too early by, in milliseconds. */
const slackMs = 50

/** Seconds that a full second burst is waited for, at most. */
const longestPauseSeconds = 2

const ping = { opcode: opcodes.ping, fin: true, payload: bytesOf('counted once') }

/** Characters of what is large for a message, and far from any limit. */
const large = 12_000

/** What else a server may count is one message, like any other: a large one, a frame that it refuses for one reason or another, and a ping of the binding. */
async function countsEachOnce(t: CheckContext): Promise<void> {
  const rate = rateOf(t)
  if (!rate) t.notApplicable('The server announces no limits.rate')
  t.cost({ messages: rate.burst, bytes: (rate.burst / 6) * large }, 'Using up the announced burst')
  const burst = await begin(t)
  const { room, call, a, b } = burst
  const place = { room, to: b.peer, call }
  const count = Math.floor(rate.burst) - sentBy(t, a)
  const elsewhere = t.room()
  let own = 0
  for (let number = 1; number <= count; number += 1) {
    const { webSocket } = a.link
    if (number % 6 === 1) a.send({ type: 'leave', room: elsewhere })
    else if (number % 6 === 4) a.sendBroken({ type: 'leave' })
    else if (number % 3 === 2 && webSocket) webSocket.writeFrame(ping)
    else a.send(numbered(place, (own += 1), { length: own % 2 === 0 ? large : 0 }))
  }
  const what = `a third of ${String(count)} messages, some of them large, the others refused or pings of the binding, within the announced burst of ${String(rate.burst)}`
  await arrive(burst, own, what)
  expectUnlimited(a)
}

/** Checks of the burst that limits.rate announces. */
export const deliveryBurstChecks: readonly Check[] = [
  check('delivery.burst', 'as many messages at once as announced', burstIsTaken),
  check('delivery.burst', 'a burst of messages small and large, refused frames and pings', countsEachOnce, {
    name: 'counted',
  }),
]

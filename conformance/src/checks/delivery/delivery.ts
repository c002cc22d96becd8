import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { departures, type Departure } from '../scene/departure.ts'
import { expectInTime } from '../scene/in-time.ts'
import { enter, knowsOf, messagesOf, placesFor, seesLeave } from '../scene/membership.ts'
import { candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { expectAccepted } from '../scene/refusal.ts'
import {
  arrivals,
  judgeStream,
  numberOf,
  numbered,
  refusals,
  relayedTypes,
  settle,
  type Aspect,
  type Stream,
} from '../scene/stream.ts'
import { traffic } from './traffic.ts'
import { indefinite } from '../../observer/indefinite.ts'

const titles: Readonly<Record<keyof typeof traffic, string>> = {
  call: 'the candidates of one call',
  mixed: 'short and long messages of all types',
  crossing: 'messages in both directions',
  everybody: 'messages of everybody to everybody',
  assembled: 'messages of members that have come in different ways',
  rooms: 'messages of the same peers in two rooms',
  presence: 'messages between presence',
  returning: 'messages before and after a new membership',
}

function streamChecks(aspect: Aspect): Check[] {
  return (Object.keys(traffic) as (keyof typeof traffic)[]).map((kind) =>
    check(
      aspect,
      titles[kind],
      async (t) => {
        for (const stream of await t.shared(`traffic: ${kind}`, traffic[kind])) judgeStream(stream, aspect)
      },
      { name: kind },
    ),
  )
}

/** The same frame several times is as many messages. */
async function equalMessagesAreMany(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const place = { room, to: b.peer, call: t.callId() }
  const messages = [offerTo(place), candidateTo(place), hangupTo(place), { ...hangupTo(place), id: 'same' }]
  for (const message of messages) for (let turn = 0; turn < 3; turn += 1) a.send(message)
  await t.barrier(a, b, room)
  const counts = { offer: 3, candidate: 3, hangup: 6 } as const
  for (const [type, count] of Object.entries(counts)) {
    const got = messagesOf(b, room).filter((m) => m['type'] === type && m['call'] === place.call).length
    if (got < count) {
      throw new CheckFailure(
        `${String(count)} equal messages of type ${type}, each delivered`,
        `${String(got)} came`,
      )
    }
  }
}

/** Nobody but the addressee gets a message: neither another member, nor its sender, nor the same peer in another room. */
async function onlyTheAddressee(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 5, 3))
  await Promise.all(members.map((member) => enter(t, member, room)))
  for (const member of members)
    for (const other of members) if (other !== member) await knowsOf(member, room, other)
  const sent: { readonly call: string; readonly to: Endpoint; readonly type: string }[] = []
  for (const from of members) {
    for (const to of members) {
      if (to === from) continue
      const type = relayedTypes[sent.length % 4] ?? 'offer'
      const call = t.callId()
      sent.push({ call, to, type })
      from.send(numbered({ room, to: to.peer, call }, sent.length, { type }))
    }
  }
  const paths = members.flatMap((from) =>
    members.filter((to) => to !== from).map((to) => ({ from, to, room, count: 0 })),
  )
  await settle(t, paths)
  for (const { call, to, type } of sent) {
    const holders = members.filter((member) => messagesOf(member, room).some((m) => m['call'] === call))
    const wrong = holders.find((holder) => holder !== to)
    if (wrong)
      throw new CheckFailure(
        `${indefinite(type)} to ${to.name} delivered to nobody else`,
        `${wrong.name} got it`,
      )
    if (holders.length === 0 && members.every((member) => refusals(member) === 0))
      throw new CheckFailure(`${indefinite(type)} delivered to ${to.name}`, 'it did not come')
  }
}

/** A single message is not kept back until something else happens. */
async function aloneInTime(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const bystander = await t.client()
  for (const type of relayedTypes) {
    const place = { room, to: b.peer, call: t.callId() }
    await inTime(t, [a, b, bystander], place.call, type, () => {
      a.send(numbered(place, 1, { type }))
    })
  }
}

/** Neither is the last of many, nor a long one. */
async function lastInTime(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const bystander = await t.client()
  const place = { room, to: b.peer, call: t.callId() }
  for (let number = 1; number < 60; number += 1) a.send(numbered(place, number))
  const last = t.callId()
  await inTime(t, [a, b, bystander], last, 'last of 60 messages', () => {
    a.send(numbered({ ...place, call: last }, 60, { type: 'offer', length: 20_000 }))
  })
}

async function inTime(
  t: CheckContext,
  [sender, receiver, bystander]: readonly [Endpoint, Endpoint, Endpoint],
  call: string,
  what: string,
  send: () => void,
): Promise<void> {
  await expectInTime(t, { waiter: receiver, bystander }, `the ${what} delivered`, async () => {
    send()
    await receiver
      .waitFor(({ message }) => message['call'] === call, `the ${what}, delivered within 5 s`)
      .catch((error: unknown) => {
        if (refusals(sender) > 0) t.couldNotRun(`The ${what} was refused: see relay.delivered`)
        throw error
      })
  })
}

/** What was accepted before its sender has gone is delivered, and `peer-left` follows. */
async function deliveredAfterDeparture(t: CheckContext, { way, go }: Departure): Promise<void> {
  const { room, a, b } = await t.pair()
  const count = 40
  for (let number = 1; number < count; number += 1) {
    const length = number % 7 === 0 ? 6000 : 0
    a.send(
      numbered({ room, to: b.peer, call: t.callId() }, number, {
        type: relayedTypes[number % 4] ?? 'offer',
        length,
      }),
    )
  }
  const last = a.post(numbered({ room, to: b.peer, call: t.callId() }, count))
  // Only a cut connection can lose what was sent: there the outcome shows that all of it was accepted.
  if (way === departures.cut.way || way === departures.replaced.way)
    await expectAccepted(last, 'ok', 'the last message')
  await go(t, a, room)
  await seesLeave(b, room, a)
  const stream: Stream = { from: a, to: b, room, count }
  judgeStream(stream, 'delivery.no-gap')
  const seen = messagesOf(b, room)
  const end = seen.findIndex((m) => m['type'] === 'peer-left')
  const late = seen.slice(end).find((m) => m['from'] === a.peer)
  if (late)
    throw new CheckFailure(
      `peer-left after all that came before ${way}`,
      `message ${String(numberOf(late))} came after it`,
    )
}

/** The same from several senders that go at the same moment. */
async function deliveredAfterDepartures(t: CheckContext): Promise<void> {
  const room = t.room()
  const members = await t.clients(placesFor(t, 6, 3))
  const [receiver, ...senders] = members as [Endpoint, ...Endpoint[]]
  await Promise.all(members.map((member) => enter(t, member, room)))
  for (const sender of senders) await knowsOf(receiver, room, sender)
  for (const sender of senders) await knowsOf(sender, room, receiver)
  const ways = [departures.leave, departures.bye, departures.close]
  const count = 15
  for (let number = 1; number <= count; number += 1) {
    for (const sender of senders) sender.send(numbered({ room, to: receiver.peer, call: t.callId() }, number))
  }
  for (const [index, sender] of senders.entries()) await ways[index % 3]?.go(t, sender, room)
  for (const sender of senders) await seesLeave(receiver, room, sender)
  for (const from of senders) {
    const stream: Stream = { from, to: receiver, room, count }
    if (arrivals(stream).length === 0 && refusals(from) === 0)
      throw new CheckFailure(`${String(count)} messages of ${from.name}, which has gone`, 'none came')
    judgeStream(stream, 'delivery.no-gap')
  }
}

/** Checks of spec/delivery.md, but for load and rate. */
export const deliveryChecks: readonly Check[] = [
  ...streamChecks('delivery.order'),
  ...streamChecks('delivery.once'),
  ...streamChecks('delivery.no-gap'),
  check('delivery.no-gap', 'equal messages are as many messages', equalMessagesAreMany, { name: 'equal' }),
  check('delivery.addressee', 'nobody else gets a message', onlyTheAddressee, { name: 'members' }),
  check('delivery.in-time', 'a single message is not kept back', aloneInTime, { name: 'alone' }),
  check('delivery.in-time', 'the last of many is not kept back', lastInTime, { name: 'last' }),
  ...Object.entries(departures).map(([name, departure]) =>
    check(
      'delivery.sender-gone',
      `messages before ${departure.way}`,
      (t) => deliveredAfterDeparture(t, departure),
      { name },
    ),
  ),
  check('delivery.sender-gone', 'several senders that go at once', deliveredAfterDepartures, {
    name: 'several',
  }),
]

import type { CapabilityName } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint, Received, Sendable } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { inCall, take } from '../calls/stage.ts'
import { customType } from '../custom/stage.ts'
import { announcedLimit } from '../scene/membership.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { hear, numbersOf, stage } from './stage.ts'

/** The members that are about one connection. */
const hopMembers = ['seq', 'ack'] as const

/** Sends a message with both numbers of its hop, at the beginning of its text or at the end. */
function sayNumbered(a: Endpoint, message: Sendable | Wire, atEnd: boolean): void {
  const numbers = numbersOf(a)
  const hop = { seq: numbers.sent.length + 1, ack: numbers.seen }
  const numbered = atEnd ? { ...message, ...hop } : { ...hop, ...message }
  numbers.sent.push(numbered)
  a.sendText(JSON.stringify(numbered))
}

/** Fails where a message has come with a number to a receiver who has none. */
function expectBare({ message, text }: Pick<Received, 'message' | 'text'>, what = ''): void {
  const carried = hopMembers.find((name) => name in message)
  if (carried === undefined) return
  throw new CheckFailure(
    `no seq or ack at a receiver for whom resume is not in force${what}`,
    `${indefinite(String(message['type']))} came with ${carried} ${JSON.stringify(message[carried])}`,
  ).shownBy(text)
}

/** seq.hop: of every relayed message of a room, wherever the numbers stand in the text. */
async function staysOnItsHop(t: CheckContext): Promise<void> {
  const { room, a, b } = await stage(t)
  for (const atEnd of [true, false]) {
    const call = t.callId()
    const place = { room, to: b.peer, call }
    for (const message of [offerTo(place), answerTo(place), candidateTo(place), hangupTo(place)]) {
      sayNumbered(a, message, atEnd)
      expectBare(
        await presupposing(
          'relay.delivered',
          b.waitFor(
            ({ message: { type, call: of } }) => type === message.type && of === call,
            `the delivery of a numbered ${message.type}`,
          ),
        ),
      )
    }
  }
}

/** Messages that only their sender numbers, so that the two connections count apart. */
const apart = 3

/** seq.hop: a receiver that has a session has its own numbers. */
async function countsForItself(t: CheckContext): Promise<void> {
  const room = t.room()
  const [a, b] = await Promise.all([t.client(), t.client()])
  await t.join(room, a, b)
  for (let count = 0; count < apart; count += 1)
    await a.request(hangupTo({ room, to: t.strangerId(), call: t.callId() }))
  const [sender, receiver] = [numbersOf(a), numbersOf(b)]
  for (const atEnd of [true, false]) {
    const [due, said, call] = [receiver.seen + 1, receiver.sent.length, t.callId()]
    const own = { seq: sender.sent.length + 1, ack: sender.seen }
    sayNumbered(a, hangupTo({ room, to: b.peer, call }), atEnd)
    const delivered = await presupposing(
      'relay.delivered',
      hear(b, call, 'the delivery of a numbered hangup'),
    )
    const { seq, ack } = delivered
    if ((seq === own.seq && seq !== due) || (ack === own.ack && own.ack > said))
      throw new CheckFailure(
        `the numbers of the receiver’s own connection: ${String(due)} is next there, and ${String(said)} was its last`,
        `the hangup came with those of its sender, ${String(own.seq)} and ${String(own.ack)}`,
      )
  }
}

/** Ends the check where the server does not offer a capability. */
function requireOffered(t: CheckContext, name: CapabilityName): void {
  if (!t.target.offered.names.has(name)) t.notApplicable(`The server does not offer ${name}`)
}

/** seq.hop: of messages of applications, to one and to everybody, of whom others have numbers and stand before the receiver. */
async function staysInCustom(t: CheckContext): Promise<void> {
  requireOffered(t, 'custom')
  const room = t.room()
  const [a, b, first] = await Promise.all([
    t.client({ capabilities: ['resume', 'custom'] }),
    t.client({ capabilities: ['custom'] }),
    (announcedLimit(t, 'membersPerRoom') ?? 3) > 2
      ? t.client({ capabilities: ['resume', 'custom'] })
      : undefined,
  ])
  await t.join(room, ...(first ? [first] : []), a, b)
  for (const [n, to] of [b.peer, undefined].entries()) {
    sayNumbered(a, { type: customType, room, ...(to === undefined ? {} : { to }), n }, n === 0)
    expectBare(
      await presupposing(
        to === undefined ? 'custom.all' : 'custom.one',
        b.waitFor(
          ({ message }) => message['type'] === customType && message['n'] === n,
          'the delivery of a numbered message of an application',
        ),
      ),
      to === undefined ? ', of a message to everybody, which others get with numbers' : '',
    )
  }
}

/** seq.hop: of what is said about a call and in it. */
async function staysInCalls(t: CheckContext): Promise<void> {
  requireOffered(t, 'calls')
  const room = t.room()
  const [a, b] = await Promise.all([
    t.client({ capabilities: ['resume', 'calls'] }),
    t.client({ capabilities: ['calls'] }),
  ])
  await t.join(room, a, b)
  const call = t.callId()
  sayNumbered(a, { type: 'invite', call, callee: { peer: b.peer } }, true)
  await presupposing(
    'ring.invited',
    b.expect('invite', (invite) => invite.call === call, 'an invite'),
  )
  await take(a, b, call)
  const place = { room, to: b.peer, call }
  for (const relayed of [offerTo(place), answerTo(place), candidateTo(place), hangupTo(place)]) {
    const message = inCall(relayed)
    sayNumbered(a, message, relayed.type === 'candidate')
    await presupposing(
      'talk.delivered',
      b.waitFor(
        ({ message: { type, call: of } }) => type === message.type && of === call,
        `the delivery of a numbered ${message.type} in a call`,
      ),
    )
  }
  for (const told of b.log.filter(({ message }) => message['call'] === call && message['ref'] === undefined))
    expectBare(told)
}

const capability = 'resume'

/** Checks of the numbers of one hop. */
export const hopChecks: readonly Check[] = [
  check('seq.hop', 'numbered messages to a member without resume', staysOnItsHop, { capability }),
  check('seq.hop', 'numbered messages to a member with resume', countsForItself, {
    name: 'session',
    capability,
  }),
  check('seq.hop', 'numbered messages of an application', staysInCustom, { name: 'custom', capability }),
  check('seq.hop', 'numbered messages about a call, and in it', staysInCalls, { name: 'calls', capability }),
]

import { stringOf, type Wire } from '../endpoint/wire.ts'
import { clip } from '../observer/frame-observer.ts'
import { indefinite } from '../observer/indefinite.ts'
import { isRelayed } from '../observer/relayed.ts'
import { areEqual, scanJson } from './json-scan.ts'
import type { Delivery, Participant, Sent, World } from './participant.ts'
import { receiverOf } from './ruling.ts'
import type { Blame } from './world.ts'

/** The relayed messages that one participant has sent another in one room, in the order of sending. */
type Streams = ReadonlyMap<string, readonly Sent[]>

/**
 * Holds what was delivered against what was sent.
 *
 * @returns What has not come yet.
 */
export function judgeRelays(world: World): Blame | undefined {
  const relays = world.participants.flatMap(({ former, sent }) =>
    [...former, ...sent].filter(({ reading }) => isRelayed(reading.type)),
  )
  for (const each of relays) each.deliveredAt = undefined
  const streams = new Map<string, Sent[]>()
  for (const each of relays) {
    const to = stringOf(each.reading.message ?? {}, 'to')
    const key = keyOf(each.by.peer, to ?? '', each.reading.room ?? '')
    const stream = streams.get(key)
    if (stream) stream.push(each)
    else streams.set(key, [each])
  }
  for (const receiver of world.participants) {
    const next = new Map<string, number>()
    for (const delivery of receiver.deliveries) judgeDelivery(world, receiver, delivery, streams, next)
  }
  let missing: Blame | undefined
  for (const stream of streams.values()) missing ??= judgeStream(world, stream)
  return missing
}

function keyOf(from: string, to: string, room: string): string {
  return `${from}\n${to}\n${room}`
}

function judgeDelivery(
  world: World,
  receiver: Participant,
  { at, message, text }: Delivery,
  streams: Streams,
  next: Map<string, number>,
): void {
  const from = stringOf(message, 'from') ?? ''
  const type = String(message['type'])
  const key = keyOf(from, receiver.peer, stringOf(message, 'room') ?? '')
  const stream = streams.get(key) ?? []
  const begin = next.get(key) ?? 0
  const isIt = (sent: Sent) => sent.deliveredAt === undefined && isSame(sent, message, text)
  const place = stream.findIndex((sent, index) => index >= begin && isIt(sent))
  const found = stream[place]
  if (found) {
    next.set(key, place + 1)
    found.deliveredAt = at
    const { ruling, outcome, reading } = found
    if (ruling?.refusedBy !== undefined)
      world.blame(
        ruling.refusedBy,
        `${indefinite(type)} that has to be refused not to be delivered`,
        'it was delivered',
      )
    // An error without ref may have been for another frame that may be refused, too.
    else if (outcome?.type === 'error' && outcome.ref !== undefined)
      world.blame(
        'outcomes.failure-told',
        `${indefinite(type)} that was refused (${String(outcome.message['code'])}) to have no effect`,
        `it was delivered all the same: ${clip(reading.text)}`,
      )
    return
  }
  const what = `${indefinite(type)} came`
  if (stream.some((sent, index) => index < begin && isIt(sent)))
    world.blame(
      'delivery.order',
      'messages of one sender in the order of sending',
      `${what} after one that was sent later`,
    )
  else if (stream.some((sent) => sent.deliveredAt !== undefined && isSame(sent, message, text)))
    world.blame('delivery.once', 'every message once', `${what} again`)
  else if (stream.some((sent) => sent.deliveredAt === undefined && isLike(sent, message)))
    world.blame(
      'relay.members',
      'every member with the value with which it was sent',
      `${what} changed: ${clip(JSON.stringify(message))}`,
    )
  else blameOrigin(world, receiver, message, text, streams)
}

/** What nobody has sent so may have been sent to somebody else, or by somebody else. */
function blameOrigin(
  world: World,
  { peer }: Participant,
  message: Wire,
  text: string,
  streams: Streams,
): void {
  const type = indefinite(String(message['type']))
  const origin = [...streams.values()].flat().find((sent) => isSame(sent, message, text))
  if (origin && origin.reading.message?.['to'] !== peer)
    world.blame(
      'delivery.addressee',
      'a relayed message to reach the peer named in to alone',
      `${type} came that was for another peer`,
    )
  else if (origin)
    world.blame('relay.from', 'the peer id of the sender in from', `${type} came with the peer id of another`)
  else
    world.blame(
      'delivery.only-sent',
      'only what the peer in from has sent to this receiver',
      `${type} came that it has not sent: ${clip(JSON.stringify(message))}`,
    )
}

/** Whether a delivered message is one that was sent: every member, and `from` beside. */
function isSame({ reading }: Sent, message: Wire, text: string): boolean {
  const { message: sent, scan } = reading
  if (!sent || !scan || sent['type'] !== message['type']) return false
  const { from: _from, ...members } = message
  const names = Object.keys(sent)
  if (names.length !== Object.keys(members).length) return false
  // Of a name that is there twice either value may have been taken; what is below may have lost its doubles.
  const isSure = (name: string) => !scan.twice.has(name) && !scan.twiceBelow
  if (
    !names.every(
      (name) => Object.hasOwn(members, name) && (!isSure(name) || areEqual(sent[name], members[name])),
    )
  )
    return false
  if (scan.twiceBelow)
    return ['to', 'room', 'call', 'id'].every((name) => areEqual(sent[name], members[name]))
  if (scan.twice.size > 0) return true
  return !scan.isBeyond || areSameNumbers(scan.numbers, scanJson(text).numbers)
}

/** A parser would make the same of a number and of what it was changed to. */
function areSameNumbers(sent: readonly string[], delivered: readonly string[]): boolean {
  const sorted = delivered.toSorted()
  return sent.toSorted().every((number, index) => number === sorted[index])
}

/** Whether a delivered message can only be this one, changed. */
function isLike({ reading }: Sent, message: Wire): boolean {
  return reading.type === message['type'] && reading.message?.['call'] === message['call']
}

function judgeStream(world: World, stream: readonly Sent[]): Blame | undefined {
  const [first] = stream
  const receiver = first && receiverOf(world, first)
  if (!receiver) return undefined
  const lastDelivered = stream.findLast(({ deliveredAt }) => deliveredAt !== undefined)
  const room = first.reading.room ?? ''
  for (const sent of stream) {
    const { deliveredAt, at, outcome, ruling, reading, by } = sent
    if (deliveredAt !== undefined || by.former.includes(sent)) continue
    const isAccepted =
      outcome?.type === 'ok' ||
      (outcome === undefined &&
        reading.id === undefined &&
        ruling?.mustBeAccepted === true &&
        !by.end &&
        by.fatal === undefined)
    if (!isAccepted) continue
    const what = `an accepted ${reading.type} to be delivered`
    const passedAt = lastDelivered && lastDelivered.at > at ? lastDelivered.deliveredAt : undefined
    if (passedAt !== undefined && world.isSurely(receiver, room, at, passedAt))
      world.blame(
        'delivery.no-gap',
        what,
        `${indefinite(lastDelivered?.reading.type ?? '')} that was sent later came first`,
      )
    if (receiver.isOpen && world.isSurely(receiver, room, at, world.now))
      return {
        requirement: 'relay.delivered',
        expected: what,
        actual: 'it did not come in time, while its receiver was there',
      }
  }
  return undefined
}

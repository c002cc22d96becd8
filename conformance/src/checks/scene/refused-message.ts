import type { KnownErrorCode } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { answering } from '../../engine/failure.ts'
import type { Endpoint, Sendable } from '../../endpoint/endpoint.ts'
import { stringOf, type Wire } from '../../endpoint/wire.ts'
import { answerTo, candidateTo, hangupTo, offerTo } from './negotiation-message.ts'

/** A message that a server refuses, while the connection goes on. */
export interface RefusedMessage {
  /** In words: `a leave of a room that the sender is not in`. */
  readonly what: string
  /** Without an `id`. */
  readonly message: Wire
  /** Every code that the specification permits here. */
  readonly codes: readonly KnownErrorCode[]
  /** Not valid by its schema. */
  readonly broken?: true
}

/**
 * Messages of a valid shape that a member of a room may not send at this moment.
 *
 * @param room - A room that the sender is in.
 */
export function refusedMessages(t: CheckContext, room: string): readonly RefusedMessage[] {
  const elsewhere = { room: t.room(), to: t.strangerId(), call: t.callId() }
  const stranger = { room, to: t.strangerId(), call: t.callId() }
  const inNoRoom = ['not-in-room'] as const
  return [
    {
      what: 'a leave of a room that the sender is not in',
      message: { type: 'leave', room: elsewhere.room },
      codes: inNoRoom,
    },
    {
      what: 'an update in a room that the sender is not in',
      message: { type: 'update', room: elsewhere.room, data: 0 },
      codes: inNoRoom,
    },
    {
      what: 'an offer in a room that the sender is not in',
      message: { ...offerTo(elsewhere) },
      codes: inNoRoom,
    },
    {
      what: 'an answer in a room that the sender is not in',
      message: { ...answerTo(elsewhere) },
      codes: inNoRoom,
    },
    {
      what: 'a candidate in a room that the sender is not in',
      message: { ...candidateTo(elsewhere) },
      codes: inNoRoom,
    },
    {
      what: 'a hangup in a room that the sender is not in',
      message: { ...hangupTo(elsewhere) },
      codes: inNoRoom,
    },
    { what: 'an offer to nobody in the room', message: { ...offerTo(stranger) }, codes: ['peer-not-found'] },
    {
      what: 'a hello after welcome',
      message: { type: 'hello', versions: [1] },
      codes: ['unexpected-message'],
    },
  ]
}

/** Messages that are not well formed, or of a type that nobody knows. */
export function brokenMessages(t: CheckContext, room: string, member: Endpoint): readonly RefusedMessage[] {
  const place = { room, to: member.peer, call: t.callId() }
  const bad = ['bad-message'] as const
  const messages: RefusedMessage[] = [
    { what: 'a join without room', message: { type: 'join' }, codes: bad },
    { what: 'an update without data', message: { type: 'update', room }, codes: bad },
    { what: 'an offer without sdp', message: { ...offerTo(place), sdp: undefined }, codes: bad },
    { what: 'a hangup whose call is a number', message: { ...hangupTo(place), call: 7 }, codes: bad },
    { what: 'an offer with a forged sender', message: { ...offerTo(place), from: member.peer }, codes: bad },
    {
      what: 'a message of an unknown type',
      message: { type: 'com.example.unheard-of' },
      codes: ['unsupported-type'],
    },
    { what: 'a welcome written by a client', message: { type: 'welcome' }, codes: ['unsupported-type'] },
  ]
  return messages.map((each) => ({ ...each, broken: true }))
}

/** Sends it with an `id`, which is returned. */
export function postRefused(a: Endpoint, { message, broken }: RefusedMessage): string {
  return broken ? a.sendBroken(message) : a.post(message as unknown as Sendable).id
}

/** Sends it without an `id` and waits for its error, whose code is returned. Until that has come nothing else is sent. */
export async function toldWithoutId(
  a: Endpoint,
  { message, codes, what, broken }: RefusedMessage,
): Promise<string> {
  const since = a.log.length
  if (broken) a.sendRaw(JSON.stringify(a.numbers?.number(message) ?? message))
  else a.send(message as unknown as Sendable)
  const expected = `${codes.join(' or ')} for ${what}, without id`
  const found = await answering(a.waitFor(({ message: { type } }) => type === 'error', expected, { since }))
  return stringOf(found.message, 'code') ?? 'no code'
}

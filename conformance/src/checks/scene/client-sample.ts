import { capabilityOf, messages, type ClientMessageType, type KnownErrorCode } from '@parley/schemas'
import type { CheckOptions } from '../../engine/check.ts'
import type { Sendable } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { answerTo, candidateTo, hangupTo, offerTo, type Place } from './negotiation-message.ts'

/** What the samples of a check stand in. */
export interface SampleSetting extends Place {
  /** Token of the client that sends them. */
  readonly token: string
}

/** Types of messages that a client says to the server about rooms, and may say again and again. */
export const roomTypes = ['join', 'update', 'leave'] as const

/** Every type that a client sends, those of capabilities included: see {@link optionsFor}. */
export const clientTypes: readonly ClientMessageType[] = messages.flatMap(({ type, direction }) =>
  direction === 'server' ? [] : [type],
)

/** Those of them that are Core's. */
export const coreTypes = clientTypes.filter((type) => capabilityOf(type) === undefined)

/** Options of a check of one type: one of a capability is judged where that is offered alone, by clients for which it is in force. */
export function optionsFor(type: ClientMessageType): CheckOptions {
  const capability = capabilityOf(type)
  return capability === undefined ? { name: type } : { name: type, capability }
}

/**
 * One valid message of a type, complete: with every member that the type may have, but for a `cursor`, which only the server can give. `data` has one byte, which every `limits.dataBytes`
 * has room for.
 */
export function sampleOf(type: ClientMessageType, setting: SampleSetting): Sendable {
  const { token, ...place } = setting
  const { room } = place
  const samples: { readonly [T in ClientMessageType]: Sendable & { readonly type: T } } = {
    hello: {
      type: 'hello',
      versions: [1],
      capabilities: { 'com.example.whiteboard': { depth: 2 } },
      replaces: 'nobody-has-this-secret-1234',
      agent: { name: 'conformance kit', version: '1' },
    },
    auth: { type: 'auth', method: 'token', token: token === '' ? 'no-token' : token },
    ping: { type: 'ping' },
    bye: { type: 'bye', reason: 'end of the check' },
    join: { type: 'join', room, data: 1 },
    leave: { type: 'leave', room },
    update: { type: 'update', room, data: 2 },
    offer: { ...offerTo(place), label: 'camera' },
    answer: answerTo(place),
    candidate: candidateTo(place),
    hangup: hangupTo(place),
    invite: {
      type: 'invite',
      call: place.call,
      callee: { peer: place.to },
      label: 'camera',
      data: 1,
      ringSeconds: 2,
    },
    ringing: { type: 'ringing', call: place.call },
    accept: { type: 'accept', call: place.call },
    reject: { type: 'reject', call: place.call, reason: 'declined' },
    cancel: { type: 'cancel', call: place.call, reason: 'normal' },
    'get-ice-servers': { type: 'get-ice-servers' },
    find: { type: 'find', kind: 'rooms', prefix: room, limit: 2 },
    watch: { type: 'watch', users: [room] },
    unwatch: { type: 'unwatch', users: [room] },
    ack: { type: 'ack', ack: 0 },
    resume: { type: 'resume', session: 'nobody-has-this-secret-1234', ack: 0 },
  }
  return samples[type]
}

/**
 * The forms in which one message of a type may come that no {@link sampleOf} shows: an `invite` also names a user, one that nobody is.
 *
 * @returns The sample itself, and each other form.
 */
export function formsOfSample(sample: Wire): readonly Wire[] {
  return sample['type'] === 'invite'
    ? [sample, { ...sample, callee: { user: 'nobody-is-this-user' } }]
    : [sample]
}

/** Whether a server may refuse a message of this type for a while, whatever it says: no sign of anything else. */
export function isForNow(type: ClientMessageType, code: unknown): boolean {
  return ordinaryErrorsOf(type).some((each) => each === code)
}

/**
 * Errors that a server may have for a {@link sampleOf} that it understands: it is too early, there is no call or search that it belongs to, or
 * nobody whom the server lets this client ring.
 */
export function ordinaryErrorsOf(type: ClientMessageType): readonly KnownErrorCode[] {
  if (type === 'join' || type === 'auth') return ['rate-limited']
  if (type === 'get-ice-servers') return ['ice-unavailable']
  if (type === 'find') return ['unknown-cursor', 'rate-limited']
  if (type === 'resume') return ['resume-failed']
  if (capabilityOf(type) !== 'calls') return []
  return type === 'invite' ? ['user-unavailable', 'rate-limited'] : ['call-not-found']
}

/** The type of a message's outcome when it is accepted; `undefined` for `bye`, which is answered by the end. */
export function outcomeTypeOf(type: ClientMessageType): string | undefined {
  if (type === 'bye') return undefined
  return messages.find((message) => message.type === type)?.reply ?? 'ok'
}

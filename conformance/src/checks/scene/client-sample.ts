import { capabilityOf, messages, type ClientMessageType } from '@parley/schemas'
import type { CheckOptions } from '../../engine/check.ts'
import type { Sendable } from '../../endpoint/endpoint.ts'
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
 * One valid message of a type, complete: with every member that the type may have. `data` has one byte, which every `limits.dataBytes`
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
    'get-ice-servers': { type: 'get-ice-servers' },
  }
  return samples[type]
}

/** Whether a server may refuse a message of this type for a while, whatever it says: no sign of anything else. */
export function isForNow(type: ClientMessageType, code: unknown): boolean {
  if (type === 'get-ice-servers') return code === 'ice-unavailable'
  return code === 'rate-limited' && (type === 'join' || type === 'auth')
}

/** The type of a message's outcome when it is accepted; `undefined` for `bye`, which is answered by the end. */
export function outcomeTypeOf(type: ClientMessageType): string | undefined {
  if (type === 'bye') return undefined
  return messages.find((message) => message.type === type)?.reply ?? 'ok'
}

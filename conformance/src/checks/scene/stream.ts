import type { ClientMessageOf } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { answerTo, candidateTo, hangupTo, offerTo, sampleSdp, type Place } from './negotiation-message.ts'

/** A relayed message of Core. */
export type Relayed = ClientMessageOf<'offer' | 'answer' | 'candidate' | 'hangup'>

/** The types that are relayed. */
export const relayedTypes = ['offer', 'answer', 'candidate', 'hangup'] as const

/** What a numbered message is like. */
export interface NumberedOptions {
  readonly type?: (typeof relayedTypes)[number]
  /** Characters that its content has at least; a hangup is always short. */
  readonly length?: number
}

/** A relayed message that can be told from others of its stream by a number in its content, from 1. */
export function numbered(
  place: Place,
  number: number,
  { type = 'candidate', length = 0 }: NumberedOptions = {},
): Relayed {
  const sdp = `${sampleSdp}${padding(length - sampleSdp.length)}`
  switch (type) {
    case 'offer':
      return offerTo(place, { negotiation: number, sdp })
    case 'answer':
      return answerTo(place, { negotiation: number, sdp })
    case 'candidate': {
      const candidate = `candidate:${String(number)} 1 udp 2122260223 192.0.2.7 ${String(1024 + number)} typ host`
      return candidateTo(place, {
        candidate: `${candidate}${length > candidate.length ? ` x ${'c'.repeat(length - candidate.length)}` : ''}`,
      })
    }
    case 'hangup':
      return hangupTo(place, `org.parley-test.n${String(number)}`)
  }
}

function padding(length: number): string {
  return length > 0 ? `a=x-padding:${'p'.repeat(length)}\r\n` : ''
}

/** The number of a message made by {@link numbered}; `undefined` for another. */
export function numberOf(message: Wire): number | undefined {
  const { type, negotiation, candidate, reason } = message as Wire & { candidate?: { candidate?: unknown } }
  if (type === 'offer' || type === 'answer') return typeof negotiation === 'number' ? negotiation : undefined
  const text = type === 'candidate' ? candidate?.candidate : reason
  const found = typeof text === 'string' ? /^(?:candidate:|org\.parley-test\.n)(\d+)/.exec(text) : null
  return found ? Number(found[1]) : undefined
}

/** What one sender sent to one receiver in one room. */
export interface Stream {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly room: string
  /** How many numbered messages were sent, numbered from 1. */
  readonly count: number
}

/** Sides of delivery that are judged one by one. */
export type Aspect = 'delivery.order' | 'delivery.once' | 'delivery.no-gap' | 'delivery.addressee'

/** Numbers of a stream as they arrived. */
export function arrivals(stream: Stream): number[] {
  return arrived(stream).map(({ number }) => number)
}

/** What has arrived of a stream, in order. */
function arrived({ from, to, room }: Stream): { readonly number: number; readonly text: string }[] {
  return to.log
    .filter(
      ({ message }) =>
        message['from'] === from.peer && message['room'] === room && (message['to'] ?? to.peer) === to.peer,
    )
    .flatMap(({ message, text }) => {
      const number = numberOf(message)
      return number === undefined ? [] : [{ number, text }]
    })
}

/** The frames in which messages with these numbers arrived. */
function textsOf(stream: Stream, ...numbers: readonly number[]): readonly string[] {
  return arrived(stream)
    .filter(({ number }) => numbers.includes(number))
    .map(({ text }) => text)
}

/** Judges one side of what has arrived of a stream, once a marker behind it has arrived. */
export function judgeStream(stream: Stream, aspect: Aspect): void {
  const { from, to, count } = stream
  const numbers = arrivals(stream)
  const path = `from ${from.name} to ${to.name}`
  if (aspect === 'delivery.once') {
    const twice = numbers.find((number, index) => numbers.indexOf(number) !== index)
    if (twice === undefined) return
    throw new CheckFailure(
      `each of ${String(count)} messages ${path} once`,
      `message ${String(twice)} came more than once`,
    ).shownBy(...textsOf(stream, twice))
  }
  if (aspect === 'delivery.no-gap') {
    const missing = missingOf(stream)
    if (missing.length === 0 || refusals(from) >= missing.length) return
    throw gapIn(stream, missing)
  }
  if (aspect === 'delivery.order') {
    const first = numbers.filter((number, index) => numbers.indexOf(number) === index)
    const early = first.find((number, index) => number < (first[index - 1] ?? 0))
    if (early === undefined) return
    const before = first[first.indexOf(early) - 1] ?? 0
    throw new CheckFailure(
      `messages ${path} in the order of sending`,
      `message ${String(early)} came after message ${String(before)}`,
    ).shownBy(...textsOf(stream, early, before))
  }
}

/** How many messages a sender was refused: those were not accepted, and whether that was right is not a matter of delivery. */
export function refusals(sender: Endpoint): number {
  return sender.all('error', ({ fatal }) => !fatal).length
}

/** Sends a marker behind each stream and waits for it. Where even that does not come, it is told what of the stream is missing. */
export async function settle(t: CheckContext, streams: readonly Stream[]): Promise<void> {
  await Promise.all(
    streams.map(async (stream) => {
      const { from, to, room } = stream
      try {
        await t.barrier(from, to, room)
      } catch (error) {
        if (!(error instanceof CheckFailure) || error instanceof ConnectionLost) throw error
        const missing = missingOf(stream)
        if (missing.length === 0 || refusals(from) > 0) throw error
        const failure = gapIn(stream, missing, ', nor did a hangup sent after all of them')
        throw Object.assign(failure, { presupposes: 'delivery.no-gap' } as const)
      }
    }),
  )
}

function missingOf(stream: Stream): readonly number[] {
  const numbers = arrivals(stream)
  return Array.from({ length: stream.count }, (_, index) => index + 1).filter(
    (number) => !numbers.includes(number),
  )
}

function gapIn({ from, to, count }: Stream, missing: readonly number[], more = ''): CheckFailure {
  const which = missing.slice(0, 5).join(', ')
  return new CheckFailure(
    `all of ${String(count)} messages from ${from.name} to ${to.name}`,
    `${String(missing.length)} did not come: ${which}${missing.length > 5 ? ' and so on' : ''}${more}`,
  )
}

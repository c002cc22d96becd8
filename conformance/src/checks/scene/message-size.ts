import type { ClientMessageType } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { answering, CheckFailure, ConnectionLost } from '../../engine/failure.ts'
import type { Endpoint, Sendable } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { isAnswer } from './answer.ts'
import { clientTypes, isForNow, optionsFor, outcomeTypeOf, roomTypes, sampleOf } from './client-sample.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { announcedLimit, seesLeave } from './membership.ts'
import { hangupTo, offerTo } from './negotiation-message.ts'
import { relayedTypes } from './stream.ts'
import { tokenIfNeeded } from './token.ts'
import { fragmentsOf } from './web-socket-frame.ts'

/** The limit on a message as announced; ends the check where looking costs too much. */
export function messageBytesOf(t: CheckContext, times: number): number {
  const limit = announcedLimit(t, 'messageBytes')
  if (limit === undefined) t.couldNotRun('welcome announces no usable limits.messageBytes (see frames.shape)')
  t.cost({ bytes: Math.ceil(limit * times) }, `Sending messages of ${String(limit)} bytes`)
  return limit
}

const pad = 'com.example.pad'

/**
 * A message of exactly so many bytes.
 *
 * @param filler - What it is filled with; the rest is made up with one-byte characters.
 */
export function paddedTo(bytes: number, message: Wire, filler = 'p'): string {
  const space = bytes - Buffer.byteLength(JSON.stringify({ ...message, [pad]: '' }))
  const size = Buffer.byteLength(filler)
  const text = filler.repeat(Math.floor(space / size)) + 'p'.repeat(space % size)
  return JSON.stringify({ ...message, [pad]: text })
}

/** A message of a type, from a member of a room to another. */
async function sampleFor(
  t: CheckContext,
  type: ClientMessageType,
  a: Endpoint,
  room: string,
  to: string,
): Promise<Sendable & Wire> {
  const token = type === 'auth' ? await tokenIfNeeded(t) : ''
  return { ...sampleOf(type, { room, to, call: t.callId(), token }), id: a.nextId() }
}

/** A message of a type and exactly the limit's size has its ordinary outcome, and arrives where it is relayed. */
async function acceptsSize(t: CheckContext, type: ClientMessageType): Promise<void> {
  if (type === 'auth' && !t.target.needsAuth) t.notApplicable('The server asks for no authentication')
  const limit = messageBytesOf(t, 1)
  if (type === 'hello') {
    const a = await t.open()
    a.sendText(paddedTo(limit, await sampleFor(t, type, a, t.room(), '')))
    await a.expect('welcome', undefined, `welcome for a hello of ${String(limit)} bytes`)
    return
  }
  const { room, a, b } = await t.pair()
  const message = await sampleFor(t, type, a, room, b.peer)
  a.sendText(paddedTo(limit, message))
  const what = `${indefinite(type)} of ${String(limit)} bytes, the announced limit`
  await expectOrdinary(a, type, String(message['id']), what)
  if (!relayedTypes.some((each) => each === type)) return
  await b.waitFor((frame) => frame.message['call'] === message['call'], `the delivery of ${what}`)
}

async function expectOrdinary(
  a: Endpoint,
  type: ClientMessageType,
  id: string,
  what: string,
  since = 0,
): Promise<void> {
  const expected = outcomeTypeOf(type)
  if (expected === undefined) {
    await a.expectEnd(`the end of the connection after ${what}`)
    return
  }
  const { message } = await a.waitFor(
    ({ message: { ref, type: answered } }) => ref === id || (answered === 'error' && ref === undefined),
    `${expected} for ${what}`,
    { since },
  )
  if (message['type'] === expected || message['code'] === 'rate-limited') return
  if (isForNow(type, message['code'])) return
  const actual =
    message['type'] === 'error' ? `the error ${String(message['code'])}` : String(message['type'])
  throw new CheckFailure(`${expected} for ${what}`, `the outcome was ${actual}`)
}

/** How a server dealt with a message above the limit. */
export type TooLarge = 'told' | 'ended'

/** Waits for `too-large` or the end of the connection, after a message above the limit. */
export async function expectTooLarge(a: Endpoint, since: number, what: string): Promise<TooLarge> {
  const expected = `too-large for ${what}, or the end of the connection`
  try {
    const { message } = await answering(a.waitFor(isAnswer, expected, { since }))
    if (message['code'] === 'too-large') return 'told'
    throw new CheckFailure(expected, `the answer was ${String(message['code'] ?? message['type'])}`)
  } catch (error) {
    if (error instanceof ConnectionLost) return 'ended'
    throw error
  }
}

/** Fails if something of a message above the limit has reached the other member. */
export async function expectUnseen(
  t: CheckContext,
  a: Endpoint,
  b: Endpoint,
  room: string,
  seen: (message: Wire) => boolean,
): Promise<void> {
  await settled(t, a, b, room)
  if (b.log.some(({ message }) => seen(message))) {
    throw new CheckFailure(
      'nobody to get anything of a message above limits.messageBytes',
      'it reached the other member',
    )
  }
}

/** Shows that whatever `a` has sent has reached `b`: by a marker, or by the news that `a` has gone. */
async function settled(t: CheckContext, a: Endpoint, b: Endpoint, room: string): Promise<void> {
  try {
    if (!a.end) {
      await t.barrier(a, b, room)
      return
    }
  } catch (error) {
    if (!(error instanceof CheckFailure) || !a.end) throw error
  }
  try {
    await seesLeave(b, room, a)
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error
    t.couldNotRun('No peer-left shows that all has been delivered (see rooms.lost)')
  }
}

/** Sends a message of a given text above the limit, which is refused and seen by nobody. */
async function refusesText(
  t: CheckContext,
  write: (message: Wire) => string,
  type: ClientMessageType,
  what: string,
): Promise<void> {
  const { room, a, b } = await t.pair()
  const message = await sampleFor(t, type, a, room, b.peer)
  const since = a.log.length
  a.sendRaw(write(message))
  await expectTooLarge(a, since, what)
  await expectUnseen(t, a, b, room, (seen) => seen['call'] === message['call'] && 'call' in message)
  if (type === 'update' || type === 'join')
    await expectUnseen(
      t,
      a,
      b,
      room,
      (seen) => (seen['member'] as Wire | undefined)?.['data'] === message['data'],
    )
}

/** The same message one byte shorter is accepted: what is refused is its size. */
async function controlOf(
  t: CheckContext,
  write: (message: Wire) => string,
  type: ClientMessageType,
  what: string,
): Promise<void> {
  const { room, a, b } = await t.pair()
  const message = await sampleFor(t, type, a, room, b.peer)
  a.sendText(write(message))
  await expectOrdinary(a, type, String(message['id']), what)
  if ('call' in message)
    await b.waitFor((frame) => frame.message['call'] === message['call'], `the delivery of ${what}`)
}

async function refusesSize(t: CheckContext, type: ClientMessageType): Promise<void> {
  const limit = messageBytesOf(t, 2)
  const above = `${indefinite(type)} of ${String(limit + 1)} bytes, one above the announced limit`
  await Promise.all([
    refusesText(t, (message) => paddedTo(limit + 1, message), type, above),
    controlOf(
      t,
      (message) => paddedTo(limit, message),
      type,
      `${indefinite(type)} of ${String(limit)} bytes`,
    ),
  ])
}

/** White space counts: it is the text as it was sent that has a size. */
async function refusesWhiteSpace(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 2)
  const spaced = (bytes: number) => (message: Wire) => {
    const text = JSON.stringify(message)
    return `{${' '.repeat(bytes - Buffer.byteLength(text))}${text.slice(1)}`
  }
  await Promise.all([
    refusesText(
      t,
      spaced(limit + 1),
      'hangup',
      `a hangup of ${String(limit + 1)} bytes, most of them white space`,
    ),
    controlOf(t, spaced(limit), 'hangup', `a hangup of ${String(limit)} bytes, most of them white space`),
  ])
}

/** A message far above the limit. */
async function refusesFarAbove(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 4)
  await refusesText(
    t,
    (message) => paddedTo(4 * limit, message),
    'offer',
    `an offer of ${String(4 * limit)} bytes`,
  )
}

/** All fragments together make the size of a message. */
async function refusesFragments(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 2)
  const { room, a, b } = await t.pair()
  const control = offerTo({ room, to: b.peer, call: t.callId() })
  const whole = paddedTo(limit, { ...control })
  a.sendFrames(fragmentsOf(whole, 3), whole)
  await b.expect(
    'offer',
    ({ call }) => call === control.call,
    `an offer of ${String(limit)} bytes in three fragments`,
  )
  const message = offerTo({ room, to: b.peer, call: t.callId() })
  const since = a.log.length
  const text = paddedTo(limit + 1, { ...message })
  a.sendFrames(fragmentsOf(text, 3), text)
  await expectTooLarge(a, since, `an offer of ${String(limit + 1)} bytes in three fragments`)
  await expectUnseen(t, a, b, room, ({ call }) => call === message.call)
}

/** Characters that take several bytes each. */
async function measuresBytes(t: CheckContext, filler: string): Promise<void> {
  const limit = messageBytesOf(t, 2)
  const bytes = String(Buffer.byteLength(filler))
  await Promise.all([
    refusesText(
      t,
      (message) => paddedTo(limit + 1, message, filler),
      'hangup',
      `a hangup of ${String(limit + 1)} bytes in characters of ${bytes} bytes`,
    ),
    controlOf(
      t,
      (message) => paddedTo(limit, message, filler),
      'hangup',
      `a hangup of ${String(limit)} bytes in characters of ${bytes} bytes`,
    ),
  ])
}

/** Escapes count as they are written: six bytes for a character. */
async function measuresEscapes(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 2)
  const escaped = (bytes: number) => (message: Wire) => {
    const space = bytes - Buffer.byteLength(JSON.stringify({ ...message, [pad]: '' }))
    const text = JSON.stringify({ ...message, [pad]: '' })
    return `${text.slice(0, -2)}${'\\u0041'.repeat(Math.floor(space / 6))}${'p'.repeat(space % 6)}"}`
  }
  await Promise.all([
    refusesText(t, escaped(limit + 1), 'hangup', `a hangup of ${String(limit + 1)} bytes in escapes`),
    controlOf(t, escaped(limit), 'hangup', `a hangup of ${String(limit)} bytes in escapes`),
  ])
}

/** After `too-large` on a connection that goes on, what follows is accepted. */
async function goesOnAfter(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 1)
  const { room, a, b } = await t.pair()
  const since = a.log.length
  a.sendRaw(paddedTo(limit + 1, { type: 'ping', id: a.nextId() }))
  const call = t.callId()
  a.send(hangupTo({ room, to: b.peer, call }))
  if ((await expectTooLarge(a, since, `a ping of ${String(limit + 1)} bytes`)) === 'ended') return
  try {
    await b.expect('hangup', (m) => m.call === call, 'a small message after too-large')
  } catch (error) {
    // It may end the connection all the same.
    if (!(error instanceof CheckFailure) || !a.end) throw error
  }
}

/** After `too-large` on a connection that goes on, the limit is what it was. */
async function acceptsSizeAfterLarger(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 2)
  const { room, a, b } = await t.pair()
  const since = a.log.length
  a.sendRaw(paddedTo(limit + 1, { type: 'ping', id: a.nextId() }))
  if ((await expectTooLarge(a, since, `a ping of ${String(limit + 1)} bytes`)) === 'ended') return
  const message = { ...hangupTo({ room, to: b.peer, call: t.callId() }), id: a.nextId() }
  const refused = a.log.length
  const what = `a hangup of ${String(limit)} bytes, the announced limit, after too-large`
  try {
    a.sendText(paddedTo(limit, message))
    await expectOrdinary(a, 'hangup', message.id, what, refused)
    await b.expect('hangup', ({ call }) => call === message.call, `the delivery of ${what}`)
  } catch (error) {
    // It may end the connection all the same.
    if (!(error instanceof CheckFailure) || !a.end) throw error
  }
}

/** Checks of `limits.messageBytes`. */
export const messageSizeChecks: readonly Check[] = [
  ...clientTypes.map((type) =>
    check(
      'limits.accept-size',
      `${indefinite(type)} of exactly limits.messageBytes`,
      (t) => acceptsSize(t, type),
      optionsFor(type),
    ),
  ),
  check(
    'limits.accept-size',
    'a hangup of exactly limits.messageBytes after a message that was larger',
    acceptsSizeAfterLarger,
    { name: 'after-larger', hostile: true },
  ),
  ...([...relayedTypes, ...roomTypes, 'ping'] as const).map((type) =>
    check(
      'limits.refuse-size',
      `${indefinite(type)} of one byte more than limits.messageBytes`,
      (t) => refusesSize(t, type),
      {
        name: type,
        hostile: true,
      },
    ),
  ),
  check('limits.refuse-size', 'white space counts', refusesWhiteSpace, {
    name: 'white-space',
    hostile: true,
  }),
  check('limits.refuse-size', 'four times limits.messageBytes', refusesFarAbove, {
    name: 'far-above',
    hostile: true,
  }),
  check('limits.refuse-size', 'fragments count together', refusesFragments, {
    name: 'fragments',
    hostile: true,
  }),
  check('limits.refuse-size', 'what follows a refused message', goesOnAfter, {
    name: 'following',
    hostile: true,
  }),
  check('limits.size-in-bytes', 'characters of two bytes', (t) => measuresBytes(t, 'é'), {
    name: 'two',
    hostile: true,
  }),
  check('limits.size-in-bytes', 'characters of three bytes', (t) => measuresBytes(t, '€'), {
    name: 'three',
    hostile: true,
  }),
  check('limits.size-in-bytes', 'characters of four bytes', (t) => measuresBytes(t, '😀'), {
    name: 'four',
    hostile: true,
  }),
  check('limits.size-in-bytes', 'escapes', measuresEscapes, { name: 'escapes', hostile: true }),
]

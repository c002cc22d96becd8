import type { Authenticated, ClientMessageType } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint, Sendable } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { ring } from '../calls/stage.ts'
import { expectAllRefused, inBursts, refusedMessage, type Refused } from '../scene/answer.ts'
import {
  clientTypes,
  formsOfSample,
  isForNow,
  optionsFor,
  ordinaryErrorsOf,
  outcomeTypeOf,
  sampleOf,
} from '../scene/client-sample.ts'
import { malformedMembers, type Malformed } from './malformed-member.ts'
import { tokenOf } from '../scene/token.ts'

/** A valid message of a type with all its members, from a member of a room to another. */
function sampleFrom(
  t: CheckContext,
  type: ClientMessageType,
  room: string,
  to: string,
  token = '',
): Sendable {
  return { ...sampleOf(type, { room, to, call: t.callId(), token }), id: 'x' }
}

/** Every code that applies to a malformed message of a client that is a member of its rooms, and a party of its call where it has one. */
function codesFor(
  t: CheckContext,
  type: ClientMessageType,
  { member, message }: Malformed,
  { call }: Setting,
): readonly string[] {
  const codes = ['bad-message']
  const isThere = member in message
  if (member === 'to' && isThere) codes.push('peer-not-found')
  if (member === 'room' && isThere && type !== 'join') codes.push('not-in-room')
  if (member === 'room' && isThere && hasGrants(t)) codes.push('forbidden')
  if (member !== 'call' && member !== 'callee' && call === undefined) codes.push(...ordinaryErrorsOf(type))
  return codes
}

function hasGrants(t: CheckContext): boolean {
  const authenticated: Partial<Authenticated> = t.target.users[0]?.authenticated ?? {}
  return authenticated.grants !== undefined
}

/** Every malformed form of a type is refused, while the connection, its memberships and the valid form go on. */
async function refusesMalformed(t: CheckContext, type: ClientMessageType): Promise<void> {
  const first = await settingFor(t, type)
  const base: Wire = sampleFrom(t, type, first.room, first.b.peer)
  await Promise.all(
    inBursts(malformedForms(t, type, base)).map(async (burst, place) => {
      const setting = place === 0 ? first : await settingFor(t, type)
      const framesIn = (where: Setting) =>
        burst.map((each) => {
          const moved = { ...each, message: moveTo(each, base, where) }
          return refusedForm(where.a, codesFor(t, type, moved, where), moved)
        })
      try {
        await expectAllRefused(setting.a, framesIn(setting))
      } catch (error) {
        await nameTheCause(error, type, async () => {
          const again = await settingFor(t, type)
          return { sender: again.a, frames: framesIn(again) }
        })
        throw error
      }
      const control = { ...base, ...placeIn(base, setting), id: setting.a.nextId() }
      await expectControl(setting.a, type, control as Sendable)
    }),
  )
}

/** A connection, and what it can send again. */
interface Again {
  readonly sender: Endpoint
  readonly frames: readonly Refused[]
}

/**
 * After a failure that may be about any of several frames: sends again, one by one, what no answer can name for want of a valid `id`, or
 * what an accepted `bye` leaves without an answer. Throws where one fails again: that failure is about this one.
 */
async function nameTheCause(
  error: unknown,
  type: ClientMessageType,
  start: () => Promise<Again>,
): Promise<void> {
  const endedByOne = error instanceof ConnectionLost && type === 'bye'
  if (!endedByOne && (error instanceof ConnectionLost || !(error instanceof CheckFailure))) return
  const { sender, frames } = await start()
  for (const frame of frames)
    if (endedByOne || frame.id === undefined) await expectAllRefused(sender, [frame])
}

interface Setting {
  readonly room: string
  readonly a: Endpoint
  readonly b: Endpoint
  /** A call that rings, of which the sender may say something; where the type is about one. */
  readonly call?: string
  /** An id for every other call. */
  readonly unused: string
}

/** Types that the party of a call says which rings: the caller, or the endpoint. */
const saidOfACall: ReadonlyMap<ClientMessageType, 'caller' | 'endpoint'> = new Map([
  ['ringing', 'endpoint'],
  ['accept', 'endpoint'],
  ['reject', 'endpoint'],
  ['cancel', 'caller'],
])

/** Two members of a room, and where the type is about a call one that rings: so that nothing but its shape is wrong with a message. */
async function settingFor(t: CheckContext, type: ClientMessageType): Promise<Setting> {
  const pair = { ...(await t.pair()), unused: t.callId() }
  const { a, b } = pair
  const party = saidOfACall.get(type)
  if (party === undefined) return pair
  try {
    return { ...pair, call: await (party === 'caller' ? ring(t, a, [b]) : ring(t, b, [a])) }
  } catch (error) {
    // A server that lets nobody invite has no call to speak of.
    if (error instanceof Undecided) return pair
    throw error
  }
}

/** The malformed forms of a sample, and those of its other forms where these differ from it. */
function malformedForms(t: CheckContext, type: ClientMessageType, base: Wire): readonly Malformed[] {
  const [first = base, ...others] = formsOfSample(base)
  const more = others.flatMap((other) =>
    malformedMembers(type, other, t.judge).filter(({ member }) => other[member] !== base[member]),
  )
  return [...malformedMembers(type, first, t.judge), ...more]
}

/** The members by which a message is about its setting. */
function placeIn(base: Wire, { room, b, call, unused }: Setting): Wire {
  return {
    ...('call' in base ? { call: call ?? unused } : {}),
    ...('room' in base ? { room } : {}),
    ...('to' in base ? { to: b.peer } : {}),
    ...('callee' in base ? { callee: { peer: b.peer } } : {}),
  }
}

/** The same malformed message in another setting; the malformed member itself stays. */
function moveTo({ member, message }: Malformed, base: Wire, setting: Setting): Wire {
  const { [member]: _malformed, ...place } = placeIn(base, setting)
  return { ...message, ...place }
}

function refusedForm(sender: Endpoint, codes: readonly string[], malformed: Malformed): Refused {
  return refusedMessage(sender, malformed.what, codes, withoutId(malformed))
}

/** The sample's own `id` stands for one that is drawn anew; a malformed one stays. */
function withoutId({ member, message }: Malformed): Malformed['message'] {
  if (member === 'id') return message
  const { id: _id, ...rest } = message
  return rest
}

/** The same message without a fault has its ordinary outcome. */
async function expectControl(sender: Endpoint, type: ClientMessageType, message: Sendable): Promise<void> {
  const expected = outcomeTypeOf(type)
  if (expected === undefined) {
    sender.send(message)
    await sender.expectEnd('the end of the connection after a valid bye')
    return
  }
  const outcome = await presupposing(
    expected === 'ok' ? 'outcomes.ok' : 'outcomes.typed-reply',
    sender.request(message),
  )
  if (outcome.type !== expected && !isForNow(type, outcome.code))
    throw unexpected(outcome, `${expected} for the valid ${type} that follows`)
}

/** Malformed forms of `hello` come before the welcome, where a fatal `hello-required` may be the answer as well. */
async function refusesMalformedHello(t: CheckContext): Promise<void> {
  const base: Wire = sampleFrom(t, 'hello', t.room(), t.strangerId())
  const codes = ({ member }: Malformed) => [
    'bad-message',
    'hello-required',
    ...(member === 'versions' ? ['unsupported-version'] : []),
  ]
  const newcomer = await refusesOrEnds(
    'hello',
    () => t.open(),
    malformedMembers('hello', base, t.judge),
    codes,
  )
  newcomer.send({ ...base, id: newcomer.nextId() } as Sendable)
  await newcomer.expect('welcome', undefined, 'welcome for the valid hello that follows')
}

/** Malformed forms of `auth`: where a token or method is malformed, `auth-failed` applies too, which is fatal the third time. */
async function refusesMalformedAuth(t: CheckContext): Promise<void> {
  if (!t.target.needsAuth) t.notApplicable('The server asks for no authentication')
  const base: Wire = sampleFrom(t, 'auth', t.room(), t.strangerId(), await tokenOf(t))
  const codes = ({ member, message }: Malformed) => [
    'bad-message',
    'rate-limited',
    ...((member === 'token' || member === 'method') && member in message ? ['auth-failed'] : []),
  ]
  const sender = await refusesOrEnds('auth', () => t.client(), malformedMembers('auth', base, t.judge), codes)
  const control = { ...base, token: await tokenOf(t), id: sender.nextId() }
  await expectControl(sender, 'auth', control as Sendable)
}

/**
 * Every malformed form of a type is refused, where a permitted refusal may be fatal: in one go, or one by one over several connections
 * where the server does use that right. Returns a connection that goes on.
 */
async function refusesOrEnds(
  type: ClientMessageType,
  open: () => Promise<Endpoint>,
  forms: readonly Malformed[],
  codes: (malformed: Malformed) => readonly string[],
): Promise<Endpoint> {
  let sender = await open()
  for (const [place, burst] of inBursts(forms).entries()) {
    if (place > 0) sender = await open()
    const frames = burst.map((each) => refusedForm(sender, codes(each), each))
    try {
      await expectAllRefused(sender, frames, { again: open, fresh: type === 'hello' })
      continue
    } catch (error) {
      await nameTheCause(error, type, async () => {
        const again = await open()
        return { sender: again, frames: burst.map((each) => refusedForm(again, codes(each), each)) }
      })
      if (!endedByRight(sender) || !(error instanceof ConnectionLost)) throw error
    }
    for (const each of burst) {
      if (sender.end) sender = await open()
      await expectAllRefused(sender, [refusedForm(sender, codes(each), each)])
      if (endedByRight(sender)) await sender.expectEnd('the end of the connection after a fatal error')
    }
  }
  return sender.end ? open() : sender
}

const fatalByRight: ReadonlySet<string> = new Set(['hello-required', 'unsupported-version', 'auth-failed'])

function endedByRight(endpoint: Endpoint): boolean {
  return endpoint.all('error', ({ fatal, code }) => fatal && fatalByRight.has(code)).length > 0
}

function run(t: CheckContext, type: ClientMessageType): Promise<void> {
  if (type === 'hello') return refusesMalformedHello(t)
  if (type === 'auth') return refusesMalformedAuth(t)
  return refusesMalformed(t, type)
}

/** Checks of spec/frames.md about the shape of every message that a client sends. */
export const shapeChecks: readonly Check[] = clientTypes.map((type) =>
  check(
    'frames.bad-shape',
    `each member of ${type} missing, of another kind, or beyond its bounds`,
    (t) => run(t, type),
    { ...optionsFor(type), hostile: true },
  ),
)

import { closeCodeOf, errorCodes, type KnownErrorCode } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost, expecting } from '../../engine/failure.ts'
import type { Endpoint, Received, Sendable } from '../../endpoint/endpoint.ts'
import { stringOf, type Wire } from '../../endpoint/wire.ts'
import { apart, clip } from '../../observer/clip.ts'
import { fatalCauses, type FatalCause } from './fatal-cause.ts'
import { offerTo } from '../scene/negotiation-message.ts'
import {
  brokenMessages,
  postRefused,
  refusedMessages,
  type RefusedMessage,
} from '../scene/refused-message.ts'
import { sideBySide, type Part } from '../scene/side-by-side.ts'
import { expectAccepted } from '../scene/refusal.ts'
import { authenticate, invalidToken } from '../scene/token.ts'

/** Everything that a member of a room can be refused, well formed or not. */
function refusals(t: CheckContext, room: string, member: Endpoint): readonly RefusedMessage[] {
  return [...refusedMessages(t, room), ...brokenMessages(t, room, member)]
}

/** Sends every refused message and hands each error to a judge. */
async function eachError(
  t: CheckContext,
  select: (t: CheckContext, room: string, member: Endpoint) => readonly RefusedMessage[],
  judge: (error: Wire, refused: RefusedMessage) => void,
): Promise<void> {
  const { room, a, b } = await t.pair()
  const posted = select(t, room, b).map((refused) => ({ refused, id: postRefused(a, refused) }))
  for (const { refused, id } of posted) {
    const { type, message } = await a.outcome(id)
    // Whether it is refused at all is for other checks to say.
    if (type === 'error') judge(message, refused)
  }
  if (a.all('error').length === 0) t.notObserved('The server refused nothing')
  await t.barrier(a, b, room)
}

/** What the error table has a code for is told by such a code. */
function ofTheTable({ code }: Wire, { what }: RefusedMessage): void {
  if (typeof code === 'string' && Object.hasOwn(errorCodes, code)) return
  throw new CheckFailure(
    `a code of the error table for ${what}`,
    `the code was ${clip(JSON.stringify(code))}`,
  )
}

function notFatal({ fatal, code }: Wire, { what }: RefusedMessage): void {
  if (fatal === false) return
  throw new CheckFailure(
    `fatal false in the ${String(code)} for ${what}`,
    `fatal was ${JSON.stringify(fatal)}`,
  )
}

const contextMembers = [
  ['of', 'type'],
  ['to', 'to'],
  ['call', 'call'],
  ['room', 'room'],
] as const

function sameContext(error: Wire, { message, what }: RefusedMessage): void {
  for (const [member, of] of contextMembers) {
    if (!(member in error) || error[member] === message[of]) continue
    const [had, has] = apart(message[of], error[member])
    const expected = `the member "${member}" of the error about ${what} as that message had it, ${had}`
    throw new CheckFailure(expected, `it was ${has}`)
  }
}

function wholeContext(error: Wire, { message, what }: RefusedMessage): void {
  const missing = contextMembers.filter(
    ([member, of]) => typeof message[of] === 'string' && !(member in error),
  )
  if (missing.length === 0) return
  const names = missing.map(([member]) => member).join(', ')
  throw new CheckFailure(
    `of, to, call and room, where the message had them, in the error about ${what}`,
    `it has no ${names}`,
  )
}

/** How many errors a cause brings: the third auth-failed is the fatal one. */
function errorsOf({ code }: FatalCause): number {
  return code === 'auth-failed' ? 3 : 1
}

/**
 * The error with which a cause ends a connection: a fatal one, or the one that should be. Which error it has to be is for other checks
 * to say: where none comes, there is nothing to look at.
 */
async function endingError(t: CheckContext, a: Endpoint, cause: FatalCause): Promise<Received> {
  const isCause = ({ message }: Received) => message['type'] === 'error' && message['code'] === cause.code
  const isLast = (frame: Received) =>
    a.log.filter((other) => other.index <= frame.index && isCause(other)).length >= errorsOf(cause)
  try {
    return await a.waitFor(
      (frame) =>
        (frame.message['type'] === 'error' && frame.message['fatal'] === true) ||
        (isCause(frame) && isLast(frame)),
      `the error ${cause.code} for ${cause.what}`,
    )
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error
    return t.notObserved(`No ${cause.code} came for ${cause.what}`)
  }
}

async function fatalFlag(t: CheckContext, cause: FatalCause): Promise<void> {
  const a = await cause.provoke(t)
  const { message } = await endingError(t, a, cause)
  if (message['fatal'] === true) return
  // auth-failed is fatal where the connection ends.
  const ends = errorCodes[cause.code].fatal === 'always' || (await a.endsInTime())
  if (!ends) t.couldNotRun(`The connection does not end after ${cause.what}`)
  throw new CheckFailure(
    `fatal true in the ${cause.code} for ${cause.what}`,
    `fatal was ${JSON.stringify(message['fatal'])}`,
  )
}

/** After the fatal error nothing comes, whatever else the client had sent meanwhile, and the connection ends. */
async function fatalEnds(t: CheckContext, cause: FatalCause): Promise<void> {
  const a = await cause.provoke(t)
  a.send({ type: 'ping' })
  a.post({ type: 'hello', versions: [1] })
  a.post({ type: 'ping' })
  const { index, message } = await endingError(t, a, cause)
  if (message['fatal'] !== true) t.notObserved(`No fatal error came for ${cause.what}`)
  a.post({ type: 'ping' })
  await a.expectEnd(`the end of the connection after the fatal error ${cause.code}`)
  const after = a.log.find((frame) => frame.index > index)
  if (after) throw new CheckFailure(`nothing after the fatal error ${cause.code}`, `${clip(after.text)} came`)
}

/** Where the connection ends, its reason came before. */
async function fatalFirst(t: CheckContext, cause: FatalCause): Promise<void> {
  const a = await cause.provoke(t)
  if (!(await a.endsInTime())) t.couldNotRun(`The connection does not end after ${cause.what}`)
  const told = a.all('error', ({ code }) => code === cause.code)
  if (told.length >= errorsOf(cause) || told.some(({ fatal }) => fatal)) return
  throw new ConnectionLost(
    `the error ${cause.code} before the end that follows ${cause.what}`,
    'the connection ended without it',
  )
}

async function closeCode(t: CheckContext, cause: FatalCause): Promise<void> {
  const a = await cause.provoke(t)
  if (!a.link.webSocket) t.notApplicable('The binding has no close codes')
  const { message } = await endingError(t, a, cause)
  if (!(await a.endsInTime())) t.couldNotRun(`The connection does not end after ${cause.what}`)
  const due = closeCodeOf((stringOf(message, 'code') ?? cause.code) as KnownErrorCode)
  const code = a.end?.code
  // An end without a close code is an end as well.
  if (code === undefined) t.notObserved(`The connection ended without a close code after ${cause.what}`)
  if (due === undefined || code === due) return
  throw new CheckFailure(
    `close code ${String(due)} with the fatal error ${cause.code}`,
    `the close code was ${String(code)}`,
  )
}

/** After errors of every kind the connection is what it was: same peer, still a member, and its messages arrive. */
async function goesOn(t: CheckContext, { room, a, b, mine }: Part): Promise<void> {
  for (const refused of mine(refusals(t, room, b))) {
    const id = postRefused(a, refused)
    await expecting(`an outcome of ${refused.what}, after which the connection goes on`, a.outcome(id))
    await expecting(`the connection to go on after ${refused.what}`, a.sync())
  }
  const call = t.callId()
  const what = 'an offer of a member of the room, sent after refused messages'
  await expectAccepted(a.post(offerTo({ room, to: b.peer, call })), 'ok', what)
  const { from } = await b.expect(
    'offer',
    (offer) => offer.call === call,
    'an offer sent after refused messages',
  )
  if (from !== a.peer)
    throw new CheckFailure('the same peer id after refused messages', `its offer came from ${clip(from)}`)
  // Another call: two offers that cross in one are not what is looked at.
  const back = t.callId()
  b.send(offerTo({ room, to: a.peer, call: back }))
  await a.expect('offer', (offer) => offer.call === back, 'an offer to a peer of which messages were refused')
  const left = b.all('peer-left')[0] ?? a.all('left')[0]
  if (left) throw new CheckFailure('memberships to go on after refused messages', `a ${left.type} came`)
}

/** Errors about `auth`: neither of the first two ends anything. */
async function goesOnAfterAuth(t: CheckContext): Promise<void> {
  if (t.target.welcome.auth.length === 0) t.notApplicable('welcome.auth is empty: nobody authenticates here')
  const a = await t.client({ anonymous: true })
  for (const which of ['first', 'second']) {
    const { message } = await authenticate(a, invalidToken(t))
    if (message['fatal'] === true) t.notObserved('auth-failed was fatal')
    await expecting(`the connection to go on after the ${which} auth-failed`, a.sync())
  }
}

async function authContext(t: CheckContext): Promise<void> {
  const a = await t.client({ anonymous: true })
  const message: Sendable = { type: 'auth', method: 'token', token: invalidToken(t) }
  const outcome = await a.request(message)
  if (outcome.type !== 'error') t.notObserved('The server refused nothing')
  const of = stringOf(outcome.message, 'of')
  if (of !== 'auth')
    throw new CheckFailure(
      'the member "of" of the error about auth, "auth"',
      of === undefined ? 'there is none' : `it was ${JSON.stringify(of)}`,
    )
}

function perCause(
  run: (t: CheckContext, cause: FatalCause) => Promise<void>,
  id: Parameters<typeof check>[0],
): Check[] {
  return fatalCauses.map((cause) =>
    check(id, `${cause.code} after ${cause.what}`, (t) => run(t, cause), { name: cause.code }),
  )
}

/** Checks of spec/outcomes.md, section Errors. */
export const errorChecks: readonly Check[] = [
  check('errors.code', 'codes of what is not allowed at this moment', (t) =>
    eachError(t, refusedMessages, ofTheTable),
  ),
  check('errors.code', 'codes of what is not well formed', (t) => eachError(t, brokenMessages, ofTheTable), {
    name: 'malformed',
    hostile: true,
  }),
  check('errors.fatal-flag', 'errors about single messages', (t) => eachError(t, refusedMessages, notFatal), {
    name: 'single',
  }),
  ...perCause(fatalFlag, 'errors.fatal-flag'),
  ...perCause(fatalEnds, 'errors.fatal-ends'),
  ...perCause(fatalFirst, 'errors.fatal-first'),
  check('errors.goes-on', 'errors of every kind', (t) => sideBySide(t, (part) => goesOn(t, part)), {
    hostile: true,
    lengthy: true,
  }),
  check('errors.goes-on', 'tokens that are not valid', goesOnAfterAuth, { name: 'auth' }),
  check('errors.context-equal', 'errors about single messages', (t) =>
    eachError(t, refusedMessages, sameContext),
  ),
  check(
    'errors.context-equal',
    'errors about messages that are not well formed',
    (t) => eachError(t, brokenMessages, sameContext),
    {
      name: 'malformed',
      hostile: true,
    },
  ),
  check('errors.context', 'errors about single messages', (t) => eachError(t, refusedMessages, wholeContext)),
  check(
    'errors.context',
    'errors about messages that are not well formed',
    (t) => eachError(t, brokenMessages, wholeContext),
    {
      name: 'malformed',
      hostile: true,
    },
  ),
  check('errors.context', 'errors about auth', authContext, { name: 'auth' }),
  ...perCause(closeCode, 'errors.close-code'),
]

import { subprotocol } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { ConnectError, type LinkEnd, type WebSocketFrame } from '../../transport/transport.ts'
import { sampleOf } from '../scene/client-sample.ts'
import { enter, seesJoin, seesLeave } from '../scene/membership.ts'
import { expectTooLarge, messageBytesOf, paddedTo } from '../scene/message-size.ts'
import { hangupTo, offerTo } from '../scene/negotiation-message.ts'
import { manyFragmentsCheck } from './many-fragments.ts'
import { pingChecks } from './ping.ts'
import { webSocketOf } from './web-socket-of.ts'
import {
  bytesOf,
  closePayload,
  fragmentsAt,
  fragmentsOf,
  frameOf,
  interleaved,
  opcodes,
} from '../scene/web-socket-frame.ts'

async function selectsSubprotocol(t: CheckContext, offered: readonly string[]): Promise<void> {
  const a = await t.client({ connect: { subprotocols: offered } }).catch(async (error: unknown) => {
    // Whoever refuses this offer while it takes others has not understood the list.
    const cause = error instanceof Undecided ? error.cause : undefined
    const isRefused = cause instanceof ConnectError && cause.problem !== 'timeout' && !cause.isForNow
    if (!isRefused || (await t.unreachable())) throw error
    throw new CheckFailure(`${subprotocol} selected of the offered ${offered.join(', ')}`, cause.message)
  })
  const { subprotocol: selected } = webSocketOf(t, a)
  if (selected !== subprotocol) {
    const actual = selected === '' ? 'it selected none' : `it selected ${JSON.stringify(selected)}`
    throw new CheckFailure(`${subprotocol} selected of the offered ${offered.join(', ')}`, actual)
  }
}

/** Without the subprotocol a client is refused, or goes on without one. */
async function toleratesNone(t: CheckContext): Promise<void> {
  let a: Endpoint
  try {
    a = await t.client({ connect: { subprotocols: [] } })
  } catch (error) {
    if (error instanceof Undecided && error.verdict === 'could-not-run') return
    throw error
  }
  const { subprotocol: selected } = webSocketOf(t, a)
  if (selected !== '')
    throw new CheckFailure(
      'no subprotocol selected where none is offered',
      `it selected ${JSON.stringify(selected)}`,
    )
}

/** A message in fragments does what it does in one piece. */
async function acceptsFragments(
  t: CheckContext,
  cut: (text: string) => readonly WebSocketFrame[],
): Promise<void> {
  const { room, a, b } = await t.pair()
  webSocketOf(t, a)
  for (const type of ['offer', 'candidate', 'hangup'] as const) {
    const call = t.callId()
    const text = JSON.stringify({
      ...sampleOf(type, { room, to: b.peer, call, token: '' }),
      'com.example.x': 'é€😀',
    })
    a.sendFrames(cut(text), text)
    const { message } = await b.waitFor(
      (frame) => frame.message['call'] === call,
      `${indefinite(type)} that was sent in fragments`,
    )
    const value = message['com.example.x']
    if (value !== undefined && value !== 'é€😀') {
      const expected = `${indefinite(type)} in fragments delivered like one in one piece`
      throw new CheckFailure(expected, `a member came as ${JSON.stringify(value)}`)
    }
  }
  const id = a.nextId()
  const ping = JSON.stringify({ type: 'ping', id })
  a.sendFrames(cut(ping), ping)
  await a.waitFor(({ message }) => message['ref'] === id, 'a pong for a ping that was sent in fragments')
}

/** `hello` and `join` in fragments. */
async function opensInFragments(t: CheckContext): Promise<void> {
  const a = await t.open()
  webSocketOf(t, a)
  const hello = JSON.stringify({ type: 'hello', versions: [1] })
  a.sendFrames(fragmentsOf(hello, 3), hello)
  await a.expect('welcome', undefined, 'welcome for a hello in three fragments')
}

const splitInCharacters = (text: string) => {
  const payload = bytesOf(text)
  const cuts = [...payload.keys()].filter((place) => ((payload[place] ?? 0) & 0xc0) === 0x80)
  return fragmentsAt(payload, cuts.length > 0 ? cuts : [1])
}

const pingBetween = frameOf(opcodes.ping, bytesOf('between'))
const pongBetween = frameOf(opcodes.pong, bytesOf('unasked'))

/** Sends frames that end the connection and are not acted on; returns how it ended. */
async function endsBy(
  t: CheckContext,
  frames: (message: string) => readonly WebSocketFrame[],
  what: string,
): Promise<LinkEnd> {
  const { room, a, b } = await t.pair()
  webSocketOf(t, a)
  const call = t.callId()
  a.sendFrames(frames(JSON.stringify(hangupTo({ room, to: b.peer, call }))), what)
  const end = await a.expectEnd(`the end of the connection after ${what}`)
  try {
    await seesLeave(b, room, a)
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error
    t.couldNotRun('No peer-left shows that all has been delivered (see rooms.lost)')
  }
  const [acted] = b.all('hangup', (m) => m.call === call)
  if (acted) throw new CheckFailure(`no effect of ${what}`, 'the message in it was delivered')
  return end
}

const asBinary = (text: string) => [frameOf(opcodes.binary, bytesOf(text))]

/** A binary message before anything else was said. */
async function endsBeforeHello(t: CheckContext): Promise<void> {
  const a = await t.open()
  webSocketOf(t, a)
  a.sendFrames(asBinary('{"type":"hello","versions":[1]}'), 'a binary message that holds a hello')
  await a.expectEnd('the end of the connection after a binary first message')
  const [welcome] = a.all('welcome')
  if (welcome)
    throw new CheckFailure('no effect of a binary message', 'the hello in it was answered with welcome')
}

/** Puts bytes into a string of a message, in the place of an `x`. */
function withBytes(text: string, bytes: readonly number[]): Uint8Array {
  const [before = '', after = ''] = text.replace(/}$/, ',"com.example.bytes":"<>"}').split('<>')
  return Uint8Array.from([...bytesOf(before), ...bytes, ...bytesOf(after)])
}

/** Bytes that are not UTF-8: RFC 3629, section 3. */
const invalidBytes = {
  'lone-continuation': [0x80],
  'cut-short': [0xe2, 0x82],
  overlong: [0xc0, 0xaf],
  'overlong-three': [0xe0, 0x80, 0xaf],
  surrogate: [0xed, 0xa0, 0x80],
  'beyond-unicode': [0xf4, 0x90, 0x80, 0x80],
  'no-lead': [0xff],
} as const

async function endsByInvalidBytes(t: CheckContext): Promise<void> {
  await Promise.all(
    Object.entries(invalidBytes).map(([what, bytes]) =>
      endsBy(
        t,
        (text) => [frameOf(opcodes.text, withBytes(text, bytes))],
        `a text message with bytes that are not UTF-8 (${what})`,
      ),
    ),
  )
}

async function endsByInvalidFragment(t: CheckContext): Promise<void> {
  await endsBy(
    t,
    (text) => {
      const payload = withBytes(text, [0xff])
      return fragmentsAt(payload, [4, payload.indexOf(0xff) - 3])
    },
    'a text message in fragments, the last of which is not UTF-8',
  )
}

/** The close code that a SHOULD asks for. */
function expectCode(end: LinkEnd, code: number, after: string): void {
  if (end.code === code) return
  // A code is judged only where a close frame brought one.
  if (end.code === undefined) {
    throw new Undecided('not-observed', `The connection ended without a close code after ${after}`)
  }
  throw new CheckFailure(`close code ${String(code)} after ${after}`, `it was ${String(end.code)}`)
}

/** There is no close code to look at where the connection goes on, which is for another check to judge. */
async function unlessOpen<T>(
  t: CheckContext,
  ending: () => Promise<T>,
  requirement: ServerRequirementId,
): Promise<T> {
  try {
    return await ending()
  } catch (error) {
    if (error instanceof CheckFailure)
      t.couldNotRun(`The server does not end the connection as it should (see ${requirement})`)
    throw error
  }
}

async function closesTooLarge(t: CheckContext): Promise<void> {
  const limit = messageBytesOf(t, 5)
  for (const bytes of [limit + 1, 4 * limit]) {
    const a = await t.client()
    const since = a.log.length
    a.sendRaw(paddedTo(bytes, { type: 'ping', id: a.nextId() }))
    const what = `a ping of ${String(bytes)} bytes`
    if ((await unlessOpen(t, () => expectTooLarge(a, since, what), 'limits.refuse-size')) === 'told') continue
    expectCode(await a.expectEnd(), 1009, `a message of ${String(bytes)} bytes`)
    return
  }
  t.notApplicable('The server answers too large messages and does not close for them')
}

/** A conversation goes on where no extension is offered. */
async function needsNoExtension(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const { extensions } = webSocketOf(t, a)
  if (extensions !== '')
    throw new CheckFailure('no extension where none is offered', `the server selected ${extensions}`)
  const sdp = 'v=0\r\n'.repeat(4000)
  const call = t.callId()
  a.send(offerTo({ room, to: b.peer, call }, { sdp }))
  await b.expect('offer', (m) => m.call === call, 'a large and repetitive offer, uncompressed')
}

/** A close frame is answered with one, and ends the connection without `bye`. */
async function answersClose(t: CheckContext, payload: Uint8Array, what: string): Promise<void> {
  const room = t.room()
  const [a, b] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, b, room)
  await enter(t, a, room)
  await seesJoin(b, room, a)
  webSocketOf(t, a)
  const call = t.callId()
  a.send(hangupTo({ room, to: b.peer, call }))
  a.sendFrames([frameOf(opcodes.close, payload)], what)
  const end = await a.expectEnd(`the end of the connection after ${what}`)
  if (!end.orderly)
    throw new CheckFailure(`a close frame in answer to ${what}`, 'the connection ended without one')
  const { reason } = await seesLeave(b, room, a)
  if (reason !== 'lost')
    throw new CheckFailure(`peer-left with reason lost: ${what} is no bye`, `the reason was ${reason}`)
}

const closings = {
  normal: closePayload(1000),
  'going-away': closePayload(1001, 'the page is left'),
  'no-code': new Uint8Array(),
  'of-the-application': closePayload(4000, 'é'),
}

async function closesAfterBye(t: CheckContext): Promise<void> {
  const a = await t.client()
  webSocketOf(t, a)
  a.send({ type: 'bye' })
  expectCode(await a.expectEnd('the end of the connection after bye'), 1000, 'bye')
}

/** Checks of spec/bindings/websocket.md. */
export const webSocketChecks: readonly Check[] = [
  check('websocket.subprotocol', 'offered alone', (t) => selectsSubprotocol(t, [subprotocol]), {
    name: 'alone',
  }),
  check(
    'websocket.subprotocol',
    'offered first',
    (t) => selectsSubprotocol(t, [subprotocol, 'chat', 'x.v2']),
    { name: 'first' },
  ),
  check(
    'websocket.subprotocol',
    'offered last',
    (t) => selectsSubprotocol(t, ['parley.v2', 'parley', 'chat', subprotocol]),
    {
      name: 'last',
    },
  ),
  check('websocket.no-subprotocol', 'a client that offers none', toleratesNone),
  manyFragmentsCheck,
  check(
    'websocket.fragments',
    'messages in three fragments',
    (t) => acceptsFragments(t, (text) => fragmentsOf(text, 3)),
    {
      name: 'three',
    },
  ),
  check(
    'websocket.fragments',
    'control frames between fragments',
    (t) =>
      acceptsFragments(t, (text) => interleaved(interleaved(fragmentsOf(text, 4), pingBetween), pongBetween)),
    {
      name: 'control',
    },
  ),
  check(
    'websocket.fragments',
    'fragments that end within a character',
    (t) => acceptsFragments(t, splitInCharacters),
    {
      name: 'characters',
    },
  ),
  check(
    'websocket.fragments',
    'many fragments, empty ones among them',
    (t) =>
      acceptsFragments(t, (text) =>
        fragmentsAt(bytesOf(text), [0, 0, ...Array.from({ length: 30 }, (_, place) => place)]),
      ),
    {
      name: 'many',
    },
  ),
  check('websocket.fragments', 'hello in fragments', opensInFragments, { name: 'hello' }),
  ...pingChecks,
  check(
    'websocket.binary',
    'a binary message',
    async (t) => {
      await endsBy(t, asBinary, 'a binary message')
    },
    { hostile: true },
  ),
  check(
    'websocket.binary',
    'a binary message in fragments',
    async (t) => {
      await endsBy(
        t,
        (text) => fragmentsAt(bytesOf(text), [5, 9], opcodes.binary),
        'a binary message in fragments',
      )
    },
    { name: 'fragments', hostile: true },
  ),
  check(
    'websocket.binary',
    'an empty binary message',
    async (t) => {
      await endsBy(t, () => asBinary(''), 'an empty binary message')
    },
    { name: 'empty', hostile: true },
  ),
  check('websocket.binary', 'a binary first message', endsBeforeHello, {
    name: 'before-hello',
    hostile: true,
  }),
  check(
    'websocket.binary-code',
    'the close code after a binary message',
    async (t) => {
      const what = 'a binary message'
      expectCode(await unlessOpen(t, () => endsBy(t, asBinary, what), 'websocket.binary'), 1003, what)
    },
    { hostile: true },
  ),
  check('websocket.utf8', 'text messages that are not UTF-8', endsByInvalidBytes, { hostile: true }),
  check('websocket.utf8', 'a later fragment that is not UTF-8', endsByInvalidFragment, {
    name: 'fragments',
    hostile: true,
  }),
  check(
    'websocket.utf8-code',
    'the close code after a text message that is not UTF-8',
    async (t) => {
      const what = 'a text message that is not UTF-8'
      const notUtf8 = (text: string) => [frameOf(opcodes.text, withBytes(text, [0xff]))]
      expectCode(await unlessOpen(t, () => endsBy(t, notUtf8, what), 'websocket.utf8'), 1007, what)
    },
    { hostile: true },
  ),
  check(
    'websocket.too-large-code',
    'the close code after a message above limits.messageBytes',
    closesTooLarge,
    { hostile: true },
  ),
  check('websocket.no-compression', 'a client without extensions', needsNoExtension),
  ...Object.entries(closings).map(([name, payload]) =>
    check(
      'websocket.close',
      `a close frame (${name})`,
      (t) => answersClose(t, payload, `a close frame (${name})`),
      { name, hostile: true },
    ),
  ),
  check('websocket.bye-code', 'the close code after bye', closesAfterBye),
]

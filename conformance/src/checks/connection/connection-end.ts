import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { WebSocketFrame } from '../../transport/transport.ts'
import { takenBack } from '../scene/departure.ts'
import { announcedLimit, enter, leaveRoom, placesFor, seesLeave } from '../scene/membership.ts'
import { candidateTo, offerTo } from '../scene/negotiation-message.ts'
import { invalidToken, requireAuth } from '../scene/token.ts'
import { bytesOf, closePayload, frameOf, opcodes } from '../scene/web-socket-frame.ts'

/** Sends `bye` and waits for the orderly end. */
async function saysBye(
  a: Endpoint,
  message: { readonly reason?: string; readonly id?: string } = {},
): Promise<void> {
  const since = a.log.length
  a.send({ type: 'bye', ...message })
  const bytes = Buffer.byteLength(message.reason ?? '')
  const expected = `the orderly end of the connection after bye${bytes > 123 ? ` with a reason of ${String(bytes)} bytes` : ''}`
  const end = await a.expectEnd(expected)
  if (!end.orderly) throw new CheckFailure(expected, 'the transport was cut without a close frame')
  const answer = a.log.find(
    ({ index, message: { ref, type } }) => index >= since && (ref !== undefined || type === 'error'),
  )
  if (!answer) return
  throw new CheckFailure(
    'the end of the connection as the only answer to bye',
    `${String(answer.message['type'])} came`,
  )
}

async function byeKeepsEarlier(t: CheckContext): Promise<void> {
  const { room, a, b } = await t.pair()
  const other = t.room()
  const place = { room, to: b.peer, call: t.callId() }
  a.send({ type: 'update', room, data: 7 })
  a.send(offerTo(place))
  for (let index = 0; index < 5; index += 1) a.send(candidateTo(place, { sdpMLineIndex: index }))
  await saysBye(a, { id: 'farewell' })
  await b.expect(
    'peer-updated',
    ({ member }) => member.peer === a.peer && member.data === 7,
    'the update before bye',
  )
  const left = await seesLeave(b, room, a)
  const came =
    b.all('candidate', ({ call }) => call === place.call).length +
    b.all('offer', ({ call }) => call === place.call).length
  if (came !== 6)
    throw new CheckFailure('all 6 relayed messages sent before bye', `${String(came)} came before peer-left`)
  if (left.reason !== 'bye')
    throw new CheckFailure('peer-left with reason bye', `its reason is ${left.reason}`)
  // What came last before bye may be a join: it counts, too.
  const late = await t.client()
  await leaveRoom(b, room)
  await t.join(other, b)
  late.send({ type: 'join', room: other })
  await saysBye(late)
  await b.expect(
    'peer-joined',
    ({ member }) => member.peer === late.peer,
    'peer-joined for a join right before bye',
  )
  await seesLeave(b, other, late)
}

/** Ends a member's connection in one way, and sees the others of all its rooms told. */
async function noticed(
  t: CheckContext,
  reason: string,
  end: (a: Endpoint) => void | Promise<void>,
): Promise<void> {
  const { room, a, b } = await t.pair()
  const rooms = [room]
  for (let more = 1; more < Math.min(3, announcedLimit(t, 'roomsPerPeer') ?? 3); more += 1) {
    const another = t.room()
    await t.join(another, a, b)
    rooms.push(another)
  }
  await end(a)
  for (const each of rooms) {
    const left = await seesLeave(b, each, a)
    if (left.reason !== reason)
      throw new CheckFailure(`peer-left with reason ${reason}`, `its reason is ${left.reason}`)
  }
}

/** Ends of a connection that can follow a message at once. */
const abruptEnds = {
  'a close frame': [frameOf(opcodes.close, closePayload(1000))],
  'a binary message': [frameOf(opcodes.binary, bytesOf('{"type":"ping"}'))],
}

/** How browsers end a connection: by `close()` without a code, and when the page is left. */
const pageEnds = {
  'closed-without-code': { what: 'a close frame without a code', payload: new Uint8Array() },
  'closed-by-page': { what: 'a close frame with 1001', payload: closePayload(1001) },
} as const

/** A connection ends right behind a join, which may still be under way then. */
async function endsBehindJoin(
  t: CheckContext,
  what: string,
  frames: readonly WebSocketFrame[],
): Promise<void> {
  placesFor(t, 3, 3)
  const room = t.room()
  const b = await t.client()
  await enter(t, b, room)
  const a = await t.client()
  if (!a.link.webSocket) t.notApplicable('The target speaks another binding than WebSocket')
  a.send({ type: 'join', room })
  a.sendFrames(frames, what)
  await a.expectEnd(`the end of the connection after a join and ${what}`)
  await takenBack(t, { room, witness: b, gone: a }, `a connection that has ended with a join and ${what}`)
}

/** Waits for the end that others judge, and this check only needs. */
async function endsFor(t: CheckContext, a: Endpoint, what: string): Promise<void> {
  if (await a.endsInTime()) return
  if (a.all('error', ({ code }) => code === 'rate-limited').length > 0)
    throw new Undecided('inconclusive', 'The server takes auth less often than the kit sends it')
  t.couldNotRun(`The connection does not end after ${what}`)
}

/** What ends a connection, said right before a join. */
const lastWords = {
  'behind-bye': {
    what: 'bye',
    say: (_t: CheckContext, a: Endpoint) => {
      a.send({ type: 'bye' })
    },
  },
  'behind-failures': {
    what: 'three refused tokens',
    say: (t: CheckContext, a: Endpoint) => {
      requireAuth(t)
      for (const attempt of ['1', '2', '3'])
        a.send({ type: 'auth', method: 'token', token: `${invalidToken(t)}${attempt}` })
    },
  },
} as const

/** A join comes right behind what ends its connection, in one piece with it: nobody is left in the room. */
async function joinsBehind(
  t: CheckContext,
  { what, say }: (typeof lastWords)[keyof typeof lastWords],
): Promise<void> {
  placesFor(t, 3, 3)
  const room = t.room()
  const [a, witness] = (await t.clients(2)) as [Endpoint, Endpoint]
  await enter(t, witness, room)
  say(t, a)
  a.send({ type: 'join', room })
  await endsFor(t, a, what)
  await takenBack(t, { room, witness, gone: a }, `a connection that has ended with ${what} and a join`)
}

/** Checks of spec/connection.md, section The end. */
export const endChecks: readonly Check[] = [
  check('connection.bye', 'bye is answered with the orderly end', async (t) => {
    await saysBye(await t.client(), { id: 'farewell', reason: 'page closed' })
    await saysBye(await t.client())
    // More than the 123 bytes that a WebSocket close frame has room for (RFC 6455, section 5.5).
    for (const reason of ['a'.repeat(200), '😀'.repeat(60)]) await saysBye(await t.client(), { reason })
  }),
  check(
    'connection.bye',
    'bye before authentication',
    async (t) => {
      await saysBye(await t.client({ anonymous: true }), { id: 'farewell' })
    },
    { name: 'anonymous' },
  ),
  check('connection.bye', 'what came before bye keeps its effect', byeKeepsEarlier, { name: 'keeps-effect' }),

  check(
    'connection.end-noticed',
    'a client says bye',
    (t) =>
      noticed(t, 'bye', (a) => {
        a.send({ type: 'bye' })
      }),
    { name: 'bye' },
  ),
  check(
    'connection.end-noticed',
    'a client closes without bye',
    (t) =>
      noticed(t, 'lost', (a) => {
        a.close()
      }),
    { name: 'closed' },
  ),
  ...Object.entries(pageEnds).map(([name, { what, payload }]) =>
    check(
      'connection.end-noticed',
      `a client sends ${what}`,
      (t) =>
        noticed(t, 'lost', async (a) => {
          if (!a.link.webSocket) t.notApplicable('The target speaks another binding than WebSocket')
          a.sendFrames([frameOf(opcodes.close, payload)], what)
          await a.expectEnd(`the end of the connection after ${what}`)
        }),
      { name, hostile: true },
    ),
  ),
  check(
    'connection.end-noticed',
    'a connection is cut',
    (t) =>
      noticed(t, 'lost', (a) => {
        a.link.abort()
      }),
    { name: 'cut' },
  ),
  check(
    'connection.end-noticed',
    'the server ends the connection for three refused tokens',
    (t) => {
      requireAuth(t)
      return noticed(t, 'lost', async (a) => {
        for (const attempt of ['1', '2', '3'])
          a.send({ type: 'auth', method: 'token', token: `${invalidToken(t)}${attempt}` })
        await endsFor(t, a, 'three refused tokens')
      })
    },
    { name: 'refused' },
  ),
  ...Object.entries(lastWords).map(([name, words]) =>
    check('connection.end-noticed', `a join right behind ${words.what}`, (t) => joinsBehind(t, words), {
      name,
    }),
  ),
  ...Object.entries(abruptEnds).map(([what, frames]) =>
    check(
      'connection.end-noticed',
      `a connection ends with a join and ${what}`,
      (t) => endsBehindJoin(t, what, frames),
      { name: what === 'a close frame' ? 'closed-behind-join' : 'binary-behind-join', hostile: true },
    ),
  ),
]

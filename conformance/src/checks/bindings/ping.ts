import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { bytesOf, fragmentsOf } from '../scene/web-socket-frame.ts'
import { webSocketOf } from './web-socket-of.ts'

/**
 * Waits for the pong of a ping; silence is proved by a later message that is answered.
 *
 * @param options - `where` the ping stands, in words, and what `send` writes around it.
 */
async function expectPong(
  t: CheckContext,
  a: Endpoint,
  payload: Uint8Array,
  { where = '', send = (ping: () => Promise<void>) => ping() } = {},
): Promise<void> {
  let came = false
  const pong = send(() => webSocketOf(t, a).ping(payload))
  void pong.then(() => (came = true))
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, t.dueMs, 'late' as const)
  })
  const first = await Promise.race([pong, late])
  clearTimeout(timer)
  if (first !== 'late') return
  const there = await a.overtime(() => came)
  const expected = `a pong with the payload of ${String(payload.length)} bytes of a WebSocket ping${where}`
  if (a.end) throw new CheckFailure(expected, 'the connection ended first')
  if (a.peer !== '') await a.sync()
  // What was late has come by now, if it comes at all: a server or a kit that was held up is no fault.
  if (came as boolean) return
  // Who has not said hello can ask nothing else: only a server that welcomes others meanwhile shows that it is the pong that is missing.
  if (!there)
    throw new Undecided('inconclusive', `The server welcomes nobody while the kit waits for ${expected}`)
  throw new CheckFailure(expected, 'none came, while the connection goes on')
}

const pingPayloads = [
  bytesOf(''),
  bytesOf('x'),
  bytesOf('é€😀'),
  Uint8Array.of(0, 0xff, 0xfe, 0x80),
  Uint8Array.from({ length: 125 }, (_, place) => place),
]

/** A ping may stand between the fragments of a message: RFC 6455, section 5.4. */
async function answersAmidFragments(t: CheckContext): Promise<void> {
  const a = await t.client()
  const link = webSocketOf(t, a)
  const id = a.nextId()
  const message = JSON.stringify({ type: 'ping', id })
  const fragments = fragmentsOf(message, 2)
  await expectPong(t, a, bytesOf('amid'), {
    where: ' between the fragments of a message',
    send: async (ping) => {
      a.sendFrames(fragments.slice(0, 1), message)
      await a.drained()
      const pong = ping()
      for (const fragment of fragments.slice(1)) link.writeFrame(fragment)
      await pong
    },
  })
  const isAnswered = a.waitFor(({ message: { ref } }) => ref === id, 'a pong for a ping in fragments')
  await presupposing('websocket.fragments', isAnswered)
}

/** Checks of pings of the binding. */
export const pingChecks: readonly Check[] = [
  check('websocket.ping', 'payloads of several lengths', async (t) => {
    const a = await t.client()
    for (const payload of pingPayloads) await expectPong(t, a, payload)
  }),
  check('websocket.ping', 'before hello', async (t) => expectPong(t, await t.open(), bytesOf('early')), {
    name: 'before-hello',
  }),
  check('websocket.ping', 'between the fragments of a message', answersAmidFragments, { name: 'amid' }),
]

import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { fragmentsOf } from '../scene/web-socket-frame.ts'

/** As many as the smallest burst has room for, where a server counts each as a message. */
const count = 80

async function acceptsMany(t: CheckContext): Promise<void> {
  const a = await t.client()
  if (a.link.webSocket === undefined) t.notApplicable('The target speaks another binding than WebSocket')
  const id = a.nextId()
  const ping = JSON.stringify({ type: 'ping', id, 'com.example.x': 'x'.repeat(120) })
  a.sendFrames(fragmentsOf(ping, count), ping)
  await a.waitFor(
    ({ message }) => message['ref'] === id,
    `a pong for a ping that was sent in ${String(count)} fragments`,
  )
}

/** A message in many small fragments. */
export const manyFragmentsCheck: Check = check(
  'websocket.fragments',
  'a message in 80 fragments',
  acceptsMany,
  { name: 'eighty' },
)

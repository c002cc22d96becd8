import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { announcedRate } from '../../endpoint/announced-rate.ts'
import { fragmentsOf } from '../scene/web-socket-frame.ts'

/** As many as a server has to take. */
const most = 1000

/** As many as the smallest burst has room for, where a server counts each as a message. */
const fewest = 80

/** How many fragments a server takes in one go, even where it counts each as a message. */
function countFor(t: CheckContext): number {
  const rate = announcedRate(t.target.welcome.limits)
  return rate === undefined ? most : Math.max(fewest, Math.min(most, rate.burst - 20))
}

async function acceptsMany(t: CheckContext): Promise<void> {
  const a = await t.client()
  if (a.link.webSocket === undefined) t.notApplicable('The target speaks another binding than WebSocket')
  const count = countFor(t)
  const id = a.nextId()
  const ping = JSON.stringify({ type: 'ping', id, 'com.example.x': 'x'.repeat(2 * most) })
  a.sendFrames(fragmentsOf(ping, count), ping)
  await a.waitFor(
    ({ message }) => message['ref'] === id,
    `a pong for a ping that was sent in ${String(count)} fragments`,
  )
}

/** A message in many small fragments. */
export const manyFragmentsCheck: Check = check(
  'websocket.fragments',
  'a message in many small fragments',
  acceptsMany,
  { name: 'small' },
)

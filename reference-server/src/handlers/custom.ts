import type { Custom } from '@parley/schemas'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import { stampFrom } from '../frame.ts'
import { permits } from '../permission.ts'
import { accept, refuse } from '../reply.ts'
import type { RoomMember } from '../room.ts'
import type { Services } from '../services.ts'

/**
 * Carries a message of an application, whatever its type, to one other member of the room or to all. Looks at `room` and `to`, and at nothing
 * else: custom.unread.
 */
export function handleCustom(
  message: Custom,
  client: Client,
  { directory, router }: Pick<Services, 'directory' | 'router'>,
  frame: Buffer,
): Awaitable<void> {
  const { room, to } = message
  return whenReady(directory.others(room, client.peer), (others) => {
    if (others === undefined) {
      refuse(client, message, 'not-in-room', `Cannot send in room "${room}": not a member`) // custom.not-in-room
      return
    }
    if (!permits(client.grants, 'send', room)) {
      refuse(client, message, 'forbidden', `Cannot send in room "${room}": no right to send`) // custom.forbidden
      return
    }
    const receivers = to === undefined ? others.filter(hasCustom) : others.filter(({ peer }) => peer === to)
    if (to !== undefined && receivers.length === 0) {
      // custom.peer-not-found: one answer, whoever the receiver is
      refuse(client, message, 'peer-not-found', `The receiver is not another member of room "${room}"`)
      return
    }
    if (!receivers.every(hasCustom)) {
      refuse(client, message, 'peer-unsupported', 'The receiver has not asked for custom') // capabilities.peer-unsupported
      return
    }
    const stamped = stampFrom(frame, client.stamp)
    // custom.one, custom.all, custom.order: the way of every other message
    const waits = receivers.flatMap(({ peer }) => router.deliver(peer, stamped) ?? [])
    return whenReady(waits.length === 0 ? undefined : Promise.all(waits), () => {
      accept(client, message)
    })
  })
}

function hasCustom({ custom }: RoomMember): boolean {
  return custom === true
}

import { refusalIn, type EventOf } from '@parley/schemas'
import type { Client } from './client.ts'
import { refuse, type Subject } from './reply.ts'

/** Events of the machine `membership` of the specification that come to nothing outside a room. */
type OutsideEvent = Extract<EventOf<'membership'>, 'update' | 'leave' | 'relay'>

/**
 * Refuses a message that names a room which its sender is not in, as the machine `membership` says (rooms.states).
 *
 * @param text - Why, for people.
 */
export function refuseOutside(client: Client, message: Subject, event: OutsideEvent, text: string): void {
  const refusal = refusalIn('membership', 'outside', event)
  if (refusal === undefined) throw new Error(`The machine membership does not refuse "${event}" outside`)
  refuse(client, message, refusal.code, text)
}

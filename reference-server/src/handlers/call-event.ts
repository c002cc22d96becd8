import type { Accept, Cancel, Invite, KnownErrorCode, PeerId, Reject, Ringing } from '@parley/schemas'
import type { PartyEvent } from '../calls/call.ts'
import type { CallResult } from '../calls/registry.ts'
import { tell } from '../calls/telling.ts'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import type { Handler } from '../handler.ts'
import { accept, refuse } from '../reply.ts'
import type { Services } from '../services.ts'

const texts: Partial<Record<KnownErrorCode, string>> = {
  'user-unavailable': 'nobody can be rung', // ring.no-oracle: one text for every cause
  'call-exists': 'the call id is in use',
  'call-ended': 'the call is over for this endpoint',
  'call-not-found': 'this endpoint has no part in such a call',
  'call-state': 'the call does not stand so',
  'peer-not-found': 'the receiver is not the other party of the call',
  forbidden: 'this peer has as many calls as it may',
  'rate-limited': 'too many calls of this peer have just ended',
}

/** Why something cannot be said in a call, for people. */
export function callRefusalText(type: string, code: KnownErrorCode): string {
  return `Cannot take this ${type}: ${texts[code] ?? code}`
}

/** Tells the sender what its message has come to, and then the others: ring.outcome-first. */
export function concluder(
  message: Invite | Ringing | Accept | Reject | Cancel,
  client: Client,
  { router }: Services,
): (result: CallResult) => Awaitable<void> {
  return (result) => {
    if (result.kind === 'refused') {
      const { code, retryAfterMs } = result
      refuse(client, message, code, callRefusalText(message.type, code), retryAfterMs)
      return
    }
    accept(client, message)
    return tell(router, result.tellings)
  }
}

/** Takes what a party says of a call. */
export const handleCallEvent: Handler<'ringing' | 'accept' | 'reject' | 'cancel'> = (
  message,
  client,
  services,
) => {
  return whenReady(
    services.calls.act(message.call, eventOf(message, client.peer)),
    concluder(message, client, services),
  )
}

function eventOf(message: Ringing | Accept | Reject | Cancel, by: PeerId): PartyEvent {
  switch (message.type) {
    case 'reject':
      return { kind: message.type, by, reason: message.reason }
    case 'cancel':
      return { kind: message.type, by, reason: message.reason }
    case 'ringing':
    case 'accept':
      return { kind: message.type, by }
  }
}

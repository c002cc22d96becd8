import type { ServerRequirementId } from '@parley/conformance'

/** Requirements that fail along with another one, each with the reason. */
type Consequences = Readonly<Partial<Record<ServerRequirementId, string>>>

/** Where relayed messages are altered: checks that send some of their own, and look at all that arrives. */
const altered: Consequences = {
  'relay.delivered': 'what arrives is not what was sent',
  'relay.no-call-state': 'what arrives is not what was sent',
  'relay.unread': 'what arrives is not what was sent',
}

/**
 * What may fail where a requirement is broken, whatever the fault is: what only some faults of a requirement bring along stands at the
 * mutant.
 */
const general: Readonly<Partial<Record<ServerRequirementId, Consequences>>> = {
  'delivery.no-gap': {
    'relay.delivered': 'a valid message is not delivered',
    'delivery.sender-gone': 'it counts what has come of who has gone',
    'delivery.slow-receiver': 'what is lost is lost to a slow reader as well',
    'delivery.rate': 'it counts what has come of many messages',
    'connection.back-to-back': 'its check looks at what is delivered of messages in one go',
    'frames.nesting-deeper': 'its check waits for a refusal or a delivery',
    'rooms.left-last': 'what was accepted does not come before peer-left either',
  },
  'relay.opaque-sdp': { ...altered, 'relay.members': 'what arrives is not what was sent' },
  'relay.members': altered,
  'rooms.update': { 'rooms.revision': 'what is not told is missing in the count' },
  'rooms.peer-joined': { 'rooms.revision': 'what is not told is missing in the count' },
  'rooms.known-first': { 'rooms.revision': 'what is not told is missing in the count' },
  'rooms.leave': { 'rooms.revision': 'what is not told is missing in the count' },
  'rooms.left-once': { 'rooms.revision': 'what is not told is missing in the count' },
}

/** What may fail along with a requirement. */
export function generalConsequences(requirement: string): Consequences {
  return new Map<string, Consequences>(Object.entries(general)).get(requirement) ?? {}
}

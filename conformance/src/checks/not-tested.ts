import type { ServerRequirementId } from '../generated/requirement.ts'

const noChecksOfCalls = 'A debt: the kit has no checks of calls as yet.'

/** Server requirements that no check can judge from outside, each with the reason. */
export const notTested: Readonly<Partial<Record<ServerRequirementId, string>>> = {
  'auth.not-logged': "A server's logs are not seen from outside: its operator has to look, or its own tests.",
  'auth.unsupported':
    'A freedom: the checks of auth.failed accept both answers where welcome.auth is empty, and none is judged for its choice.',
  'errors.any-that-applies':
    'A freedom: the checks accept every error that applies, and no server is judged for which one it takes.',
  'ring.accept': noChecksOfCalls,
  'ring.busy': noChecksOfCalls,
  'ring.caller': noChecksOfCalls,
  'ring.caller-lost': noChecksOfCalls,
  'ring.calls-per-peer': noChecksOfCalls,
  'ring.cancel': noChecksOfCalls,
  'ring.carried': noChecksOfCalls,
  'ring.crossed': noChecksOfCalls,
  'ring.data': noChecksOfCalls,
  'ring.decline': noChecksOfCalls,
  'ring.ended': noChecksOfCalls,
  'ring.endpoint-lost': noChecksOfCalls,
  'ring.exists': noChecksOfCalls,
  'ring.glare': noChecksOfCalls,
  'ring.hidden': noChecksOfCalls,
  'ring.invited': noChecksOfCalls,
  'ring.last': noChecksOfCalls,
  'ring.members': noChecksOfCalls,
  'ring.no-oracle': noChecksOfCalls,
  'ring.no-timing': noChecksOfCalls,
  'ring.not-found': noChecksOfCalls,
  'ring.only-endpoints': noChecksOfCalls,
  'ring.outcome-first': noChecksOfCalls,
  'ring.rate': noChecksOfCalls,
  'ring.reused': noChecksOfCalls,
  'ring.ringing': noChecksOfCalls,
  'ring.state': noChecksOfCalls,
  'ring.timeout': noChecksOfCalls,
  'ring.unavailable': noChecksOfCalls,
  'talk.apart-from-rooms': noChecksOfCalls,
  'talk.as-in-a-room': noChecksOfCalls,
  'talk.delivered': noChecksOfCalls,
  'talk.hangup': noChecksOfCalls,
  'talk.lost': noChecksOfCalls,
  'talk.peer-not-found': noChecksOfCalls,
  'talk.refresh': noChecksOfCalls,
  'rooms.unasked-left':
    'A freedom, and nothing outside makes a server take it: what it says to the others can be seen only when it does.',
}

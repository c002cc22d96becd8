import type { CheckResult, ServerRequirementId } from '@parley/conformance'

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
  'rooms.update': {
    'rooms.rejoin-data': 'the data of a second join is told in the same way',
    'rooms.revision': 'what is not told is missing in the count',
  },
  'rooms.peer-joined': {
    'rooms.known-first': 'who was not announced is heard all the same',
    'rooms.left-once': 'a peer-left about one who was not announced is one too many',
    'rooms.revision': 'what is not told is missing in the count',
  },
  'rooms.known-first': { 'rooms.revision': 'what is not told is missing in the count' },
  'rooms.leave': {
    'rooms.left-once': 'what is not told is not told once',
    'rooms.revision': 'what is not told is missing in the count',
  },
  'rooms.left-once': { 'rooms.revision': 'what is not told is missing in the count' },
  'resume.meanwhile': {
    'resume.again': 'what was refused while the session waited is not sent again',
    'resume.buffer': 'what was refused while the session waited is missing in the buffer',
    'resume.failure-keeps': 'what was refused while the session waited is not kept',
  },
  'ring.caller-lost': { 'ring.calls-per-peer': 'a call that rings on keeps its place' },
  'ring.ended': { 'ring.crossed': 'what comes too late meets a call that has ended' },
  'watch.revision': {
    'watch.only-watched': 'its check looks at the revision with which a watch begins',
    'watch.ends': 'its check looks at the revision with which a watch goes on',
  },
  'ack.beyond': { 'ack.old': 'both compare an ack with those before it' },
  'frames.forged-ref': {
    'frames.shape': 'what is delivered with a forged ref keeps no schema',
    'outcomes.no-ref': 'what is delivered with a forged ref answers nothing',
  },
  'frames.dollar-name': { 'frames.shape': 'what is delivered with such a name keeps no schema' },
  'seq.unnumbered': {
    'frames.shape': 'the schemas of connection messages know no seq',
    'seq.numbered': 'a number that another message has taken is missing',
  },
  'outcomes.ref': {
    'seq.numbered': 'whether an outcome is of an ack, and so unnumbered, is told by its ref',
  },
  'resume.failure-keeps': { 'ack.true': 'a number that a refused resume has taken is acknowledged' },
  'custom.order': { 'custom.unread': 'its check waits for what is lost' },
}

/** What [talk.as-in-a-room] asks for in calls, too. */
const alsoInCalls: ReadonlySet<string> = new Set([
  'relay.members',
  'relay.from',
  'relay.opaque-sdp',
  'relay.no-call-state',
  'relay.unread',
  'delivery.order',
  'delivery.once',
  'delivery.only-sent',
  'delivery.no-gap',
  'delivery.addressee',
  'delivery.in-time',
] satisfies ServerRequirementId[])

const inCalls: Consequences = {
  'talk.as-in-a-room': 'a call is carried as a room is',
  'talk.delivered': 'a call is carried as a room is',
}

/** What may fail along with a requirement. */
export function generalConsequences(requirement: string): Consequences {
  const own = new Map<string, Consequences>(Object.entries(general)).get(requirement) ?? {}
  return alsoInCalls.has(requirement) ? { ...inCalls, ...own } : own
}

/** Failures of whichever requirement that go along with a fault, told by what they look like. */
export interface Aftermath {
  /** What they look like and why, in words. */
  readonly what: string
  readonly fits: (failure: CheckResult) => boolean
}

/** A check that waits for the answer to a message waits in vain, and says so. */
const unanswered: Aftermath = {
  what: 'any check that waits for the answer which does not come',
  fits: ({ actual }) => actual?.startsWith('nothing of the kind came') === true,
}

const aftermaths: Readonly<Partial<Record<ServerRequirementId, Aftermath>>> = {
  'outcomes.exactly-one': unanswered,
  'outcomes.failure-told': unanswered,
  'outcomes.in-time': unanswered,
}

/** What may fail along with a requirement wherever it shows; `undefined` where nothing of the kind does. */
export function aftermathOf(requirement: string): Aftermath | undefined {
  return new Map<string, Aftermath>(Object.entries(aftermaths)).get(requirement)
}

import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint, Sendable } from '../../endpoint/endpoint.ts'
import { candidateTo, hangupTo } from '../scene/negotiation-message.ts'
import { answerTo, type Answer, type Play, type Plays } from './walk.ts'

/** A call in a walk: two clients that have a part in it, and one that has none. */
export interface CallStage {
  readonly t: CheckContext
  readonly call: string
  /** Keeps it apart from the other calls of the walk, which would cross it. */
  readonly label: string
  readonly caller: Endpoint
  readonly endpoint: Endpoint
  readonly stranger: Endpoint
  /** When it was begun, as `performance.now()` counts: a call neither rings nor is remembered for ever. */
  readonly begunAt: number
}

type Role = 'caller' | 'endpoint' | 'stranger'

function said(role: Role, message: (call: string) => Sendable): Play<CallStage> {
  return { play: (stage) => answerTo(stage[role], message(stage.call)) }
}

const ringing = (call: string): Sendable => ({ type: 'ringing', call })
const accept = (call: string): Sendable => ({ type: 'accept', call })
const decline = (call: string): Sendable => ({ type: 'reject', call, reason: 'declined' })
const busy = (call: string): Sendable => ({ type: 'reject', call, reason: 'busy' })
const cancel = (call: string): Sendable => ({ type: 'cancel', call, reason: 'normal' })

function relay(from: Role, to: Role | 'nobody', make: typeof hangupTo | typeof candidateTo): Play<CallStage> {
  const play = (stage: CallStage): Promise<Answer> => {
    const peer = to === 'nobody' ? stage.t.strangerId() : stage[to].peer
    const { room: _room, ...message } = make({ room: '', to: peer, call: stage.call })
    return answerTo(stage[from], message)
  }
  return { play }
}

const deafUser = 'Needs a user with several devices, which checks of its own have.'
const lost = 'A connection of its own ends then, which checks of its own look at.'
const timed = 'Takes a time that the specification gives, which checks of its own wait for.'

function invite({ caller, call, label }: CallStage, peer: string): Promise<Answer> {
  return answerTo(caller, { type: 'invite', call, label, callee: { peer } })
}

/** How a walk brings about what the machine `call` has. */
export const callPlays: Plays<'call', CallStage> = {
  invite: {
    always: {
      play: async (stage) => {
        const answer = await invite(stage, stage.endpoint.peer)
        // ring.members is a SHOULD: whom a server lets invite is up to its operator.
        if (answer === 'error:user-unavailable')
          stage.t.notObserved('The server lets no member of a room ring another one')
        return answer
      },
    },
    nobody: { play: (stage) => invite(stage, stage.t.strangerId()) },
    tooMany: 'Needs callsPerPeer calls at a time, which a check of its own has.',
  },
  other: { always: said('endpoint', accept) },
  'endpoint.ringing': { always: said('endpoint', ringing) },
  'endpoint.accept': { always: said('endpoint', accept) },
  'endpoint.decline': { always: said('endpoint', decline) },
  'endpoint.busy': { last: said('endpoint', busy), always: deafUser },
  'endpoint.cancel': { always: said('endpoint', cancel) },
  'endpoint.relay': { always: relay('endpoint', 'caller', candidateTo) },
  'endpoint.hangup': { always: relay('endpoint', 'caller', hangupTo) },
  'endpoint.lost': { last: lost, always: deafUser },
  'caller.cancel': { always: said('caller', cancel) },
  'caller.ringing': { always: said('caller', ringing) },
  'caller.accept': { always: said('caller', accept) },
  'caller.reject': { always: said('caller', decline) },
  'caller.relay': {
    always: relay('caller', 'endpoint', candidateTo),
    notOther: relay('caller', 'nobody', candidateTo),
  },
  'caller.hangup': {
    always: relay('caller', 'endpoint', hangupTo),
    notOther: relay('caller', 'nobody', hangupTo),
  },
  'caller.lost': { always: lost },
  'callee.relay': {
    always: relay('endpoint', 'caller', candidateTo),
    notOther: relay('endpoint', 'stranger', candidateTo),
  },
  'callee.hangup': {
    always: relay('endpoint', 'caller', hangupTo),
    notOther: relay('endpoint', 'stranger', hangupTo),
  },
  'callee.ringing': { always: said('endpoint', ringing) },
  'callee.accept': { always: said('endpoint', accept) },
  'callee.decline': { always: said('endpoint', decline) },
  'callee.busy': { always: said('endpoint', busy) },
  'callee.cancel': { always: said('endpoint', cancel) },
  'callee.lost': { always: lost },
  stranger: { always: said('stranger', accept) },
  out: { always: deafUser },
  party: { always: said('endpoint', ringing) },
  timeout: { always: timed },
  glare: { always: 'Needs a call that crosses it, which checks of its own make.' },
  forgotten: { always: timed },
}

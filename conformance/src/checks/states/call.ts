import type { Callee } from '@parley/schemas'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import type { Endpoint, Sendable } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { expectTimeout, shortRing, type Patient } from '../calls/answering.ts'
import { callsPerPeer, hearEnd } from '../calls/stage.ts'
import { candidateTo, hangupTo } from '../scene/negotiation-message.ts'
import { answerTo, type Answer, type Play, type Plays } from './walk.ts'

/** A call in a walk: one who calls, the endpoints that it rings, and a client that has no part in it. */
export interface CallStage {
  readonly t: CheckContext
  readonly call: string
  /** The id of a call that crosses it and stays: lower than its own. */
  readonly crossing: string
  /** Keeps it apart from the other calls of the walk, which would cross it. */
  readonly label: string
  readonly caller: Endpoint
  readonly callee: Callee
  /** The endpoints that ring, or will. */
  ringing: readonly Endpoint[]
  /** The endpoints that rang and ring no more. */
  out: readonly Endpoint[]
  /** The endpoint that has taken it. */
  taker: Endpoint | undefined
  readonly stranger: Endpoint
  /** Whether its invite has been accepted. */
  isBegun: boolean
  /** When it was begun, as `performance.now()` counts: a call neither rings nor is remembered for ever. */
  begunAt: number
  /** What is noted of one that rings for {@link shortRing}; `undefined` of one that rings as long as it may. */
  readonly short: ShortCall | undefined
  /** The clients of the walk that were cut off. */
  readonly gone: Set<Endpoint>
}

/** A call whose time is waited for. */
export interface ShortCall {
  /** When its invite was sent, as `performance.now()` counts. */
  sentAt: number
  readonly caller: Patient
  readonly endpoints: readonly Patient[]
  /** Whether its end is waited for, or has been. */
  isAwaited: boolean
}

type Role = 'caller' | 'endpoint' | 'callee' | 'stranger' | 'out' | 'party'

/** Clients that a walk cuts off at most: for each of them another one connects. */
const mostLost = 4

/** The clients that have a part in a call, and are there. */
function whoIs(role: Role, { caller, ringing, taker, out, stranger, gone }: CallStage): readonly Endpoint[] {
  const parts: Readonly<Record<Role, readonly (Endpoint | undefined)[]>> = {
    caller: [caller],
    endpoint: ringing,
    callee: [taker],
    stranger: [stranger],
    out,
    party: [caller, taker, ...ringing, ...out],
  }
  return parts[role].filter((one) => one !== undefined && !gone.has(one)) as Endpoint[]
}

/** One of the clients that have a part in a call, by chance. */
function oneOf(role: Role, stage: CallStage): Endpoint | undefined {
  const all = whoIs(role, stage)
  return all[stage.t.random.integer(Math.max(1, all.length))]
}

/** A play of whoever has a part in the call, and is there. */
function by(
  role: Role,
  play: (stage: CallStage, who: Endpoint) => Promise<Answer>,
  when: (stage: CallStage) => boolean = () => true,
): Play<CallStage> {
  return {
    when: (stage) => whoIs(role, stage).length > 0 && when(stage),
    play: async (stage) => {
      const who = oneOf(role, stage)
      return who && (await play(stage, who))
    },
  }
}

function said(role: Role, ...messages: readonly ((call: string) => Sendable)[]): Play<CallStage> {
  return by(role, (stage, who) => {
    const message = messages[stage.t.random.integer(messages.length)] ?? ringing
    return answerTo(who, message(stage.call))
  })
}

const ringing = (call: string): Sendable => ({ type: 'ringing', call })
const accept = (call: string): Sendable => ({ type: 'accept', call })
const decline = (call: string): Sendable => ({ type: 'reject', call, reason: 'declined' })
const busy = (call: string): Sendable => ({ type: 'reject', call, reason: 'busy' })
const cancel = (call: string): Sendable => ({ type: 'cancel', call, reason: 'normal' })

/** A relay to the other party, or to somebody who is none. */
function relay(
  from: Role,
  to: 'other' | 'nobody',
  make: typeof hangupTo | typeof candidateTo,
): Play<CallStage> {
  return by(from, (stage, who) => {
    const { t, caller, taker, stranger, call } = stage
    const other = who === caller ? (taker ?? oneOf('endpoint', stage)) : caller
    const nobody = who === caller ? (oneOf('out', stage)?.peer ?? t.strangerId()) : stranger.peer
    const peer = to === 'nobody' || other === undefined ? nobody : other.peer
    const { room: _room, ...message } = make({ room: '', to: peer, call })
    return answerTo(who, message)
  })
}

async function invite(stage: CallStage, callee: Callee): Promise<Answer> {
  const { caller, call, label, short } = stage
  if (short === undefined) return answerTo(caller, { type: 'invite', call, label, callee })
  short.sentAt = performance.now()
  const retries = caller.retried.size
  const answer = await answerTo(caller, { type: 'invite', call, label, callee, ringSeconds: shortRing })
  // One that was sent again began to ring later than is noted.
  if (caller.retried.size > retries) stage.begunAt = -Infinity
  return answer
}

/** The first invite, and another one with the same id, which names one of the endpoints. */
const inviting: Play<CallStage> = {
  when: (stage) => !stage.isBegun || (whoIs('caller', stage).length > 0 && othersOf(stage).length > 0),
  play: async (stage) => {
    const { t, caller, call, label } = stage
    if (stage.isBegun) {
      const peer = othersOf(stage)[0]?.peer ?? ''
      return answerTo(caller, { type: 'invite', call, label, callee: { peer } })
    }
    const answer = await invite(stage, stage.callee)
    // ring.members is a SHOULD: whom a server lets invite is up to its operator.
    if (answer === 'error:user-unavailable')
      t.notObserved('The server lets no member of a room ring another one')
    stage.isBegun = answer === 'ok'
    return answer
  },
}

function othersOf(stage: CallStage): readonly Endpoint[] {
  return whoIs('party', stage).filter((party) => party !== stage.caller)
}

/** ring.accept: whoever else rang is told before it goes on. */
async function take(stage: CallStage, who: Endpoint): Promise<Answer> {
  const answer = await answerTo(who, accept(stage.call))
  if (answer !== 'ok') return answer
  const others = stage.ringing.filter((one) => one !== who)
  Object.assign(stage, { taker: who, out: [...stage.out, ...others], ringing: [] })
  for (const other of others)
    await hearEnd(other, 'cancel', stage.call, 'answered-elsewhere', 'where another endpoint accepts')
  return answer
}

/** ring.busy */
async function leave(stage: CallStage, who: Endpoint): Promise<Answer> {
  const answer = await answerTo(who, busy(stage.call))
  if (answer === 'ok') letGo(stage, who)
  return answer
}

function letGo(stage: CallStage, who: Endpoint): void {
  stage.ringing = stage.ringing.filter((one) => one !== who)
  stage.out = [...stage.out, who]
}

/** Whether another client may be cut off; one that was cut off already is lost for every call of the walk. */
function mayLose({ gone, caller, ringing, taker }: CallStage): boolean {
  return gone.size < mostLost || [caller, taker, ...ringing].some((one) => one !== undefined && gone.has(one))
}

function cutOff({ gone }: CallStage, who: Endpoint): void {
  if (gone.has(who)) return
  gone.add(who)
  who.link.abort()
}

/** A party is cut off, and what the others are told of it is waited for. */
function lost(
  choose: (stage: CallStage) => Endpoint | undefined,
  hear: (stage: CallStage, who: Endpoint) => Promise<unknown>,
  when: (stage: CallStage) => boolean = () => true,
): Play<CallStage> {
  return {
    when: (stage) => mayLose(stage) && choose(stage) !== undefined && when(stage),
    play: async (stage) => {
      const who = choose(stage)
      if (who === undefined) return undefined
      cutOff(stage, who)
      await hear(stage, who)
      return undefined
    },
  }
}

/** An endpoint that rings; one that is gone first. */
function losable({ ringing, gone, t }: CallStage): Endpoint | undefined {
  return (
    ringing.find((one) => gone.has(one)) ??
    (ringing.length > 1 ? ringing[t.random.integer(ringing.length)] : ringing[0])
  )
}

/** talk.lost, ring.caller-lost */
async function hearLostCaller({ call, ringing, taker }: CallStage): Promise<void> {
  const when = 'where the caller was cut off'
  if (taker) await hearEnd(taker, 'call-ended', call, 'lost', when)
  else for (const one of ringing) await hearEnd(one, 'cancel', call, 'lost', when)
}

/** ring.endpoint-lost: nobody is told of the call; that the server has noticed it shows in the room. */
async function hearLostEndpoint(stage: CallStage, who: Endpoint): Promise<void> {
  letGo(stage, who)
  const [other] = stage.ringing
  await other?.expect('peer-left', ({ peer }) => peer === who.peer, `peer-left about ${who.peer}`)
  await other?.sync()
}

/** ring.glare: the call that crosses it stays, and is given up. */
async function cross(stage: CallStage, who: Endpoint): Promise<Answer> {
  const { t, caller, call, crossing, label, ringing } = stage
  const message = { type: 'invite', call: crossing, label, callee: { peer: caller.peer } } as const
  const outcome = await requestInTime(who, message)
  if (outcome.code === 'user-unavailable')
    t.notObserved('The server lets a member of a room ring another one, which may not ring back')
  if (outcome.type !== 'ok') throw unexpected(outcome, 'ok for the invite of a call that crosses another one')
  await hearEnd(caller, 'reject', call, 'glare', 'whose call crosses one with a lower id')
  for (const one of ringing)
    await hearEnd(one, 'cancel', call, 'glare', 'where a call with a lower id crosses')
  await answerTo(who, cancel(crossing))
  return undefined
}

const alone = ({ ringing }: CallStage): boolean => ringing.length === 1
/** Where another one was cut off, the server may still take it for an endpoint: what it does for rooms and for calls need not be done at one moment. */
const surelyAlone = ({ ringing, out, gone }: CallStage): boolean =>
  ringing.length === 1 && !out.some((one) => gone.has(one))
const beside = ({ ringing }: CallStage): boolean => ringing.length > 1

/** How a walk brings about what the machine `call` has. */
export const callPlays: Plays<'call', CallStage> = {
  invite: {
    always: inviting,
    nobody: { play: (stage) => invite(stage, { peer: stage.t.strangerId() }) },
    tooMany: 'Needs callsPerPeer calls at a time, which a check of its own has.',
  },
  other: { always: said('endpoint', accept, ringing) },
  'endpoint.ringing': { always: said('endpoint', ringing) },
  'endpoint.accept': { always: by('endpoint', take) },
  'endpoint.decline': { always: said('endpoint', decline) },
  'endpoint.busy': { last: by('endpoint', leave, surelyAlone), always: by('endpoint', leave, beside) },
  'endpoint.cancel': { always: said('endpoint', cancel) },
  'endpoint.relay': { always: relay('endpoint', 'other', candidateTo) },
  'endpoint.hangup': { always: relay('endpoint', 'other', hangupTo) },
  'endpoint.lost': {
    last: lost(
      losable,
      ({ caller, call }) => hearEnd(caller, 'reject', call, 'lost', 'where the last endpoint was cut off'),
      alone,
    ),
    always: lost(losable, hearLostEndpoint, beside),
  },
  'caller.cancel': { always: said('caller', cancel) },
  'caller.ringing': { always: said('caller', ringing) },
  'caller.accept': { always: said('caller', accept) },
  'caller.reject': { always: said('caller', decline, busy) },
  'caller.relay': {
    always: relay('caller', 'other', candidateTo),
    notOther: relay('caller', 'nobody', candidateTo),
  },
  'caller.hangup': {
    always: relay('caller', 'other', hangupTo),
    notOther: relay('caller', 'nobody', hangupTo),
  },
  'caller.lost': { always: lost(({ caller }) => caller, hearLostCaller) },
  'callee.relay': {
    always: relay('callee', 'other', candidateTo),
    notOther: relay('callee', 'nobody', candidateTo),
  },
  'callee.hangup': {
    always: relay('callee', 'other', hangupTo),
    notOther: relay('callee', 'nobody', hangupTo),
  },
  'callee.ringing': { always: said('callee', ringing) },
  'callee.accept': { always: said('callee', accept) },
  'callee.decline': { always: said('callee', decline) },
  'callee.busy': { always: said('callee', busy) },
  'callee.cancel': { always: said('callee', cancel) },
  'callee.lost': {
    always: lost(
      ({ taker }) => taker,
      ({ caller, call }) =>
        hearEnd(caller, 'call-ended', call, 'lost', 'where the endpoint that took it was cut off'),
    ),
  },
  stranger: { always: said('stranger', accept, cancel) },
  out: { always: said('out', ringing, accept, decline, busy) },
  party: { always: said('party', ringing, accept, decline, cancel) },
  timeout: {
    always: {
      when: ({ short }) => short !== undefined,
      play: async ({ t, call, short, ringing }) => {
        if (short) short.isAwaited = true
        const endpoints = short?.endpoints.filter(({ party }) => ringing.includes(party)) ?? []
        if (short) await expectTimeout(t, call, short.sentAt, short.caller, endpoints)
        return undefined
      },
    },
  },
  glare: {
    always: by('endpoint', cross, ({ t, caller }) => callsPerPeer(t, caller) > 2),
  },
  forgotten: { always: 'After 30 s at the earliest, and a server may remember a call for longer.' },
}

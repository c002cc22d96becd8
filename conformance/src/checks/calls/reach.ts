import type { Callee } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { placesFor } from '../scene/membership.ts'
import { answersAlike } from '../scene/same-answer.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { hasTwoUsers, userOf } from '../scene/token.ts'
import { inTurn } from './in-turn.ts'
import { callsPerPeer, expectSilence, ring, ringSeconds, cancel } from './stage.ts'

/** Somebody whom an invite would not ring. */
interface Unreachable {
  /** Why, in words: `a peer that is gone`. */
  readonly who: string
  readonly callee: Callee
  /** Who would ring if the server was wrong. */
  readonly endpoint?: Endpoint
  /** Whether another device may come and ring: one that is not of this scene. */
  readonly mayCome?: boolean
  /** When that may be over, in milliseconds of `performance.now()`. */
  readonly until?: number
}

/** Ends the check where somebody may be rung by now: the kit was too slow to judge. */
function unlessOver({ who, until = Infinity }: Unreachable): void {
  if (performance.now() < until) return
  throw new Undecided(
    'inconclusive',
    `The time of the calls of ${who} was over before the answer came: answers take too long here`,
  )
}

/** One who invites, and everybody whom that would not ring. */
interface Nobody {
  readonly caller: Endpoint
  readonly unreachable: readonly Unreachable[]
}

/** Most calls that are begun to fill an endpoint. */
const mostCalls = 64

/**
 * Brings in everybody who cannot be rung, each for another reason, and looks at them.
 *
 * @param look - Gets everybody.
 */
function withNobody(t: CheckContext, look: (nobody: Nobody) => Promise<void>): Promise<void> {
  return inTurn(t, async ({ device }) => {
    await look(await gatherNobody(t, device))
  })
}

async function gatherNobody(t: CheckContext, device: () => Promise<Endpoint>): Promise<Nobody> {
  const places = placesFor(t, 4, 3)
  const room = t.room()
  const [caller, gone, bare] = await Promise.all([t.client(), t.client(), t.client({ capabilities: [] })])
  await t.join(room, caller, gone, bare)
  gone.send({ type: 'bye' })
  await caller.expect('peer-left', ({ peer }) => peer === gone.peer, `peer-left about ${gone.peer}`)
  const unreachable: Unreachable[] = [
    { who: 'a peer that nobody is', callee: { peer: t.strangerId() } },
    { who: 'a user that does not exist', callee: { user: `nobody-${t.random.hex(16)}` } },
    { who: 'a peer that has gone', callee: { peer: gone.peer } },
    { who: 'a peer without calls in force', callee: { peer: bare.peer }, endpoint: bare },
    { who: 'the sender itself', callee: { peer: caller.peer } },
  ]
  if (t.target.needsAuth) {
    const due = await t.client({ anonymous: true })
    unreachable.push({
      who: 'a peer that has still to authenticate',
      callee: { peer: due.peer },
      endpoint: due,
    })
  }
  const apart = await apartFrom(t, caller)
  if (apart) unreachable.push(apart)
  // Where strangers may be rung, this one would ring.
  if (apart && hasTwoUsers(t))
    unreachable.push({
      who: 'a user in no common room',
      callee: { user: userOf(t, 1) },
      endpoint: await device(),
    })
  if (!apart && hasTwoUsers(t)) {
    const offline = await leftUser(t, caller, device)
    if (offline) unreachable.push(offline)
  }
  // The control: somebody can be rung here, as long as there are not too many calls.
  const there = await t.client()
  await t.join(room, caller, there)
  const call = await ring(t, caller, [there])
  await cancel(caller, call)
  if (places > 3 && callsPerPeer(t, there) <= mostCalls) unreachable.push(...(await filled(t, room, there)))
  return { caller, unreachable }
}

/** A user who was there, and is there no more; nobody where another device rings. */
async function leftUser(
  t: CheckContext,
  caller: Endpoint,
  device: () => Promise<Endpoint>,
): Promise<Unreachable | undefined> {
  const leaving = await device()
  leaving.send({ type: 'bye' })
  await leaving.endsWithin(t.dueMs)
  const callee = { user: userOf(t, 1) }
  const call = t.callId()
  const { type } = await requestInTime(caller, { type: 'invite', call, callee })
  if (type !== 'ok') return { who: 'a user that has gone', callee, mayCome: true }
  caller.send({ type: 'cancel', call, reason: 'normal' })
  return undefined
}

/** A peer that shares no room with the caller, where the server does not let such a caller invite it: that is its operator's to say. */
async function apartFrom(t: CheckContext, caller: Endpoint): Promise<Unreachable | undefined> {
  const apart = await t.client()
  await t.join(t.room(), apart)
  const callee = { peer: apart.peer }
  const call = t.callId()
  const { type } = await requestInTime(caller, { type: 'invite', call, callee })
  if (type !== 'ok') return { who: 'a peer in no common room', callee, endpoint: apart }
  caller.send({ type: 'cancel', call, reason: 'normal' })
  return undefined
}

/** Two peers that have as many calls as they may have, all of one to the other. */
async function filled(t: CheckContext, room: string, full: Endpoint): Promise<readonly Unreachable[]> {
  const other = await t.client()
  await t.join(room, other)
  const until = performance.now() + ringSeconds(t, full) * 1000
  for (let count = 0; count < callsPerPeer(t, full); count += 1) await ring(t, other, [full])
  const who = 'a peer with callsPerPeer calls'
  return [
    { who, callee: { peer: full.peer }, endpoint: full, until },
    { who: `${who} that it has begun itself`, callee: { peer: other.peer }, endpoint: other, until },
  ]
}

/** Invites somebody; comes back where the server says that this comes too often. */
async function askFor(t: CheckContext, caller: Endpoint, callee: Callee) {
  const call = t.callId()
  const outcome = await requestInTime(caller, { type: 'invite', call, callee })
  if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
  return { call, outcome }
}

/** ring.unavailable */
async function refusesNobody(t: CheckContext, { caller, unreachable }: Nobody): Promise<void> {
  for (const each of unreachable) {
    const { who, callee, endpoint, mayCome = false } = each
    const { call, outcome } = await askFor(t, caller, callee)
    if (mayCome && outcome.type === 'ok') continue
    if (outcome.code !== 'user-unavailable') {
      unlessOver(each)
      throw unexpected(outcome, `user-unavailable for the invite of ${who}`)
    }
    if (endpoint === undefined) continue
    await endpoint.sync()
    expectSilence(endpoint, call, 0, 'where it cannot be rung')
  }
}

/** ring.no-oracle: everything is answered like the invite of a peer that nobody is. */
async function answersAllAlike(t: CheckContext, { caller, unreachable }: Nobody): Promise<void> {
  const [nobody, ...others] = unreachable
  if (nobody === undefined) return
  const secrets = unreachable.flatMap(({ callee }) => Object.values<string>(callee))
  const answer = async (each: Unreachable): Promise<Wire> => {
    const { outcome } = await askFor(t, caller, each.callee)
    if (outcome.type === 'error') return outcome.message
    unlessOver(each)
    return t.couldNotRun(`The server accepts the invite of ${each.who}: see ring.unavailable`)
  }
  for (const other of others)
    await answersAlike(
      () => answer(nobody),
      () => answer(other),
      `invites of ${nobody.who} and of ${other.who}`,
      secrets,
    )
}

/** Pairs of answers that have to tell two cases apart before a difference in time counts. */
const timedRounds = 12

/** Difference in milliseconds that no difference of work in one process makes; what asks somebody else is above it. */
const noticeableMs = 20

/**
 * ring.no-timing: the cases differ only where every answer in one took noticeably longer than every answer in the other, which by chance
 * is never so.
 */
async function takesAsLong(t: CheckContext, { caller, unreachable }: Nobody): Promise<void> {
  const [nobody, ...others] = unreachable
  if (nobody === undefined) return
  t.cost({ ms: 4 * others.length * t.target.roundTripMs }, 'Timing many invites')
  const timed = async ({ callee }: Unreachable) => {
    const began = performance.now()
    const { outcome } = await askFor(t, caller, callee)
    return outcome.type === 'error' ? performance.now() - began : undefined
  }
  for (const other of others) {
    const [ones, twos]: [number[], number[]] = [[], []]
    const apart = () =>
      Math.min(...twos) - Math.max(...ones) > noticeableMs ||
      Math.min(...ones) - Math.max(...twos) > noticeableMs
    while (ones.length < timedRounds) {
      // In turn, the other one first every second time: what drifts meets both.
      const order = ones.length % 2 === 0 ? [nobody, other] : [other, nobody]
      for (const each of order) {
        const took = await timed(each)
        if (took === undefined) {
          unlessOver(each)
          t.couldNotRun(`The server accepts the invite of ${each.who}: see ring.unavailable`)
        }
        ;(each === nobody ? ones : twos).push(took)
      }
      if (!apart()) break
    }
    if (!apart()) continue
    const words = (times: readonly number[]) =>
      `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`
    throw new CheckFailure(
      `answers as soon for the invite of ${other.who} as for that of ${nobody.who}`,
      `${String(timedRounds)} of the one took ${words(twos)}, as many of the other ${words(ones)}`,
    )
  }
}

function onNobody(
  requirement: ServerRequirementId,
  title: string,
  look: (t: CheckContext, nobody: Nobody) => Promise<void>,
): Check {
  return check(requirement, title, (t) => withNobody(t, (nobody) => look(t, nobody)), { capability: 'calls' })
}

/** Checks of spec/calls.md, Who can be reached. */
export const reachChecks: readonly Check[] = [
  onNobody('ring.unavailable', 'whoever cannot be rung, for each reason', refusesNobody),
  onNobody('ring.no-oracle', 'one answer for every reason', answersAllAlike),
  onNobody('ring.no-timing', 'one time for every reason', takesAsLong),
]

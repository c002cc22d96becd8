import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { sharedRoom } from '../scene/granted-room.ts'
import { placesFor } from '../scene/membership.ts'
import { requireTwoUsers, userOf } from '../scene/token.ts'
import { ringsOnRefreshed, ringsWhoHasResumed } from './device-again.ts'
import type { Cast } from './device-cast.ts'
import { beginTimeout, cancelsEverywhere, losesOneDevice, losesTheCaller } from './device-ends.ts'
import {
  beforeAccept,
  carriesToEveryDevice,
  declinesEverywhere,
  hidesDevices,
  leavesWhoIsOut,
  letsMembersInviteUsers,
  letsOneTake,
  letsOneWin,
  letsOthersRing,
  ringsBackOnce,
  ringsEveryDevice,
  ringsOnePeer,
  ringsOwnDevices,
  sparesCoreDevice,
} from './device-parts.ts'
import {
  crossesNothingOfOthers,
  crossesNothingWhereOut,
  givesWayEverywhere,
  givesWayToOne,
  losesToOne,
} from './glare-devices.ts'
import {
  beginManyTimeout,
  cancelsAtMany,
  castOfMany,
  declinesForMany,
  letsOneOfManyTake,
  letsTheLastRing,
  ringsEveryOneOfMany,
  tellsNoneWhoIsOut,
} from './many-devices.ts'
import { unlessForeignDevice } from './foreign-device.ts'
import { inTurn, type Turn } from './in-turn.ts'
import { freesPlacesOfDevices, sparesFullDevice } from './places.ts'

/** What is looked at where a user is rung on several devices. */
const everyPart = [
  'members',
  'invited',
  'one-peer',
  'carried',
  'core-device',
  'oneself',
  'resumed',
  'hidden',
  'ringing',
  'accept',
  'race',
  'decline',
  'busy',
  'out',
  'cancel',
  'refresh',
  'glare',
  'glare-out',
  'glare-others',
  'glare-several',
  'glare-between',
  'places',
  'full',
  'timeout',
  'caller-lost',
  'endpoint-lost',
  'many-invited',
  'many-accept',
  'many-decline',
  'many-cancel',
  'many-timeout',
  'many-lost',
  'many-busy',
] as const

/** Parts that may fail because a device is not rung; after them the others are not looked at: each waits in vain for as long. */
const mostUnrung = 3

/** One of them. */
export type DevicePart = (typeof everyPart)[number]

/** What came of each part: nothing wrong, or what a check of it throws. */
export type DeviceFindings = ReadonlyMap<DevicePart, Error | undefined>

/**
 * Plays everything that takes a user with two devices, one part after another with the same connections: two checks at the same time would ring
 * each other's devices.
 */
export async function ringDevices(t: CheckContext): Promise<DeviceFindings> {
  requireTwoUsers(t)
  placesFor(t, 4, 4)
  return await inTurn(t, (turn) => playAll(t, turn))
}

async function playAll(t: CheckContext, turn: Turn): Promise<DeviceFindings> {
  const findings = new Map<DevicePart, Error | undefined>()
  const room = sharedRoom(t, 0, 1)
  const [a, c] = [await t.client(), await t.client()]
  const first = await turn.device()
  await t.join(room, a, c, first)
  const user = userOf(t, 1)
  const begun: Cast['begun'] = []
  const unrung: CheckFailure[] = []
  const look = async (part: DevicePart, looking: () => Promise<void>) => {
    if (unrung.length >= mostUnrung) {
      findings.set(part, unrung[0])
      return
    }
    begun.length = 0
    try {
      await looking()
      findings.set(part, undefined)
    } catch (thrown) {
      const error = await turn.excuse(thrown)
      if (error instanceof CheckFailure) error.seen = t.transcript.length
      if (error instanceof CheckFailure && error.presupposes === 'ring.invited') unrung.push(error)
      findings.set(part, error instanceof Error ? error : new Error(String(error)))
      // What still rings would cross what comes.
      for (const { caller, call } of begun)
        if (caller.end === undefined) caller.send({ type: 'cancel', call, reason: 'normal' })
    }
  }
  const alone = beforeAccept(t, a, user, [first])
  const [rung] = await Promise.allSettled([alone])
  const place = { room, caller: a, user }
  const phone = rung.status === 'fulfilled' ? await unlessForeignDevice(t, turn, place, first) : first
  const laptop = await turn.device()
  await t.join(room, a, c, phone, laptop)
  const cast: Cast = { room, a, c, phone, laptop, user, begun }
  await look('members', () => letsMembersInviteUsers(t, cast))
  await look('invited', () => ringsEveryDevice(t, cast))
  // Where the devices do not ring there is nothing else to look at.
  const problem = findings.get('invited')
  if (problem instanceof CheckFailure && problem.presupposes === 'ring.invited')
    return new Map(everyPart.map((part) => [part, part === 'members' ? findings.get(part) : problem]))
  await look('one-peer', () => ringsOnePeer(t, cast))
  await look('carried', () => carriesToEveryDevice(t, cast))
  await look('core-device', () => sparesCoreDevice(t, cast))
  await look('places', () => freesPlacesOfDevices(t, cast))
  await look('full', () => sparesFullDevice(t, cast))
  const overdue = await beginTimeout(t, cast)
  await look('hidden', () => hidesDevices(t, cast, alone))
  await look('oneself', () => ringsOwnDevices(t, cast))
  await look('resumed', () => ringsWhoHasResumed(t, cast))
  await look('ringing', () => ringsBackOnce(t, cast))
  await look('accept', () => letsOneTake(t, cast))
  await look('race', () => letsOneWin(t, cast))
  await look('decline', () => declinesEverywhere(t, cast))
  await look('busy', () => letsOthersRing(t, cast))
  await look('out', () => leavesWhoIsOut(t, cast))
  await look('cancel', () => cancelsEverywhere(t, cast))
  await look('refresh', () => ringsOnRefreshed(t, cast))
  await look('timeout', overdue)
  // With the call whose end was waited for, a device of a server that lets it have two would have one too many.
  await look('glare', () => givesWayEverywhere(t, cast))
  await look('glare-out', () => crossesNothingWhereOut(t, cast))
  await look('glare-others', () => crossesNothingOfOthers(t, cast))
  await look('glare-several', () => givesWayToOne(t, cast))
  await look('glare-between', () => losesToOne(t, cast))
  await look('caller-lost', () => losesTheCaller(t, cast))
  await look('endpoint-lost', () => losesOneDevice(t, cast))
  if (unrung.length >= mostUnrung) {
    for (const part of everyPart) if (!findings.has(part)) findings.set(part, unrung[0])
    return findings
  }
  const many = castOfMany(t, cast, turn.device)
  const manyOverdue = many.then((cast) => beginManyTimeout(t, cast))
  await Promise.allSettled([manyOverdue])
  const passing: Endpoint[] = []
  const passer = async () => {
    const device = await turn.device()
    passing.push(device)
    return device
  }
  await look('many-invited', async () => ringsEveryOneOfMany(t, await many, passer))
  // They are not to ring with those of later parts.
  for (const device of passing) if (device.end === undefined) device.send({ type: 'bye' })
  await Promise.all(passing.map((device) => device.endsInTime()))
  await look('many-accept', async () => letsOneOfManyTake(t, await many))
  await look('many-decline', async () => declinesForMany(t, await many))
  await look('many-cancel', async () => cancelsAtMany(t, await many))
  await look('many-timeout', async () => (await manyOverdue)())
  await look('many-lost', async () => tellsNoneWhoIsOut(t, await many))
  await look('many-busy', async () => letsTheLastRing(t, await many))
  return findings
}

/** Throws what came of a part. */
export function judge(findings: DeviceFindings, part: DevicePart): void {
  const problem = findings.get(part)
  if (problem) throw problem
  if (!findings.has(part)) throw new Undecided('could-not-run', 'What leads there did not come to its end')
}

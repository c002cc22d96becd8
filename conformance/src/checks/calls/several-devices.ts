import { check, type Check, type CheckOptions } from '../../engine/check.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { judge, ringDevices, type DevicePart } from './devices.ts'

/** A check of one part of the scene with two devices, which is played once in a run. */
function onTwoDevices(
  requirement: ServerRequirementId,
  title: string,
  part: DevicePart,
  options: CheckOptions = {},
): Check {
  return check(
    requirement,
    title,
    async (t) => {
      judge(await t.shared('user-with-two-devices', ringDevices), part)
    },
    { name: 'devices', ...options, capability: 'calls', waits: true },
  )
}

/** Checks of spec/calls.md where a user is rung on two devices. */
export const deviceChecks: readonly Check[] = [
  onTwoDevices('ring.members', 'a member rings another one by its user, and its own user', 'members'),
  onTwoDevices('ring.invited', 'both devices of a user ring', 'invited'),
  onTwoDevices('ring.invited', 'the user that one is rings on the other devices', 'oneself', {
    name: 'oneself',
  }),
  onTwoDevices('ring.invited', 'a device that has resumed its session', 'resumed', { name: 'resumed' }),
  onTwoDevices('ring.invited', 'one device has all calls that it may have', 'full', { name: 'full' }),
  onTwoDevices('ring.only-endpoints', 'one peer of a user rings alone', 'one-peer'),
  onTwoDevices('ring.carried', 'label and data reach every device', 'carried'),
  onTwoDevices('ring.invited', 'a device of the user has not asked for calls', 'core-device', {
    name: 'core-device',
  }),
  onTwoDevices('ring.hidden', 'what the caller learns before anybody answers', 'hidden'),
  onTwoDevices('ring.ringing', 'two devices say that they ring', 'ringing'),
  onTwoDevices('ring.accept', 'one device takes the call, and the other is told', 'accept'),
  onTwoDevices('ring.accept', 'two devices take the call at the same moment', 'race', { name: 'race' }),
  onTwoDevices('ring.decline', 'one device declines for both', 'decline'),
  onTwoDevices('ring.busy', 'one device is busy, then the other', 'busy'),
  onTwoDevices('ring.endpoint-lost', 'one device is lost', 'endpoint-lost'),
  onTwoDevices('ring.cancel', 'the caller gives up on both devices', 'cancel'),
  onTwoDevices('ring.caller-lost', 'the caller is lost while both devices ring', 'caller-lost'),
  onTwoDevices('ring.timeout', 'neither device answers within a second', 'timeout'),
  onTwoDevices('ring.glare', 'a call to two devices gives way', 'glare'),
  onTwoDevices('ring.glare', 'a device that is out of a call calls back', 'glare-out', { name: 'out' }),
  onTwoDevices('ring.glare', 'calls between other devices of the same users', 'glare-others', {
    name: 'others',
  }),
  onTwoDevices('ring.glare', 'a call crosses those of two devices', 'glare-several', { name: 'several' }),
  onTwoDevices('ring.glare', 'a call loses to one of two that it crosses', 'glare-between', {
    name: 'between',
  }),
  onTwoDevices('talk.refresh', 'a device refreshes its authentication while two ring', 'refresh'),
  onTwoDevices('ring.calls-per-peer', 'the place of a device that a call has left', 'places'),
  onTwoDevices('ring.last', 'what a device is told of a call that it is out of', 'out'),
  onTwoDevices('ring.last', 'a party is lost when one of four devices has taken the call', 'many-lost', {
    name: 'many-devices',
  }),
  onTwoDevices('ring.invited', 'eight devices of a user ring', 'many-invited', { name: 'many-devices' }),
  onTwoDevices('ring.accept', 'one of four devices takes the call', 'many-accept', { name: 'many-devices' }),
  onTwoDevices('ring.decline', 'one of four devices declines', 'many-decline', { name: 'many-devices' }),
  onTwoDevices(
    'ring.timeout',
    'one of four devices is busy, and none of the others answers',
    'many-timeout',
    {
      name: 'many-devices',
    },
  ),
  onTwoDevices('ring.busy', 'three of four devices are busy or lost', 'many-busy', { name: 'many-devices' }),
  onTwoDevices(
    'ring.cancel',
    'the caller gives up on four devices, and on what is left of them',
    'many-cancel',
    {
      name: 'many-devices',
    },
  ),
]

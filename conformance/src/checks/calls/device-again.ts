import type { CheckContext } from '../../engine/context.ts'
import { expecting } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { authenticate, tokenOf } from '../scene/token.ts'
import { ringBoth, type Cast } from './device-cast.ts'
import { callsPerPeer, cancel, hear, ring } from './stage.ts'

/** A device that rings already rings for another call, too. */
export async function ringsWhoRings(t: CheckContext, cast: Cast): Promise<void> {
  const { a, c, phone, begun } = cast
  if (callsPerPeer(t, phone) < 2) return
  const first = await ring(t, c, [phone])
  begun.push({ caller: c, call: first })
  const both = `an invite at each of two devices, one of which rings for another call already`
  const second = await expecting(both, ringBoth(t, a, cast, { label: 'another' }))
  await cancel(a, second)
  await cancel(c, first)
}

/** A device is one of its user's whenever it has authenticated, and however often. */
export async function ringsWhoHasRefreshed(t: CheckContext, cast: Cast, device: Endpoint): Promise<void> {
  const { type } = await authenticate(device, await tokenOf(t, 1))
  // Whether a server takes it is for the check of auth.refresh to say.
  if (type !== 'authenticated') return
  const call = await ringBoth(t, cast.a, cast)
  await hear(
    device,
    'invite',
    call,
    `an invite at ${device.name}, which has authenticated twice as that user`,
  )
  await cancel(cast.a, call)
}

import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { ring, type InviteOptions } from './stage.ts'

/** One who calls, a user's devices, and somebody who calls that user, too. */
export interface Cast {
  readonly room: string
  readonly a: Endpoint
  readonly c: Endpoint
  readonly phone: Endpoint
  readonly laptop: Endpoint
  readonly user: string
  /** The calls between the user and the caller that were begun in the part that is played. */
  readonly begun: { readonly caller: Endpoint; readonly call: string }[]
}

/** Rings the user on both devices. */
export function ringBoth(
  t: CheckContext,
  caller: Endpoint,
  { phone, laptop, user, begun }: Cast,
  options: InviteOptions = {},
): Promise<string> {
  const call = options.call ?? t.callId()
  begun.push({ caller, call })
  return ring(t, caller, [phone, laptop], { ...options, call, callee: { user } })
}

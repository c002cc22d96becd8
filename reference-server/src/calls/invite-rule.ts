import type { Callee, Party } from '@parley/schemas'
import type { Awaitable } from '../directory.ts'

/** Who wants to ring whom. */
export interface InviteQuestion {
  readonly caller: Party
  readonly callee: Callee
}

/**
 * An application's own rule for who may ring whom. It is asked about every invite, whether the callee is there or not, and does best to take
 * equally long for all: what is refused looks to the caller as if nobody was there. Has to answer within 4.5 s.
 */
export type InvitePermission = (question: InviteQuestion) => Awaitable<boolean>

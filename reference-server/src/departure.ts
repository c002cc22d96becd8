import type { KnownErrorCode, LeaveReason, PeerId } from '@parley/schemas'
import { leaveCalls } from './calls/telling.ts'
import { whenReady, type Awaitable } from './directory.ts'
import { disappear } from './discovery/telling.ts'
import type { Engine } from './handler.ts'
import { announceDeparture } from './presence.ts'

/** An end that is under way. */
export interface Leaving {
  readonly reason: LeaveReason
  readonly done: Promise<void>
  readonly resolve: () => void
}

/** An end that begins now. */
export function leavingFor(reason: LeaveReason): Leaving {
  let resolve = (): void => undefined
  const done = new Promise<void>((settle) => {
    resolve = settle
  })
  return { reason, done, resolve }
}

const leaveReasons: Partial<Record<KnownErrorCode, LeaveReason>> = {
  replaced: 'replaced', // replaces.peer-left
  'token-expired': 'expired', // rooms.ended
  kicked: 'kicked',
}

/** What the rooms of a peer are told whose connection ended with a fatal error. */
export function leaveReasonOf(code: KnownErrorCode): LeaveReason {
  return leaveReasons[code] ?? 'lost'
}

/** Ends what a peer has a part in, and tells the others. */
export function leaveRooms(peer: PeerId, reason: LeaveReason, engine: Engine): Awaitable<void> {
  const { router, directory, journal } = engine
  journal.ended(peer, reason)
  // rooms.left-last: what was accepted from this peer has been handed to the router before
  return whenReady(router.detach(peer), () =>
    whenReady(directory.disconnect(peer), (departures) => {
      const told = [
        ...departures.map((departure) => announceDeparture(router, departure, peer, reason)),
        leaveCalls(peer, engine),
        disappear(peer, engine),
      ]
      const waits = told.filter((wait) => wait instanceof Promise)
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined)
    }),
  )
}
